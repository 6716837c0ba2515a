"""Resampling to the size at hiding, along each axis: finely for reading, by cubics for finding.

A kernel that is wider than a cubic leaves 4 to 8 percent more information after resizing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dct.blocks import Floats


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


WIDTH = 4
"""Lobes of the fine kernel, Lanczos' window of a sinc."""


def weights(axis: Axis, first: int, count: int, size: int, *, fine: bool = False) -> Floats:
    """How much each pixel of a file counts for each pixel at hiding, float32 (count, size).

    Args:
        axis: Where pixels lie.
        first: Number of the first pixel at hiding.
        count: How many pixels.
        size: Pixels of the file, from its first one on.
        fine: Whether the kernel is the wide one.
    """
    place = axis.start + axis.ratio * np.arange(first, first + count, dtype=np.float32)
    # A kernel is as wide as the coarser of the two grids asks for.
    distance = np.abs(place[:, None] - np.arange(size, dtype=np.float32))
    x = (distance / np.float32(max(axis.ratio, 1.0))).astype(np.float32)
    if fine:
        kernel = np.where(x < WIDTH, np.sinc(x) * np.sinc(x / WIDTH), 0.0).astype(np.float32)
    else:
        near = (1.5 * x - 2.5) * x * x + 1.0
        far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
        kernel = np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))
    total = kernel.sum(axis=1, keepdims=True)
    return (kernel / np.where(np.abs(total) > 0.1, total, 1.0)).astype(np.float32)


def resample(
    plane: Floats, rows: Axis, columns: Axis, height: int, width: int, *, fine: bool = False
) -> Floats:
    """The first (height, width) pixels at hiding of a luma plane."""
    if rows == columns == Axis() and plane.shape[0] >= height and plane.shape[1] >= width:
        return plane[:height, :width]
    wide = np.empty((height, plane.shape[1]), np.float32)
    tile = 512
    for top in range(0, height, tile):
        count = min(tile, height - top)
        low, high = _reach(rows, top, count, plane.shape[0])
        shifted = Axis(rows.start - low, rows.ratio)
        wide[top : top + count] = (
            weights(shifted, top, count, high - low, fine=fine) @ plane[low:high]
        )
    result = np.empty((height, width), np.float32)
    for left in range(0, width, tile):
        count = min(tile, width - left)
        low, high = _reach(columns, left, count, plane.shape[1])
        shifted = Axis(columns.start - low, columns.ratio)
        result[:, left : left + count] = (
            wide[:, low:high] @ weights(shifted, left, count, high - low, fine=fine).T
        )
    return result


def _reach(axis: Axis, first: int, count: int, size: int) -> tuple[int, int]:
    """Pixels of the file that some pixels at hiding are made of."""
    margin = WIDTH * max(axis.ratio, 1.0) + 1
    low = int(axis.start + axis.ratio * first - margin)
    high = int(axis.start + axis.ratio * (first + count) + margin) + 1
    low = min(max(low, 0), size - 1)
    return low, min(max(high, low + 1), size)
