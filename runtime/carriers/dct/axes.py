"""Where a container's pixels lie in a file that may have been resized or cropped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from runtime.carriers.dct.networks import Floats, Networks
from runtime.carriers.dct.strengths import BLOCK, Strength
from runtime.engine.parallel import for_each
from runtime.images.image import Picture

_STRIP, _PART = 16, 32  # blocks
_KERNEL = 4  # pixels that the graph looks to each side, or more where the file is larger
_OFF_START, _OFF_END = 0.6, 1.0  # pixels


@dataclass(frozen=True)
class Axis:
    """Where pixels at hiding lie in a file, along one axis: pixel i at start + ratio * i.

    Attributes:
        start: Position of the first, in pixels of the file.
        ratio: Pixels of the file per pixel at hiding.
    """

    start: float = 0.0
    ratio: float = 1.0

    @classmethod
    def resized(cls, ratio: float, cropped: float = 0.0) -> Axis:
        """Of a picture that was resized, after some of its first pixels were cut off."""
        return cls((0.5 - cropped) * ratio - 0.5, ratio)

    def blocks(self, size: int, most: int) -> int:
        """How many blocks of the container there are in so many pixels of the file."""
        return min(most, int((size + 1) / self.ratio) // BLOCK)

    def reach(self, first: int, count: int, size: int) -> tuple[int, int]:
        """Pixels of the file that `count` pixels at hiding, from `first` on, are made of."""
        margin = _KERNEL * max(self.ratio, 1.0) + 1
        low = int(self.start + self.ratio * first - margin)
        high = int(self.start + self.ratio * (first + count) + margin) + 1
        low = min(max(low, 0), size - 1)
        return low, min(max(high, low + 1), size)

    def at(self, first: int, low: int) -> tuple[float, float]:
        """Start and ratio of pixels from `first` on, in a file whose first `low` are left out."""
        return self.start + self.ratio * first - low, self.ratio


SAME = Axis()


@dataclass(frozen=True)
class Location:
    """Where a container's pixels lie in a file.

    Attributes:
        strength: Its strength.
        rows: From top to bottom.
        columns: From left to right.
        score: How well pilots fit there, in standard deviations of chance.
    """

    strength: Strength
    rows: Axis
    columns: Axis
    score: float

    @property
    def is_own(self) -> bool:
        """Whether the file has the container's own size and place."""
        return self.rows == self.columns == SAME

    @property
    def is_resized(self) -> bool:
        """Whether the file is a whole container at another size."""
        whole = all(axis == Axis.resized(axis.ratio) for axis in (self.rows, self.columns))
        return whole and not self.is_own

    def of_size(self, file: tuple[int, int], container: tuple[int, int]) -> Location:
        """The place made exact by the size at hiding, unless the file is a crop.

        Args:
            file: Height and width of the file.
            container: Height and width of the cover at hiding.
        """
        axes = []
        for axis, size, whole in zip((self.rows, self.columns), file, container, strict=True):
            exact = Axis.resized(size / whole)
            far = min(whole, _PART * BLOCK)
            off = abs(axis.start + axis.ratio * far - exact.start - exact.ratio * far)
            near = abs(axis.start - exact.start) < _OFF_START and off < _OFF_END
            axes.append(exact if near else axis)
        return replace(self, rows=axes[0], columns=axes[1])


def read_blocks(
    networks: Networks, picture: Picture, place: Location, down: int, along: int
) -> Floats:
    """Coefficients of the first blocks of a container, float32 (down * along, places).

    Args:
        networks: The graphs.
        picture: The file's, uint8 (height, width, 3).
        place: Where the container lies in it.
        down: Rows of blocks; those beyond the file read as noise.
        along: Columns of blocks.
    """
    strength = place.strength
    read = np.empty((down, along, strength.places), np.float32)
    height, width, _ = picture.shape
    if place.is_own and height >= down * BLOCK and width >= along * BLOCK:
        step, wide = _STRIP, along
    else:
        step = wide = _PART
    starts = [(top, left) for top in range(0, down, step) for left in range(0, along, wide)]

    def do(start: tuple[int, int]) -> None:
        top, left = start
        count = min(step, down - top), min(wide, along - left)
        if step == _STRIP:
            rows = slice(top * BLOCK, (top + count[0]) * BLOCK)
            part = picture[rows, : along * BLOCK]
            axes = [(0.0, 1.0), (0.0, 1.0)]
        else:
            cuts, axes = [], []
            for axis, first, number, size in zip(
                (place.rows, place.columns), start, count, (height, width), strict=True
            ):
                low, high = axis.reach(first * BLOCK, number * BLOCK, size)
                cuts.append(slice(low, high))
                axes.append(axis.at(first * BLOCK, low))
            part = picture[cuts[0], cuts[1]]
        part = np.ascontiguousarray(part)
        read[top : top + count[0], left : left + count[1]] = networks.read(
            part, count, axes[0], axes[1], strength
        )

    for_each(do, starts, networks.workers)
    return read.reshape(down * along, -1)
