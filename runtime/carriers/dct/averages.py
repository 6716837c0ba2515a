"""Undoing area averages, by which most programs make pictures smaller.

Each pixel of the file is the mean of an area of the container, and how much of each frequency that
leaves depends on where an area begins. One blur for all places does not describe it, but it is
known exactly. A shift by part of a pixel is the same, if pixels between pixels are interpolated
linearly: then areas are as large as pixels. Of all pictures that have these means, the likeliest
is taken, if neighbouring pixels are as alike as in photographs: a Wiener filter, along columns and
then along rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct.axes import SAME, Axis, Location, read_blocks
from runtime.carriers.dct.networks import Floats, Networks
from runtime.carriers.dct.strengths import BLOCK
from runtime.images.image import Picture

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_MOST_RATIO = 1.001
# How alike neighbours are, and the noise of the file, as a share of the picture's variance. Between
# 0.6 and 0.9, and 0.0003 and 0.003, they matter little.
_ALIKE, _NOISE = 0.8, 1e-3
_TILE, _BESIDE = 256, 24  # pixels


def readings(
    networks: Networks, picture: Picture, place: Location, down: int, along: int
) -> Iterator[Floats]:
    """Coefficients as `read_blocks` gives them; then as if pixels of the file were area averages.

    Args:
        networks: The graphs.
        picture: The file's, uint8 (height, width, 3).
        place: Where the container lies in it.
        down: Rows of blocks.
        along: Columns of blocks.
    """
    yield read_blocks(networks, picture, place, down, along)
    axes = place.rows, place.columns
    between = any(axis.ratio != 1 or axis.start % 1 for axis in axes)
    if between and max(axis.ratio for axis in axes) < _MOST_RATIO:
        whole = unaveraged(picture, place, down * BLOCK, along * BLOCK)
        yield read_blocks(
            networks, whole, Location(place.strength, SAME, SAME, place.score), down, along
        )


def unaveraged(picture: Picture, place: Location, height: int, width: int) -> Picture:
    """Luma of the first pixels at hiding, uint8 (height, width, 3), all three samples alike.

    Args:
        picture: The file's, uint8 (height, width, 3).
        place: Where the container lies in it.
        height: Rows of the container.
        width: Its columns.
    """
    plane = np.asarray(picture @ _LUMA, np.float32)
    rows = _undone(plane, place.rows, height)
    plane = _undone(np.ascontiguousarray(rows.T), place.columns, width).T
    samples = np.clip(np.rint(plane), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(samples[..., None], (*samples.shape, 3)))


def _undone(plane: Floats, axis: Axis, count: int) -> Floats:
    """The first rows at hiding, float32 (count, width), of a plane of the file's rows."""
    size = len(plane)
    end = max(int((size - axis.start) / axis.ratio + 0.5), count)
    parts = []
    for top in range(0, count, _TILE):
        bottom = min(top + _TILE, count)
        first, last = max(top - _BESIDE, 0), min(bottom + _BESIDE, end)
        low, high = (round(axis.start + axis.ratio * (edge - 0.5) + 0.5) for edge in (first, last))
        low, high = min(max(low, 0), size - 1), min(max(high, 1), size)
        weights = _inverse(axis, range(first, last), range(low, max(high, low + 1)))
        parts.append(weights[top - first : bottom - first] @ plane[low : max(high, low + 1)])
    return np.concatenate(parts)


def _inverse(axis: Axis, wanted: range, given: range) -> Floats:
    """How much each given row of a file counts for each one at hiding, float32."""
    centre = (np.array(given) - axis.start) / axis.ratio
    place, half = np.array(wanted), 0.5 / axis.ratio
    low = np.maximum(centre[:, None] - half, place - 0.5)
    high = np.minimum(centre[:, None] + half, place + 0.5)
    mean = np.maximum(high - low, 0.0) * axis.ratio
    alike = _ALIKE ** np.abs(np.subtract.outer(place, place))
    across = mean @ alike
    noise = _NOISE * np.eye(len(centre))
    weights: NDArray[np.float64] = np.linalg.solve(across @ mean.T + noise, across).T
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights / np.where(np.abs(total) > 0.1, total, 1.0), np.float32)
