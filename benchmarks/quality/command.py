"""PSNR and SSIM of covers and revealed secrets, through files: our models beside baselines.

Measured are pairs as people have them, of different sizes, orientations and files; pairs of one
size; and, where they are given, large photographs. A secret that comes back exactly is counted, and
left out of the means.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.common.command import finish, guarded, measurement_parser, source_of
from benchmarks.common.configurations import configurations_of, models_of
from benchmarks.common.photographs import find_photographs
from benchmarks.common.provenance import provenance
from benchmarks.common.store import Store
from benchmarks.quality.cases import different_pairs, extreme_pairs, large_pairs, same_size_pairs
from benchmarks.quality.measure import Group, measure
from benchmarks.quality.plot import draw
from benchmarks.quality.table import every_table

_FEW = 4


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = measurement_parser(
        "quality",
        __doc__,
        plot="revealed PSNR against cover PSNR, and how many come back exactly",
        quick="use four photographs only",
    )
    parser.add_argument(
        "--large",
        type=Path,
        metavar="DIR",
        help="photographs of 6 megapixels and more, of which the first four are measured, whole",
    )
    parser.add_argument(
        "--extremes",
        action="store_true",
        help="measure a small secret in 12 megapixels, and 12 megapixels in one megapixel, too",
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    configurations = configurations_of(options.model)
    store = Store(options.work)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        groups = [
            measure(configurations, group, work / "files" / group.name, store)
            for group in _groups(options, work)
        ]
    result = {
        "benchmark": "quality",
        "photographs": source_of(options),
        "large": options.large.name if options.large else None,
        "pairs": len(groups[0]["pairs"]),
        **provenance(*models_of(configurations)),
        "groups": groups,
    }
    return finish(options, result, every_table(result), draw)


def _groups(options: argparse.Namespace, work: Path) -> list[Group]:
    files = find_photographs(options.photographs, work)
    files = files[:_FEW] if options.quick else files
    groups = [
        Group("different", different_pairs(files, work / "different")),
        Group("same", same_size_pairs(files, work / "same")),
    ]
    if options.extremes:
        pairs = extreme_pairs(files, work / "extreme")
        groups.append(Group("extreme", pairs, (1, 2), all_methods=False))
    if options.large:
        pairs = large_pairs(find_photographs(options.large, work), work / "large")
        groups.append(Group("large", pairs, (1,), all_methods=False))
    return groups
