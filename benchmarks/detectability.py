"""What an onlooker finds who does not have the cover: classical tests, and a trained detector.

The tests are tried on the containers of every model and payload, on plain LSB matching at the same
payloads, and on plain LSB replacement, which they were made for. The detector learns from N pairs
of covers and containers, and is tried on other photographs. It needs the extra `train`.
"""

from __future__ import annotations

import argparse
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.baselines import matched, replaced
from benchmarks.command import guarded, write_json
from benchmarks.detector import Detector, import_keras, residuals
from benchmarks.photographs import Picture, find_photographs, read_picture
from benchmarks.provenance import provenance
from benchmarks.steganalysis import TESTS, auc
from benchmarks.store import Store, files_digest, model_digest
from benchmarks.ways import ways_of

_CONTROLS = {"LSB replacement, 1 bit": 1.0, "LSB replacement, 1/4 bit": 0.25}
_RESAMPLES = 1000


@dataclass(frozen=True)
class Kind:
    """A way of hiding that is tried.

    Attributes:
        name: For tables and plots.
        maker: Returns a function from cover, secret and a number of its own to the container.
        digest: Of what the containers depend on.
        control: Whether it is only there to show that the classical tests find what they should.
    """

    name: str
    maker: Callable[[], Callable[[Picture, Picture, int], Picture]]
    digest: str
    control: bool = False


class Crops:
    """Pictures of one size, and what the detector sees of them."""

    def __init__(self, pictures: list[Picture]) -> None:
        self.pictures = pictures

    @cached_property
    def residuals(self) -> NDArray[np.int8]:
        """See `benchmarks.detector.residuals`, (pictures, height, width, channels)."""
        return np.stack([residuals(picture) for picture in self.pictures])

    @cached_property
    def digest(self) -> int:
        """Of all pictures in their order."""
        return reduce(lambda digest, p: zlib.crc32(p.data, digest), self.pictures, 0)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks detectability", description=__doc__)
    add = parser.add_argument
    add(
        "photographs",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="photographs to try on (default: those that scikit-image carries)",
    )
    add(
        "--train",
        type=Path,
        metavar="DIR",
        help="photographs to learn from (default: every other one of DIR, then not tried on)",
    )
    add("--model", nargs="+", help="names or folders (all that are shipped)")
    add("--pairs", type=int, nargs="+", default=[50, 100, 500], metavar="N", help="(50 100 500)")
    add("--test-pairs", type=int, default=132, metavar="N", help="at most (%(default)s)")
    add("--side", type=int, default=256, help="of the crops, in pixels (%(default)s)")
    add("--steps", type=int, default=250, help="of training, at least (%(default)s)")
    add("--no-detector", action="store_true", help="the classical tests alone")
    add("--json", type=Path, metavar="FILE", help="write the result there")
    add("--plot", type=Path, metavar="PNG", help="draw the curves there")
    add("--work", type=Path, metavar="DIR", help="keep finished parts there")
    add("--quick", action="store_true", help="eight pairs, few steps")
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.side < 128:
        raise ValueError("--side must be at least 128")
    if not options.no_detector:
        # Said now if Keras is missing, not after minutes.
        import_keras()
    if options.quick:
        options.pairs, options.test_pairs, options.steps = [8], 8, 20
    learn, test = _crops(options)
    sizes = sorted({min(size, len(learn.pictures)) for size in options.pairs})
    if not sizes or sizes[0] < 2 or len(test.pictures) < 2:
        raise ValueError("too few photographs: two crops to learn from and two to try are needed")
    kinds = _kinds(options.model)
    rows = [
        _row(kind, learn, test, sizes, options)
        for kind in tqdm(kinds, unit="way", disable=None, leave=False)
    ]
    result = {
        "benchmark": "detectability",
        "photographs": options.photographs.name if options.photographs else "scikit-image",
        "learned_from": options.train.name if options.train else "every other of them",
        "side": options.side,
        "test_pairs": len(test.pictures),
        "learning_pairs": sizes,
        **provenance(*dict.fromkeys(way.model for way in ways_of(options.model))),
        "rows": rows,
    }
    print(markdown(result))
    write_json(options.json, result)
    if options.plot:
        from benchmarks.curves import draw

        draw(result, options.plot)
    return 0


def _kinds(models: list[str] | None) -> list[Kind]:
    by_hand = files_digest([Path(__file__).with_name("baselines.py")])
    found = [
        Kind(
            way.name,
            lambda w=way: (lambda hider: lambda c, s, _: hider.hide(c, s))(w.hider()),
            model_digest(way.model),
        )
        for way in ways_of(models)
    ]
    for bits in (1, 2, 3):
        found.append(
            Kind(
                f"LSB matching, {bits} bit",
                lambda b=bits: lambda cover, _, number: matched(cover, b, number),
                by_hand,
            )
        )
    for name, share in _CONTROLS.items():
        found.append(
            Kind(name, lambda s=share: lambda c, _, number: replaced(c, s, number), by_hand, True)
        )
    return found


def _crops(options: argparse.Namespace) -> tuple[Crops, Crops]:
    """Covers to learn from and covers to try on, of different photographs."""
    with tempfile.TemporaryDirectory() as folder:
        test = find_photographs(options.photographs, Path(folder))
        if options.train:
            learn = find_photographs(options.train, Path(folder))
        else:
            learn, test = test[::2], test[1::2]
        learned = _cut(learn, options.side, max(options.pairs))
        return Crops(learned), Crops(_cut(test, options.side, options.test_pairs))


def _cut(files: list[Path], side: int, most: int) -> list[Picture]:
    """So many crops, as many photographs as possible, none overlapping."""
    by_turn: list[list[Picture]] = []
    # No more files than are needed are read.
    for file in files[:: max(1, len(files) // most)]:
        picture = read_picture(file)
        for turn, (top, left) in enumerate(_corners(picture, side)):
            if turn == len(by_turn):
                by_turn.append([])
            crop = picture[top : top + side, left : left + side]
            by_turn[turn].append(np.ascontiguousarray(crop))
    return [crop for turn in by_turn for crop in turn][:most]


def _corners(picture: Picture, side: int) -> list[tuple[int, int]]:
    height, width, _ = picture.shape
    return [
        (top, left)
        for top in range(0, height - side + 1, side)
        for left in range(0, width - side + 1, side)
    ]


def _row(
    kind: Kind, learn: Crops, test: Crops, sizes: list[int], options: argparse.Namespace
) -> dict[str, Any]:
    store = Store(options.work)
    sources = [Path(__file__).with_name(f"{n}.py") for n in ("detector", "steganalysis")]
    depends_on = [
        *("detectability", kind.name, kind.digest, files_digest(sources)),
        *(learn.digest, test.digest),
    ]
    made: dict[int, Crops] = {}

    def containers(covers: Crops, seed: int) -> Crops:
        # Made when asked for, once: everything may be in the store already.
        if seed not in made:
            hide, pictures = kind.maker(), covers.pictures
            made[seed] = Crops(
                [hide(p, pictures[index - 1], seed + index) for index, p in enumerate(pictures)]
            )
        return made[seed]

    def tried() -> tuple[Crops, Crops]:
        return test, containers(test, 1_000_000)

    detector = []
    if not (kind.control or options.no_detector):
        for size in sizes:
            # More pairs are learned from for longer.
            steps = options.steps * (2 if size > 200 else 1)
            detector.append(
                store.get(
                    [*depends_on, size, steps],
                    lambda n=size, s=steps: _detect(learn, containers(learn, 0), n, *tried(), s),
                )
            )
    return {
        "name": kind.name,
        "control": kind.control,
        "tests": store.get([*depends_on, "tests"], lambda: _tests(*tried())),
        "detector": detector,
    }


def _tests(covers: Crops, containers: Crops) -> dict[str, Any]:
    found = {}
    for name, test in TESTS.items():
        scores = [np.array([test(p) for p in crops.pictures]) for crops in (covers, containers)]
        found[name] = {
            "auc": round(auc(*scores), 4),
            "covers": [float(f"{score:.4g}") for score in scores[0]],
            "containers": [float(f"{score:.4g}") for score in scores[1]],
        }
    return found


def _detect(
    learn_covers: Crops,
    learn_containers: Crops,
    pairs: int,
    covers: Crops,
    containers: Crops,
    steps: int,
) -> dict[str, Any]:
    detector = Detector()
    losses = detector.train(
        learn_covers.residuals[:pairs], learn_containers.residuals[:pairs], steps
    )
    scores = [detector.scores(crops.residuals) for crops in (covers, containers)]
    right = np.stack([scores[0] < 0, scores[1] > 0]).mean(axis=0)
    low, high = _interval(right)
    return {
        "pairs": pairs,
        "steps": steps,
        "loss": round(float(np.mean(losses[-20:])), 4),
        "accuracy": round(float(right.mean()), 4),
        "accuracy_low": low,
        "accuracy_high": high,
        "auc": round(auc(*scores), 4),
        "covers": [float(f"{score:.4g}") for score in scores[0]],
        "containers": [float(f"{score:.4g}") for score in scores[1]],
    }


def _interval(right: NDArray[np.float64]) -> tuple[float, float]:
    """Bootstrap interval of 95 % of the mean, over pairs."""
    drawn = np.random.default_rng(0).integers(0, len(right), (_RESAMPLES, len(right)))
    low, high = np.percentile(right[drawn].mean(axis=1), (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def markdown(result: dict[str, Any]) -> str:
    """AUC of the tests and accuracy of the detector, as a table in Markdown."""
    sizes = result["learning_pairs"]
    heads = [f"{name}, AUC" for name in TESTS] + [f"detector, {size} pairs" for size in sizes]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for row in result["rows"]:
        cells = [f"{row['tests'][name]['auc']:.2f}" for name in TESTS]
        found = {d["pairs"]: d for d in row["detector"]}
        cells += [f"{100 * found[n]['accuracy']:.0f} %" if n in found else "-" for n in sizes]
        lines.append(f"| {row['name']} | {' | '.join(cells)} |")
    return "\n".join(lines)
