"""The parity-check matrix: which bits of the message a sample takes part in, by a public rule.

The matrix has one block of columns for each bit of the message. A column is `height` bits, the
lowest for the block's own bit of the message, the next for the bit after it, and so on. As the
paper recommends, the first and the last bit of each column are ones, and columns of a block differ
as long as there are others. The bits between come from a linear congruential generator; of 24
starting values for each height, the one whose code changed least in a trial was taken.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

LEAST_HEIGHT, MOST_HEIGHT = 7, 10

MORE_AT_FIRST = 4
"""By how many others the first block is larger."""

_SEEDS = {7: 5, 8: 10, 9: 12, 10: 7}
_MULTIPLIER, _INCREMENT, _MASK = 1664525, 1013904223, (1 << 32) - 1


@cache
def columns(height: int) -> NDArray[np.uint16]:
    """Columns of a block in order, uint16 (2**(height - 2),), all different.

    Args:
        height: Constraint height, 7 .. 10.
    """
    return ordered(height, _SEEDS[height])


def ordered(height: int, seed: int) -> NDArray[np.uint16]:
    """The same for any seed, 0 .. 2**32 - 1: a shuffle (Fisher and Yates) of all columns."""
    middles = list(range(1 << (height - 2)))
    state = seed
    for last in range(len(middles) - 1, 0, -1):
        state = (state * _MULTIPLIER + _INCREMENT) & _MASK
        other = (state >> 16) % (last + 1)
        middles[last], middles[other] = middles[other], middles[last]
    return np.array([1 << (height - 1) | middle << 1 | 1 for middle in middles], np.uint16)


def starts(samples: int, bits: int) -> NDArray[np.int64]:
    """First sample of each bit's block, and the end of the last, int64 (bits + 1,).

    The first block is larger than the others: no block before it takes part in its bit.

    Args:
        samples: Of a lane.
        bits: Of the lane's message, at most `samples - MORE_AT_FIRST`.
    """
    numbers = np.arange(bits + 1, dtype=np.int64) + MORE_AT_FIRST
    first = numbers * samples // (bits + MORE_AT_FIRST)
    first[0] = 0
    return first


def column_of_each(starts_: NDArray[np.int64], height: int) -> NDArray[np.uint16]:
    """The column of each sample of a lane, uint16 (samples,)."""
    table = columns(height)
    lengths = np.diff(starts_)
    place = np.arange(starts_[-1]) - np.repeat(starts_[:-1], lengths)
    return np.take(table, place % len(table))
