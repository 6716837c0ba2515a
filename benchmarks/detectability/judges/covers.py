"""The covers that judges are trained and tested on: as `quiet` would use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runtime.images.decode import load
from runtime.images.image import Picture
from runtime.schemes.quiet.covers import Rounded, halved, prepared


@dataclass(frozen=True, eq=False)
class Cover:
    """A cover, and what is known of it.

    Attributes:
        picture: uint8 (height, width, 3), RGB.
        cut_off: float32 of that shape, what rounding cut off; None if `quiet` is not to know.
    """

    picture: Picture
    cut_off: Rounded | None = None


def as_used(file: Path) -> Cover:
    """A photograph as it is, halved where it was compressed with loss before.

    What rounding cut off is left out: test and training pairs are to be made in one way, and not
    all photographs are halved.
    """
    return Cover(prepared(load(file), keep_size=False).cover.pixels)


def at_half(file: Path) -> Cover:
    """A photograph at half its size, whatever it was before."""
    return Cover(*halved(load(file).pixels))


Ready = Callable[[Path], Cover]


def crops(files: list[Path], side: int, most: int, ready: Ready = as_used) -> list[Cover]:
    """Square crops that do not overlap, from as many photographs as possible.

    Args:
        files: The photographs.
        side: Width and height of a crop in pixels.
        most: The largest number of crops.
        ready: Makes the cover of a photograph.
    """
    by_round: list[list[Cover]] = []
    # Reads no more files than are needed.
    for cover in map(ready, files[:: max(1, len(files) // most)]):
        for number, crop in enumerate(_tiles(cover, side)):
            if number == len(by_round):
                by_round.append([])
            by_round[number].append(crop)
    return [crop for some in by_round for crop in some][:most]


def whole(files: list[Path], most: int, ready: Ready = as_used) -> list[Cover]:
    """At most so many whole photographs, at equal distances."""
    count = min(most, len(files))
    return [ready(files[number * len(files) // count]) for number in range(count)]


def _tiles(cover: Cover, side: int) -> Iterator[Cover]:
    height, width, _ = cover.picture.shape
    for top in range(0, height - side + 1, side):
        for left in range(0, width - side + 1, side):
            place = slice(top, top + side), slice(left, left + side)
            cut_off = None if cover.cut_off is None else cover.cut_off[place]
            yield Cover(np.ascontiguousarray(cover.picture[place]), cut_off)
