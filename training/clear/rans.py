"""Many-lane rANS: the reference of the entropy coder that the graphs run.

Every lane holds a state below 2**31 and codes one symbol a step; all lanes share one stream of
16-bit words. Decoding, a lane whose state falls below 2**15 takes the next word, lanes in order;
encoding is the same backwards. Adding lanes costs no side information, and a step is a handful of
integer operations on a whole row of lanes. See Duda, "Asymmetric numeral systems" (2013), and
Giesen, "Interleaved entropy coders" (2014).
"""

from __future__ import annotations

import numpy as np

from training.clear.layout import Ints
from training.clear.tables import PARTS_BITS, Tables

LOW = 1 << 15
WORD_BITS = 16


def encode(tables: Tables, indices: Ints, start: Ints) -> tuple[Ints, Ints]:
    """Encodes symbol indices.

    Args:
        tables: Their distributions.
        indices: int32 (steps, lanes), in the order in which they will be decoded.
        start: First state of each lane, int32 (lanes,) in 2**15 .. 2**16 - 1: the decoder ends
            on it, so that it carries 15 bits of the caller's.

    Returns:
        The last states, in 2**15 .. 2**31 - 1, with which decoding begins, and the stream.
    """
    state = start.astype(np.int64)
    steps = []
    for row in indices[::-1]:
        parts = tables.parts[row].astype(np.int64)
        full = state >= parts << (31 - PARTS_BITS)
        steps.append((state[full] & 0xFFFF).astype(np.int32))
        state = np.where(full, state >> WORD_BITS, state)
        state = (state // parts << PARTS_BITS) + state % parts + tables.starts[row]
    return state.astype(np.int32), np.concatenate(steps[::-1])


class Decoder:
    """Decodes step by step, as a step's distributions may depend on earlier ones.

    Args:
        tables: The distributions.
        state: Last states of `encode`.
        stream: Its words, and possibly more.
    """

    def __init__(self, tables: Tables, state: Ints, stream: Ints) -> None:
        self._tables = tables
        self.state = state.astype(np.int64)
        # A stream that was damaged may ask for more than there is; it gets zeros.
        self._stream = np.append(stream, 0)
        self._taken = 0

    def step(self, distributions: Ints) -> Ints:
        """Symbol indices of one step, int32 (lanes,), given each lane's distribution."""
        part = self.state & ((1 << PARTS_BITS) - 1)
        index = self._tables.of_part[distributions, part].astype(np.int32)
        state = (self.state >> PARTS_BITS) * self._tables.parts[index]
        state += part - self._tables.starts[index]
        low = state < LOW
        place = np.maximum(self._taken + np.cumsum(low) - 1, 0)
        word = self._stream.take(place, mode="clip")
        self._taken += int(low.sum())
        self.state = np.where(low, (state << WORD_BITS) + word, state)
        return index
