"""A contact sheet: the same covers and secrets in each configuration, side by side.

The photographs are scikit-image's, which may be redistributed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data

from benchmarks.common.command import add_models, guarded
from benchmarks.common.configurations import Configuration, configurations_of
from benchmarks.common.metrics import psnr
from benchmarks.common.photographs import centre
from benchmarks.common.plots import figure, save
from benchmarks.quality.baselines import Baseline, Secret, all_baselines, top_bits
from runtime.images.image import Picture

_PAIRS = (("astronaut", "coffee"), ("chelsea", "rocket"))
_BASELINES = ("JPEG in 2 LSB", "AVIF in 2 LSB", "JPEG 2000 9/7 in 2 LSB")
_GAP = 6


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sheet", description=__doc__)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="PNG")
    add_models(parser)
    parser.add_argument(
        "--side", type=int, default=128, help="width and height of each picture (%(default)s)"
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    baselines = [top_bits(2), *(b for b in all_baselines() if b.label in _BASELINES)]
    methods: list[Configuration | Baseline] = [*configurations_of(options.model), *baselines]
    pairs = [
        [centre(getattr(skimage.data, name)(), options.side) for name in names] for names in _PAIRS
    ]
    columns = [("original", pairs)]
    for method in methods:
        columns.append((method.label, [_hidden(method, *pair) for pair in pairs]))
    _draw(columns, pairs, options.side, options.out)
    return 0


def _hidden(method: Configuration | Baseline, cover: Picture, secret: Picture) -> list[Picture]:
    """The container and the revealed secret."""
    if isinstance(method, Baseline):
        hidden = method.run(cover, Secret(secret, b""))
        assert hidden is not None, "these codecs can go as low as it takes"
        return list(hidden)
    container = method.hider().hide(cover, secret)
    return [container, method.revealer().reveal(container)]


def _draw(
    columns: list[tuple[str, list[list[Picture]]]],
    pairs: list[list[Picture]],
    side: int,
    path: Path,
) -> None:
    # One dot of the figure is one pixel of the pictures, so nothing is resampled.
    text = 34
    width = len(columns) * (side + _GAP) + _GAP
    height = 2 * len(pairs) * (side + text) + _GAP
    fig, axes = figure(width / 120, height / 120)
    axes.remove()
    fig.set_layout_engine("none")
    for column, (label, of_pairs) in enumerate(columns):
        left = _GAP + column * (side + _GAP)
        for row in range(2 * len(pairs)):
            pair, which = divmod(row, 2)
            picture, original = of_pairs[pair][which], pairs[pair][which]
            bottom = height - (row + 1) * (side + text)
            fig.figimage(picture, left, bottom)
            fig.text(
                (left + side / 2) / width,
                (bottom + side + 3) / height,
                _caption(label, which, picture, original, column == 0),
                ha="center",
                va="bottom",
                fontsize=6.5,
            )
    save(fig, path)


def _caption(label: str, which: int, picture: Any, original: Any, is_original: bool) -> str:
    if is_original:
        return f"{label}\n{('cover', 'secret')[which]}"
    if np.array_equal(original, picture):
        return f"{label}\n{('container', 'revealed')[which]}, exact"
    return f"{label}\n{('container', 'revealed')[which]}, {psnr(original, picture):.1f} dB"
