"""The covers that judges are trained and tested on: as `quiet` would use them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from runtime.images.decode import load
from runtime.images.image import Picture
from runtime.schemes.quiet.covers import prepared


def crops(files: list[Path], side: int, most: int) -> list[Picture]:
    """Square crops that do not overlap, from as many photographs as possible.

    Args:
        files: The photographs.
        side: Width and height of a crop in pixels.
        most: The largest number of crops.
    """
    by_round: list[list[Picture]] = []
    # Reads no more files than are needed.
    for picture in _ready(files[:: max(1, len(files) // most)]):
        for number, crop in enumerate(_tiles(picture, side)):
            if number == len(by_round):
                by_round.append([])
            by_round[number].append(crop)
    return [crop for some in by_round for crop in some][:most]


def whole(files: list[Path], most: int) -> list[Picture]:
    """At most so many whole photographs, at equal distances."""
    count = min(most, len(files))
    return list(_ready([files[number * len(files) // count] for number in range(count)]))


def _ready(files: list[Path]) -> Iterator[Picture]:
    """Photographs; halved where they were compressed with loss before."""
    for file in files:
        yield prepared(load(file), keep_size=False).cover.pixels


def _tiles(picture: Picture, side: int) -> Iterator[Picture]:
    height, width, _ = picture.shape
    for top in range(0, height - side + 1, side):
        for left in range(0, width - side + 1, side):
            yield np.ascontiguousarray(picture[top : top + side, left : left + side])
