"""Hides and reveals with damaged picture files of every format, in processes that may crash."""

from __future__ import annotations

import argparse
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.robustness.corpus import corpus
from benchmarks.robustness.fuzz_supervisor import Supervisor, Tally

SUMMARY = "hide and reveal with damaged picture files"


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add = parser.add_argument
    add(
        "--files",
        type=int,
        default=20_000,
        metavar="N",
        help="number of damaged files (%(default)s)",
    )
    add("--first", type=int, default=0, metavar="N", help="number of the first file (%(default)s)")
    add("--seed", type=int, default=1, help="seed of the damage (%(default)s)")
    add("--workers", type=int, default=2, metavar="N", help="processes (%(default)s)")
    add(
        "--seconds",
        type=float,
        default=10.0,
        help="processor time after which a file counts as a hang, as it does after a minute "
        "without any (%(default)s)",
    )
    add(
        "--seconds-a-megapixel",
        type=float,
        default=2.5,
        metavar="SECONDS",
        help="processor time per megapixel, where that allows more (%(default)s)",
    )
    add("--mebibytes", type=int, default=4096, metavar="N", help="memory limit (%(default)s)")
    add(
        "--folder-share",
        type=int,
        default=10,
        metavar="N",
        help="every Nth file is also tried in a folder (%(default)s)",
    )
    add(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep files that fail in this folder, each with the reason",
    )


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Tries all files; returns the report, and whether nothing failed."""
    files = corpus()
    tally = Tally()
    last = options.first + options.files
    workers = options.workers
    shares = [range(options.first + worker, last, workers) for worker in range(workers)]
    with tqdm(total=options.files, unit="file", disable=None, leave=False) as bar:
        threads = [
            threading.Thread(target=Supervisor(options, files, tally, bar).work, args=(share,))
            for share in shares
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kinds = Counter(failure["outcome"] for failure in tally.failures)
    report = {
        "files": options.files,
        "seed": options.seed,
        "valid_files_that_were_damaged": len(files),
        "limits": {
            "seconds": options.seconds,
            "seconds_a_megapixel_if_more": options.seconds_a_megapixel,
            "mebibytes": options.mebibytes,
        },
        "files_that_say_they_are_so_large_that_they_may_take_more": tally.large,
        "files_through_folders": tally.through_folders,
        "outcomes": _nested(tally.outcomes),
        "outcomes_as_cover_by_format": _nested(tally.formats),
        "cut_by_a_quarter_but_read": dict(sorted(tally.cut_but_read.items())),
        "failures": dict(kinds),
        "failing_files": [
            {key: failure[key] for key in ("index", "sample", "how", "operation", "outcome")}
            for failure in tally.failures[:100]
        ],
        "slowest": tally.slowest,
        "most_memory": tally.largest,
    }
    return report, not tally.failures


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (first, second), count in sorted(counts.items()):
        nested.setdefault(first, {})[second] = count
    return nested
