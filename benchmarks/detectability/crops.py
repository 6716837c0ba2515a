"""Crops of photographs, to learn from and to test on."""

from __future__ import annotations

import zlib
from functools import cached_property, reduce
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectability.detector import residuals
from runtime import read_picture
from runtime.images.image import Picture


class Crops:
    """Pictures of one size, and the detector's view of them."""

    def __init__(self, pictures: list[Picture]) -> None:
        self.pictures = pictures

    @cached_property
    def residuals(self) -> NDArray[np.int8]:
        """See `benchmarks.detectability.detector.residuals`; (pictures, height, width, 12)."""
        return np.stack([residuals(picture) for picture in self.pictures])

    @cached_property
    def digest(self) -> int:
        """A digest of all pictures, in order."""
        return reduce(lambda digest, p: zlib.crc32(p.data, digest), self.pictures, 0)


def crops_of(files: list[Path], side: int, most: int) -> Crops:
    """Square crops that do not overlap, from as many photographs as possible.

    Args:
        files: The photographs.
        side: Width and height of a crop in pixels.
        most: The largest number of crops.
    """
    by_round: list[list[Picture]] = []
    # Reads no more files than are needed.
    for file in files[:: max(1, len(files) // most)]:
        picture = read_picture(file)
        for number, (top, left) in enumerate(_corners(picture, side)):
            if number == len(by_round):
                by_round.append([])
            crop = picture[top : top + side, left : left + side]
            by_round[number].append(np.ascontiguousarray(crop))
    return Crops([crop for crops in by_round for crop in crops][:most])


def _corners(picture: Picture, side: int) -> list[tuple[int, int]]:
    height, width, _ = picture.shape
    return [
        (top, left)
        for top in range(0, height - side + 1, side)
        for left in range(0, width - side + 1, side)
    ]
