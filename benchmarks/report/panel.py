"""A picture of what a model does: cover | container | revealed | secret | difference x10."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import runtime
from benchmarks.common.command import guarded
from benchmarks.common.configurations import add_options, chosen_options
from runtime.batch.plan import plan_hide
from runtime.engine.models import DEFAULT
from runtime.images.image import Picture
from runtime.images.resize import resize_to

_GAP = 4


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks panel", description=__doc__)
    parser.add_argument("covers", type=Path, help="folder, paired as by the hide command")
    parser.add_argument("secrets", type=Path, help="folder")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="PNG")
    parser.add_argument("--model", default=DEFAULT, help="name or folder (%(default)s)")
    add_options(parser)
    parser.add_argument(
        "--side", type=int, default=192, help="width and height of each picture (%(default)s)"
    )
    parser.add_argument("--rows", type=int, default=3, help="pairs to show (%(default)s)")
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    hider = runtime.Hider(options.model, **chosen_options(options, options.model))
    revealer = runtime.Revealer(options.model)
    plan = plan_hide(options.covers, options.secrets, options.out.parent)
    rows = []
    for job in plan.jobs[: options.rows]:
        cover = _square(runtime.read_picture(job.cover), options.side)
        secret = _square(runtime.read_picture(job.secret), options.side)
        container = hider.hide(cover, secret)
        revealed = revealer.reveal(container)
        rows.append([cover, container, revealed, secret, _difference(cover, container)])
    runtime.write_picture(options.out, _grid(rows), overwrite=True)
    return 0


def _square(picture: Picture, side: int) -> Picture:
    """The central square of a picture, resized to `side` pixels."""
    short = min(picture.shape[:2])
    top, left = (picture.shape[0] - short) // 2, (picture.shape[1] - short) // 2
    return resize_to(picture[top : top + short, left : left + short], side, side)


def _difference(cover: Picture, container: Picture) -> Picture:
    """Container minus cover, times 10, around mid-grey."""
    difference = container.astype(np.int16) - cover
    return np.asarray(np.clip(128 + 10 * difference, 0, 255), np.uint8)


def _grid(rows: list[list[Picture]]) -> Picture:
    """Pictures of one size in rows and columns, with white gaps between them."""
    gap = ((0, _GAP), (0, _GAP), (0, 0))
    padded = [[np.pad(picture, gap, constant_values=255) for picture in row] for row in rows]
    return np.concatenate([np.concatenate(row, axis=1) for row in padded])[:-_GAP, :-_GAP]
