"""Reveals parts of plain photographs, in which nothing is hidden: whatever is found is false.

Sizes, places and flips of the parts are random; they are looked through as `reveal` does without
`--model`, at every scale.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import runtime
from benchmarks.common.photographs import find_photographs
from runtime.images.image import Picture

SUMMARY = "reveal parts of plain photographs, and count what is found"
_SIDES = (160, 640)  # pixels


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of photographs")
    parser.add_argument("--parts", type=int, default=2000, metavar="N", help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the parts (%(default)s)")


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Reveals all parts; passes if nothing is found."""
    if options.parts < 1:
        raise SystemExit("error: --parts must be positive")
    files = find_photographs(options.folder, options.folder)
    random = np.random.default_rng(options.seed)
    jobs = [
        (files[number % len(files)], int(random.integers(1 << 62)))
        for number in range(options.parts)
    ]
    with runtime.Revealer(device="cpu", threads=1) as revealer:

        def one(job: tuple[Path, int]) -> tuple[str, float]:
            part = _part(runtime.read_picture(job[0]), np.random.default_rng(job[1]))
            start = time.thread_time()
            return _outcome(revealer, part), time.thread_time() - start

        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            found = list(tqdm(threads.map(one, jobs), total=len(jobs), disable=None, leave=False))
    outcomes = Counter(outcome for outcome, _ in found)
    seconds = [taken for _, taken in found]
    report = {
        "photographs": len(files),
        "parts": len(found),
        "outcomes": dict(outcomes),
        "seconds": {"mean": round(float(np.mean(seconds)), 3), "most": round(max(seconds), 3)},
    }
    return report, set(outcomes) == {"nothing"}


def _part(photograph: Picture, random: np.random.Generator) -> Picture:
    height, width = (min(int(random.integers(*_SIDES)), whole) for whole in photograph.shape[:2])
    top = int(random.integers(photograph.shape[0] - height + 1))
    left = int(random.integers(photograph.shape[1] - width + 1))
    part = photograph[top : top + height, left : left + width]
    return np.ascontiguousarray(part[:, :: int(random.choice((-1, 1)))])


def _outcome(revealer: runtime.Revealer, part: Picture) -> str:
    """What is made of a part: `nothing`, or which model found something, whole or lost."""
    try:
        recovered = revealer.recover(part)
    except runtime.NothingHiddenError:
        return "nothing"
    except runtime.ContainerError as error:
        return str(error.code)
    return f"revealed by {recovered.model}"
