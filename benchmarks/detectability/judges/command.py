"""What detectors of others find: `quiet` beside other ways of hiding, at the same payload.

The detectors are ensembles of Fisher linear discriminants over SPAM and CRM features, and estimates
of sample pair analysis, from `sealwatch`; HILL is simulated by `conseal`. They are trained on pairs
of covers and containers at the payload they are tested at, and tested on other photographs. Covers
are what `quiet` makes of photographs: halved where they were compressed with loss; what rounding
cut off is used with --halve only. Needs the extra `judges`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import cache, partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.common.command import add_outputs, guarded, source_of
from benchmarks.common.photographs import find_photographs
from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_result
from benchmarks.detectability.judges import covers, network
from benchmarks.detectability.judges.covers import Cover
from benchmarks.detectability.judges.ensemble import Pairs, crossed, verdict
from benchmarks.detectability.judges.features import SETS, Features
from benchmarks.detectability.judges.kept import Kept
from benchmarks.detectability.judges.kinds import KINDS, MODELS, Setting, digest_of
from benchmarks.detectability.judges.shown import ShownPairs, shown_pairs
from benchmarks.detectability.judges.table import cell, markdown
from runtime.engine.cores import cores
from runtime.images.image import Picture

_FIRST_TEST_NUMBER = 1_000_000

Verdict = tuple[Setting, str, dict[str, Any]]
"""A kind of hiding at a payload, the judge, and what it found."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks judges", description=__doc__)
    add = parser.add_argument
    add("photographs", type=Path, metavar="DIR", help="folder of photographs to test on")
    add("--train", type=Path, required=True, metavar="DIR", help="photographs to learn from")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="ways of hiding (all)")
    add(
        "--payloads",
        type=float,
        nargs="+",
        default=[0.05, 0.1, 0.2],
        metavar="BITS",
        help="bits per sample (0.05 0.1 0.2)",
    )
    add("--features", nargs="*", choices=SETS, default=["CRM"], help="feature sets (CRM)")
    add("--side", type=int, default=256, help="side of crops in pixels, 0 for whole photographs")
    add("--test-side", type=int, help="side of the crops to test on, if it is another")
    add(
        "--halve",
        action="store_true",
        help="halve all photographs, as `quiet` does those that were compressed with loss, and let "
        "it know what rounding cut off",
    )
    add("--pairs", type=int, default=500, help="most pairs to learn from (%(default)s)")
    add("--test-pairs", type=int, default=132, help="most pairs to test on (%(default)s)")
    add(
        "--folds",
        type=int,
        metavar="N",
        help="divide the photographs of both folders into so many parts, and test each on what "
        "the others teach; more pairs are tested so (without: only DIR is tested)",
    )
    add(
        "--network",
        type=int,
        metavar="STEPS",
        help="also train a network that is told the costs, for so many steps on LSB matching at "
        "the largest payload and then half as many on each kind at each payload; it is tested on "
        "DIR",
    )
    add(
        "--work",
        type=Path,
        metavar="DIR",
        help="keep features and containers here, to continue later",
    )
    add_outputs(parser)
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    kept = Kept(options.work)
    side = options.side if options.test_side is None else options.test_side
    with tempfile.TemporaryDirectory() as folder:
        test, training = (
            _covers(find_photographs(source, Path(folder)), options.halve, side_of, most)
            for source, side_of, most in (
                (options.photographs, side, options.test_pairs),
                (options.train, options.side, options.pairs),
            )
        )
    if len(test) < 2 or len(training) < 2:
        raise ValueError("too few photographs: at least two to learn from and two to test on")
    if options.folds is not None and not 2 <= options.folds <= (len(training) + len(test)) // 2:
        raise ValueError("--folds must be at least 2, and at most half of the photographs")
    rows: list[dict[str, Any]] = []
    for setting, judge, found in chain(
        _by_features(kept, options, training, test), _by_network(kept, options, training, test)
    ):
        rows.append({"kind": setting.kind, "payload": setting.payload, "features": judge, **found})
        tqdm.write(_line(rows[-1]))
    result: dict[str, Any] = {
        "benchmark": "judges",
        "photographs": source_of(options),
        "learned_from": options.train.name,
        "side": side or None,
        "learned_side": options.side or None,
        "halved": options.halve,
        "megapixels": round(float(np.mean([c.picture.size / 3 for c in test])) / 1e6, 3),
        # The network is told the costs, whatever it judges.
        **provenance(*(MODELS if options.network else MODELS & set(options.kinds))),
        "rows": rows,
    }
    print(markdown([result]))
    write_result(options.json, result)
    return 0


def _covers(files: list[Path], halve: bool, side: int, most: int) -> list[Cover]:
    ready = covers.at_half if halve else covers.as_used
    return covers.crops(files, side, most, ready) if side else covers.whole(files, most, ready)


def _by_features(
    kept: Kept, options: argparse.Namespace, training: Sequence[Cover], test: Sequence[Cover]
) -> Iterator[Verdict]:
    """What ensembles find."""
    settings = [Setting(kind, rate) for rate in options.payloads for kind in options.kinds]
    for setting in tqdm(settings if options.features else [], unit="setting", disable=None):
        taught = _features(kept, options.features, setting, training, 0)
        tested = _features(kept, options.features, setting, test, _FIRST_TEST_NUMBER)
        for name in options.features:
            yield setting, name, _found(taught[name], tested[name], options.folds)


def _by_network(
    kept: Kept, options: argparse.Namespace, training: Sequence[Cover], test: Sequence[Cover]
) -> Iterator[Verdict]:
    """What a network finds of each kind, from the largest payload down."""
    if not options.network:
        return
    payloads = sorted(options.payloads, reverse=True)
    with ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        easiest = Setting("LSB matching", payloads[0])
        begun = network.Network()
        begun.learn(_shown(kept, pool, easiest, training, 0), options.network)
        for kind in tqdm(options.kinds, unit="kind", disable=None):
            shown = (
                [
                    _shown(kept, pool, Setting(kind, payload), used, first)
                    for used, first in ((training, 0), (test, _FIRST_TEST_NUMBER))
                ]
                for payload in payloads
            )
            verdicts = network.verdicts(begun.copy(), shown, -(-options.network // 2))
            for payload, found in zip(payloads, verdicts, strict=True):
                yield Setting(kind, payload), "network", found


def _features(
    kept: Kept, names: list[str], setting: Setting, used: Sequence[Cover], first: int
) -> dict[str, Pairs]:
    """Pairs of each feature set; covers are numbered from `first` on."""
    of_each: dict[str, list[tuple[Features, Features]]] = {name: [] for name in names}
    for number, cover in enumerate(used, first):
        # Hiding takes longer than most feature sets, so it is done once for all of them.
        container = cache(partial(kept.container, setting, cover, number))
        for name in names:
            of_container = kept.features(name, setting.digest(cover, number), container)
            of_each[name].append((_of_cover(kept, name, cover.picture), of_container))
    return {
        name: Pairs(*(np.stack(some) for some in zip(*pairs, strict=True)))
        for name, pairs in of_each.items()
    }


def _shown(
    kept: Kept, pool: Executor, setting: Setting, used: Sequence[Cover], first: int
) -> ShownPairs:
    """Pairs as the network is shown them; covers are numbered from `first` on."""
    pairs = [
        (cover.picture, kept.container(setting, cover, number))
        for number, cover in enumerate(used, first)
    ]
    return shown_pairs(pairs, setting.payload, pool)


def _of_cover(kept: Kept, name: str, picture: Picture) -> Features:
    return kept.features(name, digest_of(picture), lambda: picture)


def _found(taught: Pairs, tested: Pairs, folds: int | None) -> dict[str, Any]:
    return crossed(taught + tested, folds) if folds else verdict(taught, tested)


def _line(row: dict[str, Any]) -> str:
    return f"{row['kind']}, {row['features']}, {row['payload']:g} bits per sample: {cell(row)}"
