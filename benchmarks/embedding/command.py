"""How well `quiet` embeds: quality through PNG files, time, and how close it is to the bound.

Times are those of one processor core, per megapixel, and include PNG files.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.common.command import add_outputs, guarded, source_of
from benchmarks.common.photographs import find_photographs
from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_result
from benchmarks.embedding.efficiency import efficiency_rows
from benchmarks.embedding.quality import quality_row
from benchmarks.embedding.table import efficiency, quality


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks embedding", description=__doc__)
    add = parser.add_argument
    add(
        "photographs",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="folder of photographs (default: four that scikit-image includes)",
    )
    add(
        "--payloads",
        type=float,
        nargs="+",
        default=[0.05, 0.1, 0.2],
        metavar="BITS",
        help="bits per sample (0.05 0.1 0.2)",
    )
    add("--heights", type=int, nargs="+", default=[7, 8, 9, 10], help="of the code (7 8 9 10)")
    add("--covers", type=int, default=6, help="covers the code is tried on (%(default)s)")
    add("--pictures", type=int, default=66, help="most photographs for quality (%(default)s)")
    add_outputs(parser)
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        files = find_photographs(options.photographs, Path(folder))
        result: dict[str, Any] = {
            "benchmark": "embedding",
            "photographs": source_of(options),
            **provenance("quiet"),
            "efficiency": efficiency_rows(
                _spread(files, options.covers), options.payloads, options.heights
            ),
            "quality": [
                quality_row(_spread(files, options.pictures), payload, Path(folder))
                for payload in options.payloads
            ],
        }
    print(f"{quality(result)}\n\n{efficiency(result)}")
    write_result(options.json, result)
    return 0


def _spread(files: list[Path], most: int) -> list[Path]:
    """At most so many of the files, at equal distances."""
    count = min(most, len(files))
    return [files[number * len(files) // count] for number in range(count)]
