"""Interleaved rANS: the reference of the entropy coder that the graphs run.

Each lane holds a state below 2**31 and codes one symbol per step; all lanes share one stream of
16-bit words. When a lane's state falls below 2**15 in decoding, it takes the next word, lanes in
order; encoding does the same backwards. More lanes cost no side information, and a step is a few
integer operations on a whole row of lanes. See Duda, "Asymmetric numeral systems" (2013), and
Giesen, "Interleaved entropy coders" (2014).
"""

from __future__ import annotations

import numpy as np

from codec.blocks import Ints
from codec.tables import FREQUENCY_BITS, TOTAL_FREQUENCY, Tables

LOW = 1 << 15
CARRIED_BITS = 15  # that the first state of a lane has room for
WORD_BITS = 16


def encode(tables: Tables, indices: Ints, start: Ints) -> tuple[Ints, Ints]:
    """Encodes symbol indices.

    Args:
        tables: Their distributions.
        indices: int32 (steps, lanes), in the order in which they will be decoded.
        start: First state of each lane, int32 (lanes,) in 2**15 .. 2**16 - 1. The decoder ends
            with it, so it carries 15 bits for the caller.

    Returns:
        The last states, in 2**15 .. 2**31 - 1, from which decoding starts, and the stream.
    """
    state = start.astype(np.int64)
    steps = []
    for row in indices[::-1]:
        frequency = tables.frequencies[row].astype(np.int64)
        full = state >= frequency << (31 - FREQUENCY_BITS)
        steps.append((state[full] & 0xFFFF).astype(np.int32))
        state = np.where(full, state >> WORD_BITS, state)
        state = (state // frequency << FREQUENCY_BITS) + state % frequency + tables.cumulative[row]
    return state.astype(np.int32), np.concatenate(steps[::-1])


class Decoder:
    """Decodes one step at a time, as the distributions of a step may depend on earlier ones.

    Args:
        tables: The distributions.
        state: Last states of `encode`.
        stream: Its words; more may follow.

    Attributes:
        state: The states of the lanes.
        taken: Words of the stream that were taken.
    """

    def __init__(self, tables: Tables, state: Ints, stream: Ints) -> None:
        self._tables = tables
        self.state = state.astype(np.int64)
        # A damaged stream may ask for more words than there are; it gets zeros.
        self._stream = np.append(stream, 0)
        self.taken = 0

    def step(self, distributions: Ints) -> Ints:
        """Symbol indices of one step, int32 (lanes,), given the distribution of each lane."""
        slot = self.state & (TOTAL_FREQUENCY - 1)
        index: Ints = self._tables.symbol_of_slot[distributions, slot]
        state = (self.state >> FREQUENCY_BITS) * self._tables.frequencies[index]
        state += slot - self._tables.cumulative[index]
        low = state < LOW
        place = np.maximum(self.taken + np.cumsum(low) - 1, 0)
        word = self._stream.take(place, mode="clip")
        self.taken += int(low.sum())
        self.state = np.where(low, (state << WORD_BITS) + word, state)
        return index
