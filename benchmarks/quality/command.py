"""PSNR and SSIM of covers and revealed secrets, through files: our models beside baselines."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.common.command import finish, guarded, measurement_parser, source_of
from benchmarks.common.configurations import configurations_of, models_of
from benchmarks.common.photographs import find_photographs, pairs_of
from benchmarks.common.provenance import provenance
from benchmarks.common.store import Store
from benchmarks.quality.measure import measure, secrets_that_fit
from benchmarks.quality.plot import draw
from benchmarks.quality.table import markdown


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = measurement_parser(
        "quality",
        __doc__,
        plot="revealed PSNR against cover PSNR",
        quick="measure four pairs only",
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    configurations = configurations_of(options.model)
    store = Store(options.work)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        pairs = pairs_of(find_photographs(options.photographs, work))
        pairs = pairs[:4] if options.quick else pairs
        rows = [asdict(row) for row in measure(configurations, pairs, work, store)]
        fits = secrets_that_fit(pairs, store)
    result = {
        "benchmark": "quality",
        "photographs": source_of(options),
        "pairs": len(pairs),
        "covers": [pair.cover.name for pair in pairs],
        "secrets": [pair.secret.name for pair in pairs],
        **provenance(*models_of(configurations)),
        "lossless_webp_fits": fits,
        "rows": rows,
    }
    return finish(options, result, markdown(rows), draw)
