"""The last states of the lanes, as few bits: a part of the stream.

A state has 31 bits, but its logarithm is about uniform, so the upper bits of most are zero. The
lower 16 bits of each are stored as they are. Of the others, the number of bits and those below the
first are coded by a second, much smaller coder, all with even distributions.
"""

from __future__ import annotations

import numpy as np

from codec import rans
from codec.blocks import Ints
from codec.classes import CHUNK_BITS
from codec.tables import Tables

# States that a lane of the second coder holds.
ROWS = 32
LENGTH_BITS = 4  # a state has 0 .. 15 upper bits
STEPS = 3 * ROWS


def packers(lanes: int) -> int:
    """Lanes of the second coder."""
    return -(-lanes // ROWS)


def pack(tables: Tables, states: Ints) -> tuple[Ints, Ints, Ints]:
    """The lower bits of states, the states of the second coder, and its stream.

    Args:
        tables: Distributions, of which only even ones are used.
        states: int32 (lanes,), 2**15 .. 2**31 - 1.
    """
    count = packers(len(states))
    padded = np.pad(states >> 16, (0, ROWS * count - len(states)))
    upper = padded.reshape(ROWS, count)
    lengths = (upper[..., None] >= 1 << np.arange(15)).sum(axis=-1).astype(np.int32)
    high, low = chunk_bits(np.maximum(lengths - 1, 0))
    # Without the first bit, which is a one.
    rest = np.where(lengths > 0, upper - ((1 << lengths) >> 1), 0)
    firsts = tables.firsts[tables.chunk_class :]
    indices = np.concatenate(
        [
            firsts[LENGTH_BITS] + lengths,
            firsts[high] + (rest >> low),
            firsts[low] + (rest & ((1 << low) - 1)),
        ]
    )
    state, stream = rans.encode(tables, indices, np.full(count, rans.LOW, np.int32))
    return states & 0xFFFF, state, stream


def unpack(tables: Tables, lower: Ints, decoder: rans.Decoder) -> Ints:
    """The states that `pack` packed, int32 (lanes,).

    Args:
        tables: Distributions.
        lower: The lower bits of states.
        decoder: Of the second coder, at its start.
    """
    count = packers(len(lower))

    def take(bits: Ints) -> Ints:
        return np.stack(
            [tables.symbols[decoder.step(row)] for row in tables.chunk_class + bits]
        ).astype(np.int32)

    lengths = take(np.full((ROWS, count), LENGTH_BITS, np.int32))
    high, low = chunk_bits(np.maximum(lengths - 1, 0))
    rest = take(high) << low
    rest |= take(low)
    upper = (((1 << lengths) >> 1) + rest).ravel()[: len(lower)]
    return np.asarray(upper << 16 | lower, np.int32)


def chunk_bits(bits: Ints) -> tuple[Ints, Ints]:
    """Bits of the upper and of the lower chunk of numbers of so many bits."""
    low = np.minimum(bits, CHUNK_BITS)
    return bits - low, low
