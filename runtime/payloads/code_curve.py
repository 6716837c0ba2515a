"""How the bits and the error of a picture depend on the quantizer index, from few samples of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Picture
from runtime.payloads.code_bytes import ADAPTIVE_WORDS, QINDICES, WORD

# Scores say so many times the bits that are taken.
_SCORES = 1.07
# A picture is sampled in pieces of so many pixels per side, in so many rows and columns of them: if
# it is small, and if it is large.
_PIECE, PIECES, LARGE_PIECES, LARGE = 32, 4, 7, 1024 * 1024
_SPACING = 96
GRID = np.array([0, 96, 192, 288, 384, QINDICES - 1])
Floats = NDArray[np.float64]


class Graph(Protocol):
    """What is needed of a `runtime.engine.network.Network`."""

    side_by_side: int

    @property
    def device(self) -> Any:
        """Where it runs; `device.name` is `cpu` or another."""

    def run(self, feed: dict[str, Any], *outputs: str) -> list[Any]:
        """Runs the graph."""


@dataclass(frozen=True)
class Curve:
    """Bits and squared error of a picture as functions of the quantizer index.

    Attributes:
        bits: At the indices 0, 96, 192, 288, 384 and 511.
        error: At the same indices, in squared levels, summed over all samples.
    """

    bits: Floats
    error: Floats

    def bits_at(self, qindex: float) -> float:
        """Bits at an index, which need not be whole."""
        return _between(self.bits, qindex)

    def error_at(self, qindex: float) -> float:
        """Squared error at an index, which need not be whole."""
        return _between(self.error, qindex)

    def qindex_for(self, bits: float) -> float:
        """The least index, not whole, at which so many bits are enough; or else the last."""
        low, high = 0.0, QINDICES - 1.0
        if self.bits_at(low) <= bits:
            return low
        for _ in range(20):
            middle = (low + high) / 2
            if self.bits_at(middle) > bits:
                low = middle
            else:
                high = middle
        return high


def _between(values: Floats, qindex: float) -> float:
    """Interpolates logarithms, by cubics with the slopes of Catmull and Rom."""
    logs = np.log(np.maximum(values, 1e-9))
    last = len(logs) - 1
    at = min(int(qindex) // _SPACING, last - 1)
    before, after = max(at - 1, 0), min(at + 2, last)
    length = GRID[at + 1] - GRID[at]
    t = (qindex - GRID[at]) / length
    first = (logs[at + 1] - logs[before]) * length / (GRID[at + 1] - GRID[before])
    second = (logs[after] - logs[at]) * length / (GRID[after] - GRID[at])
    change = logs[at + 1] - logs[at]
    value = logs[at] + t * first
    value += t**2 * (3 * change - 2 * first - second) + t**3 * (first + second - 2 * change)
    return math.exp(value)


def mosaic(pictures: Sequence[Picture], pieces: int) -> Picture:
    """Pieces from everywhere in pictures, so many per side of each, put side by side."""
    height, width = (min(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    rows, columns = _cuts(height, pieces), _cuts(width, pieces)
    every = [
        np.concatenate([np.concatenate([picture[r, c] for c in columns], axis=1) for r in rows])
        for picture in pictures
    ]
    return np.concatenate(every)


def _cuts(side: int, pieces: int) -> list[slice]:
    """Where pieces are taken from along one side."""
    if side <= pieces * _PIECE:
        return [slice(0, side)]
    starts = [int((n + 0.5) * side / pieces) - _PIECE // 2 for n in range(pieces)]
    return [slice(start, start + _PIECE) for start in starts]


def curve_of(estimate: Graph, sample: Picture, samples: float, adaptive: bool) -> Curve:
    """The curve of a picture of so many samples, of which some are known."""
    share = samples / sample.size
    bits, error = estimated(estimate, sample, GRID, adaptive)
    if adaptive:
        bits -= 8.0 * WORD * ADAPTIVE_WORDS
    return Curve(share * bits, share * error)


def estimated(
    estimate: Graph, tile: Picture, qindices: NDArray[np.signedinteger[Any]], adaptive: bool
) -> tuple[Floats, Floats]:
    """Bits and squared error of a tile at some indices, from few samples."""
    feed = {
        "secret": tile[None],
        "qindices": qindices[None].astype(np.int64),
        "adaptive": np.array(adaptive, np.int64),
        "exact": np.array(0, np.int64),
    }
    bits, error = estimate.run(feed, "bits", "error")
    return bits[0].astype(np.float64) / _SCORES, error[0].astype(np.float64)
