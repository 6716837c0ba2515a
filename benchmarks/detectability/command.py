"""What an observer without the cover finds: tests without training, and a trained detector.

The tests run on containers of every configuration, on plain LSB matching with the same payloads,
and on plain LSB replacement, which the classical ones were designed for. The residue test was
designed for `clear`; it also runs on whole photographs. The detector learns from N pairs of covers
and containers, and is tested on other photographs. It needs Keras (the extra `bench`).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tqdm import tqdm

from benchmarks.common.command import finish, guarded, measurement_parser, source_of
from benchmarks.common.configurations import configurations_of, models_of
from benchmarks.common.photographs import find_photographs
from benchmarks.common.provenance import provenance
from benchmarks.common.store import Store
from benchmarks.detectability.crops import crops_of
from benchmarks.detectability.detector import import_keras
from benchmarks.detectability.full_size import full_size_rows
from benchmarks.detectability.measure import Trial
from benchmarks.detectability.methods import all_methods
from benchmarks.detectability.plot import draw
from benchmarks.detectability.table import found, markdown, residues


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = measurement_parser(
        "detectability",
        __doc__,
        plot="ROC and accuracy",
        quick="use eight pairs and few steps only",
    )
    add = parser.add_argument
    add(
        "--train",
        type=Path,
        metavar="DIR",
        help="photographs to learn from (default: every second one of DIR, which is then not "
        "tested on)",
    )
    add(
        "--pairs",
        type=int,
        nargs="+",
        default=[50, 100, 500],
        metavar="N",
        help="numbers of pairs to learn from (50 100 500)",
    )
    add(
        "--test-pairs",
        type=int,
        default=132,
        metavar="N",
        help="most pairs to test on (%(default)s)",
    )
    add("--side", type=int, default=256, help="width and height of crops in pixels (%(default)s)")
    add("--steps", type=int, default=250, help="fewest training steps (%(default)s)")
    add("--no-detector", action="store_true", help="run only the tests without training")
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.side < 128:
        raise ValueError("--side must be at least 128")
    if not options.no_detector:
        # Fails now if Keras is missing, not after minutes.
        import_keras()
    if options.quick:
        options.pairs, options.test_pairs, options.steps = [8], 8, 20
    with tempfile.TemporaryDirectory() as folder:
        return _measure(options, Path(folder))


def _measure(options: argparse.Namespace, folder: Path) -> int:
    learned_from, tested_on = _photographs(options, folder)
    training = crops_of(learned_from, options.side, max(options.pairs))
    test = crops_of(tested_on, options.side, options.test_pairs)
    sizes = sorted({min(size, len(training.pictures)) for size in options.pairs})
    if not sizes or sizes[0] < 2 or len(test.pictures) < 2:
        raise ValueError(
            "too few photographs: at least two crops to learn from and two to test on are needed"
        )
    configurations, store = configurations_of(options.model), Store(options.work)
    methods = all_methods(configurations)
    trained = [] if options.no_detector else sizes
    rows = [
        # A trial keeps its containers: only one at a time is in memory.
        Trial(method, training, test, store).row(trained, options.steps)
        for method in tqdm(methods, unit="method", disable=None, leave=False)
    ]
    result = {
        "benchmark": "detectability",
        "photographs": source_of(options),
        "learned_from": options.train.name if options.train else "every second one of them",
        "side": options.side,
        "test_pairs": len(test.pictures),
        "learning_pairs": sizes,
        **provenance(*models_of(configurations)),
        "rows": rows,
        "full_size": full_size_rows(configurations, tested_on[: options.test_pairs], store),
    }
    tables = "\n\n".join([markdown(result), residues(result), found(result)])
    return finish(options, result, tables, draw)


def _photographs(options: argparse.Namespace, folder: Path) -> tuple[list[Path], list[Path]]:
    """Photographs to learn from and others to test on."""
    test = find_photographs(options.photographs, folder)
    if options.train:
        return find_photographs(options.train, folder), test
    return test[::2], test[1::2]
