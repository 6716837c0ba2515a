"""Measures resident memory while one process hides and reveals thousands of pictures."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

import runtime
from benchmarks.robustness.corpus import photograph
from runtime import HideResult, RevealResult

SUMMARY = "resident memory over thousands of pictures in one process"
_MIB = 1 << 20
_EXTENSIONS = (".png", ".jpg", ".webp", ".tiff", ".bmp", ".avif")
_SIZES = ((256, 256), (256, 192), (230, 301), (128, 256))
_MOST_GROWTH, _MOST_MIB = 0.05, 20.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "--pictures",
        type=int,
        default=2000,
        metavar="N",
        help="pictures to hide and reveal (%(default)s)",
    )
    parser.add_argument(
        "--every",
        type=int,
        default=100,
        metavar="N",
        help="pictures between two measurements (%(default)s)",
    )
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Measures in a separate process; returns the report, and whether memory did not grow."""
    if options.inside:
        return _measure(options.inside, options.pictures, options.every), True
    with tempfile.TemporaryDirectory(prefix="robustness-") as folder:
        command = ["-m", "benchmarks.robustness", "memory", "--inside", folder]
        counts = ["--pictures", str(options.pictures), "--every", str(options.every)]
        measured = subprocess.run(
            [sys.executable, *command, *counts], stdout=subprocess.PIPE, text=True, check=True
        )
    report = json.loads(measured.stdout)
    passed = True
    for resident in report["resident"].values():
        first, last = resident["mib"][0], resident["mib"][-1]
        resident["growth_mib"] = round(last - first, 1)
        resident["growth"] = round(last / first - 1, 4)
        resident["flat"] = last - first < max(_MOST_MIB, _MOST_GROWTH * first)
        passed &= resident["flat"]
    report["flat_means"] = "from the first to the last measurement less than 5 % or 20 MiB more"
    return report, passed


def _measure(folder: Path, pictures: int, every: int) -> dict[str, Any]:
    _make_folder(folder, pictures)
    hidden = runtime.hide_folder(folder / "covers", folder / "secrets", folder / "containers")
    resident: dict[str, Any] = {"hide_folder": {"mib": _sampled(hidden, every)}}
    # Not before: the containers are listed when this is called.
    revealed = runtime.reveal_folder(folder / "containers", folder / "revealed")
    resident["reveal_folder"] = {"mib": _sampled(revealed, every)}
    resident["hide and reveal, bytes"] = {"mib": _through_bytes(folder, pictures, every)}
    return {"pictures": pictures, "every": every, "resident": resident}


def _through_bytes(folder: Path, pictures: int, every: int) -> list[float]:
    """Hides and reveals one by one, from bytes to bytes."""
    covers = [path.read_bytes() for path in _sources(folder / "covers")]
    secrets = [path.read_bytes() for path in _sources(folder / "secrets")]
    pairs = zip(itertools.cycle(covers), itertools.cycle(secrets[1:] + secrets[:1]), strict=False)
    with runtime.Hider() as hider, runtime.Revealer() as revealer:

        def done() -> Iterator[None]:
            for cover, secret in itertools.islice(pairs, pictures):
                revealer.reveal(hider.hide(cover, secret))
                yield None

        return _sampled(done(), every)


def _sampled(done: Iterable[HideResult | RevealResult | None], every: int) -> list[float]:
    """Resident memory in MiB after each `every` pictures."""
    process, mib = psutil.Process(), []
    for number, result in enumerate(done, 1):
        if result is not None and result.error is not None:
            raise result.error
        if number % every == 0:
            mib.append(round(process.memory_info().rss / _MIB, 1))
    return mib


def _sources(folder: Path) -> list[Path]:
    """The files that all others are hard links to."""
    return sorted(folder.glob("0000-*"))


def _make_folder(folder: Path, pictures: int) -> None:
    """Writes a few dozen pictures, and hard links to them up to the number wanted."""
    names = ("astronaut", "coffee", "rocket", "chelsea")
    kinds = list(itertools.product(names, _SIZES, _EXTENSIONS))[:pictures]
    for what, turn in (("covers", 0), ("secrets", 7)):
        (folder / what).mkdir(parents=True)
        sources = []
        for number, (name, size, extension) in enumerate(kinds):
            path = folder / what / f"0000-{number:03}{extension}"
            Image.fromarray(np.roll(photograph(name, *size), turn * number, axis=1)).save(path)
            sources.append(path)
        for number in range(len(kinds), pictures):
            source = sources[number % len(kinds)]
            os.link(source, folder / what / f"{number:05}{source.suffix}")
