"""How well `quiet` embeds: quality through PNG files, time, and how close it is to the bound.

Times are those of one processor core, per megapixel, and include PNG files.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.common.command import add_outputs, guarded, source_of
from benchmarks.common.markdown import table
from benchmarks.common.photographs import find_photographs
from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_result
from benchmarks.embedding.efficiency import efficiency_rows
from benchmarks.embedding.quality import quality_row


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
    print(f"{_quality_table(result)}\n\n{_efficiency_table(result)}")
    write_result(options.json, result)
    return 0


def _spread(files: list[Path], most: int) -> list[Path]:
    """At most so many of the files, at equal distances."""
    count = min(most, len(files))
    return [files[number * len(files) // count] for number in range(count)]


def _quality_table(result: dict[str, Any]) -> str:
    head = [
        "bits per sample",
        "cover PSNR, mean / worst",
        "revealed PSNR, mean / worst",
        "hide, s per megapixel",
        "reveal, s per megapixel",
    ]
    return table(
        head,
        (
            [
                f"{row['payload']:g}",
                *(
                    f"{row[name]['mean']:.1f} / {row[name]['worst']:.1f} dB"
                    for name in ("cover_psnr", "revealed_psnr")
                ),
                f"{row['hide_seconds']:.1f}",
                f"{row['reveal_seconds']:.2f}",
            ]
            for row in result["quality"]
        ),
    )


def _efficiency_table(result: dict[str, Any]) -> str:
    heights = sorted({row["height"] for row in result["efficiency"]})
    by_setting = {(row["payload"], row["height"]): row for row in result["efficiency"]}
    payloads = sorted({row["payload"] for row in result["efficiency"]})
    head = ["share of the bound", *(f"height {height}" for height in heights)]
    return table(
        head,
        (
            [
                f"{payload:g} bits per sample",
                *(f"{by_setting[payload, height]['share_of_bound']:.1%}" for height in heights),
            ]
            for payload in payloads
        ),
    )
