"""A picture of what a model does: cover | container | revealed | secret | residual x10."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import runtime
from runtime._models import DEFAULT
from runtime._pictures import Picture, resize_to
from runtime._plan import plan_hide
from training.panel import Panel, write_panel


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks panel", description=__doc__)
    parser.add_argument("covers", type=Path, help="folder, paired as by the hide command")
    parser.add_argument("secrets", type=Path, help="folder")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="PNG")
    parser.add_argument("--model", default=DEFAULT, help="name or folder (%(default)s)")
    parser.add_argument("--bits", type=int, help="payload, where the model has one")
    parser.add_argument("--side", type=int, default=192, help="of each picture (%(default)s)")
    parser.add_argument("--rows", type=int, default=3, help="pairs shown (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        hider = runtime.Hider(options.model, bits=options.bits)
        revealer = runtime.Revealer(options.model)
        columns: list[list[Picture]] = [[], [], [], []]
        for job in plan_hide(options.covers, options.secrets, options.out.parent).jobs:
            cover, secret = (
                _square(runtime.read_picture(path), options.side)
                for path in (job.cover, job.secret)
            )
            container = hider.hide(cover, secret)
            made = (cover, container, revealer.reveal(container), secret)
            for column, picture in zip(columns, made, strict=True):
                column.append(picture)
        shown = Panel(*(np.stack(column[: options.rows]) for column in columns))
        write_panel(options.out, shown)
    except (runtime.PlainsightError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _square(picture: Picture, side: int) -> Picture:
    """The middle of a picture, reduced or enlarged to a square."""
    short = min(picture.shape[:2])
    top, left = (picture.shape[0] - short) // 2, (picture.shape[1] - short) // 2
    return resize_to(picture[top : top + short, left : left + short], side, side)


if __name__ == "__main__":
    sys.exit(main())
