"""Compares folder throughput with that of the same loop without a model.

Without a model, only decoding, encoding and writing are left.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage.data

import runtime
from benchmarks.common.folders import (
    all_done,
    every_pass,
    loops_of,
    run_in_turn,
    speeds,
    summary,
)
from runtime.batch.folders import run_hide, run_reveal, threads_each
from runtime.batch.options import BatchOptions
from runtime.batch.plan import plan_hide, plan_reveal
from runtime.engine.cores import cores
from runtime.images.image import Picture

SUMMARY = "folder throughput against decoding and encoding alone"


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
        hidden = list(all_done(run_hide(hider, hides, batch, None)))
        reveals = plan_reveal(folder / "containers", folder / "revealed").jobs
        found = list(all_done(run_reveal(revealer, reveals, batch, None)))
        loops, megapixels = loops_of(hider, revealer, hides, reveals)
        passes = run_in_turn(loops, options.rounds)
        sizes = {
            what: sum(path.stat().st_size for path in paths)
            for what, paths in {
                "covers": [job.cover for job in hides],
                "containers": [job.container for job in hides],
                "revealed": [result.revealed for result in found],
            }.items()
        }
        shutil.rmtree(folder / "containers")
    return {
        "pictures": len(hides),
        "megapixels": round(megapixels, 2),
        "payloads": dict(Counter(result.payload.kind for result in hidden if result.payload)),
        "bytes": sizes,
        "cores": cores(),
        "threads_each": threads,
        "rounds": options.rounds,
        "loops": {name: summary(taken, megapixels) for name, taken in passes.items()},
        "throughput_against_no_model": speeds(passes),
        "the_same_by_processor_time": speeds(passes, "processor"),
        "every_pass": every_pass(passes),
    }, True


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
