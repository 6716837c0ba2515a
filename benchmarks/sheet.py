"""A contact sheet: the same covers and secrets by each way of hiding, side by side.

Of scikit-image's photographs, which anyone may pass on.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import skimage.data

from benchmarks.baselines import Baseline, baselines
from benchmarks.command import guarded
from benchmarks.photographs import Picture, middle
from benchmarks.plots import figure, save
from benchmarks.quality import psnr
from benchmarks.ways import Way, ways_of

_PAIRS = (("astronaut", "coffee"), ("chelsea", "rocket"))
_BY_HAND = ("top 2 bits in 2 LSB", "JPEG in 2 LSB", "AVIF in 2 LSB")
_GAP = 6


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sheet", description=__doc__)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="PNG")
    parser.add_argument("--model", nargs="+", help="names or folders (all that are shipped)")
    parser.add_argument("--side", type=int, default=128, help="of each picture (%(default)s)")
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    by_hand = [b for b in baselines() if b.name in _BY_HAND]
    pairs = [
        [middle(getattr(skimage.data, name)(), options.side) for name in names] for names in _PAIRS
    ]
    columns = [("as given", list(pairs))]
    for way in [*ways_of(options.model), *by_hand]:
        columns.append((way.name, [_made(way, *pair) for pair in pairs]))
    _draw(columns, pairs, options.side, options.out)
    return 0


def _made(way: Way | Baseline, cover: Picture, secret: Picture) -> list[Picture]:
    if isinstance(way, Baseline):
        return list(way.run(cover, secret))
    container = way.hider().hide(cover, secret)
    return [container, way.revealer().reveal(container)]


def _draw(
    columns: list[tuple[str, list[list[Picture]]]],
    pairs: list[list[Picture]],
    side: int,
    path: Path,
) -> None:
    # One dot of the figure is one pixel of the pictures, so that nothing is resampled.
    label = 34
    width = len(columns) * (side + _GAP) + _GAP
    height = 2 * len(pairs) * (side + label) + _GAP
    made, axes = figure(width / 120, height / 120)
    axes.remove()
    made.set_layout_engine("none")
    for column, (name, of_pairs) in enumerate(columns):
        left = _GAP + column * (side + _GAP)
        for row in range(2 * len(pairs)):
            pair, part = divmod(row, 2)
            picture, original = of_pairs[pair][part], pairs[pair][part]
            bottom = height - (row + 1) * (side + label)
            made.figimage(picture, left, bottom)
            made.text(
                *((left + side / 2) / width, (bottom + side + 3) / height),
                _words(name, part, picture, original, column == 0),
                **{"ha": "center", "va": "bottom", "fontsize": 6.5},
            )
    save(made, path)


def _words(name: str, part: int, picture: Any, original: Any, given: bool) -> str:
    what = ("cover", "secret")[part] if given else ("container", "revealed")[part]
    return f"{name}\n{what}" if given else f"{name}\n{what}, {psnr(original, picture):.1f} dB"
