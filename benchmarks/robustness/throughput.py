"""Compares folder throughput with that of the same loop without the network.

Without the network, only decoding, encoding and writing are left.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

import cv2
import numpy as np
import skimage.data

import runtime
from runtime import HideResult, RevealResult
from runtime.batch.folders import run_hide, run_reveal, threads_each
from runtime.batch.jobs import BatchOptions
from runtime.batch.plan import plan_hide, plan_reveal
from runtime.engine.cores import cores
from runtime.images.formats import LOSSLESS
from runtime.images.image import Image, Picture
from runtime.schemes import Container, Revealed

SUMMARY = "folder throughput against decoding and encoding alone"
_STAGES = ("decode", "network", "encode")


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "--covers", type=Path, metavar="DIR", help="pictures to use instead of generated ones"
    )
    parser.add_argument(
        "--pictures", type=int, default=24, metavar="N", help="number of pictures (%(default)s)"
    )
    parser.add_argument(
        "--side", type=int, default=1024, help="side of generated pictures in pixels (%(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="passes of each loop (%(default)s)"
    )
    parser.add_argument(
        "--extension", default=".png", help="of generated pictures, .png or .jpg (%(default)s)"
    )


@dataclass(frozen=True)
class _Timing:
    """One pass over the folder.

    Attributes:
        wall: Seconds from the first job to the last result.
        processor: Processor seconds of all threads together.
        stages: Seconds of each stage, summed over the pictures.
    """

    wall: float
    processor: float
    stages: dict[str, float]


class _NoNetwork:
    """Replaces hider and revealer, and returns at once what they would have produced."""

    model = "none"
    options: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, pictures: dict[bytes, Picture]) -> None:
        self._pictures = pictures

    def check_passphrase(self, passphrase: object) -> None:
        """Accepts any."""

    def hide_images(self, cover: Image, secret: Image, passphrase: object) -> Container:
        """The container, hidden beforehand."""
        del secret, passphrase
        return Container(self._pictures[_key(cover.pixels)], LOSSLESS)

    def recover_image(self, container: Image, passphrase: object) -> Revealed:
        """The secret, revealed beforehand."""
        del passphrase
        return Revealed(self._pictures[_key(container.pixels)])


def _key(picture: Picture) -> bytes:
    return picture[:2].tobytes()


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Times all loops in turn; returns the report, and True."""
    with tempfile.TemporaryDirectory(prefix="robustness-") as name:
        folder = Path(name)
        covers, secrets = options.covers, options.covers
        if covers is None:
            covers, secrets = folder / "covers", folder / "secrets"
            for number in range(options.pictures):
                path = f"{number:03}{options.extension}"
                _save(covers / path, _generated(number, options.side))
                _save(secrets / path, _generated(number + 1, options.side))
        hides = plan_hide(covers, secrets, folder / "containers").jobs[: options.pictures]
        threads = threads_each(None, len(hides))
        hider, revealer = runtime.Hider(threads=threads), runtime.Revealer(threads=threads)
        batch = BatchOptions(overwrite=True)
        _pass(run_hide(hider, hides, batch, None))
        reveals = plan_reveal(folder / "containers", folder / "revealed").jobs
        _pass(run_reveal(revealer, reveals, batch, None))
        containers = _known([(job.cover, job.container) for job in hides])
        revealed = _known([(job.container, job.revealed) for job in reveals])
        idle_hider = cast("runtime.Hider", _NoNetwork(containers))
        idle_revealer = cast("runtime.Revealer", _NoNetwork(revealed))
        loops: dict[str, Callable[[], Iterable[HideResult | RevealResult]]] = {
            "hide": lambda: run_hide(hider, hides, batch, None),
            "hide without network": lambda: run_hide(idle_hider, hides, batch, None),
            "reveal": lambda: run_reveal(revealer, reveals, batch, None),
            "reveal without network": lambda: run_reveal(idle_revealer, reveals, batch, None),
        }
        timings: dict[str, list[_Timing]] = {name: [] for name in loops}
        # In turn, so that other work on the machine affects all loops equally.
        for _ in range(options.rounds):
            for name, loop in loops.items():
                timings[name].append(_pass(loop()))
        pixels = sum(picture.size // 3 for picture in containers.values())
        sizes = {
            what: sum(path.stat().st_size for path in paths)
            for what, paths in {
                "covers": [job.cover for job in hides],
                "containers": [job.container for job in hides],
                "revealed": [job.revealed for job in reveals],
            }.items()
        }
        shutil.rmtree(folder / "containers")
    return {
        "pictures": len(hides),
        "megapixels": round(pixels / 1e6, 2),
        "bytes": sizes,
        "cores": cores(),
        "threads_each": threads,
        "rounds": options.rounds,
        "loops": {name: _summary(passes, pixels / 1e6) for name, passes in timings.items()},
        "throughput_against_no_network": {
            what: _ratio(timings[what], timings[f"{what} without network"], "wall")
            for what in ("hide", "reveal")
        },
        "the_same_by_processor_time": {
            what: _ratio(timings[what], timings[f"{what} without network"], "processor")
            for what in ("hide", "reveal")
        },
        "every_pass": {name: [asdict(t) for t in passes] for name, passes in timings.items()},
    }, True


def _pass(results: Iterable[HideResult | RevealResult]) -> _Timing:
    os.sync()
    start, used = time.perf_counter(), time.process_time()
    stages = dict.fromkeys(_STAGES, 0.0)
    for result in results:
        if result.error is not None:
            raise result.error
        for stage in _STAGES:
            stages[stage] += getattr(result.seconds, stage)
    return _Timing(time.perf_counter() - start, time.process_time() - used, stages)


def _summary(timings: list[_Timing], megapixels: float) -> dict[str, Any]:
    wall = statistics.median(timing.wall for timing in timings)
    return {
        "seconds": round(wall, 2),
        "megapixels_per_second": round(megapixels / wall, 2),
        "processor_seconds": round(statistics.median(t.processor for t in timings), 2),
        "stage_seconds": {
            stage: round(statistics.median(t.stages[stage] for t in timings), 2)
            for stage in _STAGES
        },
    }


def _ratio(loop: list[_Timing], without: list[_Timing], what: str) -> float:
    """The median ratio over the rounds: the passes of one round ran under similar conditions."""
    ratios = [
        float(getattr(idle, what) / getattr(timing, what))
        for timing, idle in zip(loop, without, strict=True)
    ]
    return round(statistics.median(ratios), 3)


def _known(pairs: list[tuple[Path, Path]]) -> dict[bytes, Picture]:
    return {_key(runtime.read_picture(a)): runtime.read_picture(b) for a, b in pairs}


def _generated(number: int, side: int) -> Picture:
    """A photograph, rotated and enlarged, with camera noise, which enlarging removes."""
    names = ("astronaut", "coffee", "rocket", "chelsea")
    picture: Picture = np.rot90(getattr(skimage.data, names[number % 4])(), number // 4 % 4)
    large = cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(number).normal(0, 2, large.shape)
    return np.asarray(np.clip(large + noise, 0, 255), np.uint8)


def _save(path: Path, picture: Picture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[..., ::-1])
