"""Values in the bytes that their probabilities allow: interleaved rANS (Duda, arXiv:1311.2540).

A value is a token and, where it is large, some bits as they are. Many coders run side by side and
share a stream of words, each of which goes to the first of them that needs one (Giesen,
arXiv:1402.3392).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.payloads.jpeg.bits import BitWriter
from runtime.payloads.jpeg.headers import UnsupportedJpeg
from runtime.payloads.jpeg.tables import BITS, TOKENS, Tables

Int64 = NDArray[np.int64]

# Magnitudes below have a token each; above, each power of two has two.
_SMALL = 16
_SMALL_BITS = 4
_LOW = 1 << 16
"""States are at least so large."""
_WORD_BITS = 16


class Damaged(Exception):  # noqa: N818 - told to nobody
    """The bytes are not what a writer wrote."""


def tokens_of(magnitudes: Int64) -> tuple[Int64, Int64]:
    """The token of each magnitude, and how many of its lowest bits come as they are."""
    exponent = np.frexp(np.maximum(magnitudes, 1).astype(np.float64))[1].astype(np.int64) - 1
    large = magnitudes >= _SMALL
    below = np.maximum(exponent - 1, 0)
    token = _SMALL + 2 * (exponent - _SMALL_BITS) + (magnitudes >> below & 1)
    return np.where(large, token, magnitudes), np.where(large, below, 0)


class Writer:
    """Writes values; `contexts.Coder`.

    Args:
        tables: Probabilities of tokens.
        lanes: Coders that run side by side.
    """

    def __init__(self, tables: Tables, lanes: int) -> None:
        self._tables, self._lanes = tables, lanes
        self._steps: list[tuple[NDArray[np.uint16], NDArray[np.uint16]]] = []
        self._bits = BitWriter()

    def code(self, number: int, expected: Int64, values: Int64 | None) -> Int64:
        """Writes values; see `contexts.Coder`.

        Raises:
            UnsupportedJpeg: One of them is far too large.
        """
        if values is None:
            raise ValueError("a writer needs values")
        magnitudes = np.abs(values)
        token, count = tokens_of(magnitudes)
        if token.max(initial=0) >= TOKENS:
            raise UnsupportedJpeg("a coefficient is out of range")
        row = self._tables.rows(number, expected)
        start = self._tables.starts[row, token]
        share = self._tables.starts[row, token + 1] - start
        for first in range(0, len(values), self._lanes):
            lanes = slice(first, first + self._lanes)
            self._steps.append((start[lanes].astype(np.uint16), share[lanes].astype(np.uint16)))
        # The sign, then the lowest bits.
        signed = (magnitudes > 0).astype(np.int64)
        extra = (values < 0) << count | magnitudes & ((1 << count) - 1)
        some = np.flatnonzero(signed)
        self._bits.add(extra[some], count[some] + 1)
        return values

    def finish(self) -> tuple[bytes, bytes, bytes]:
        """The last states (uint32 each), the words (uint16 each), and the other bits."""
        state = np.full(self._lanes, _LOW, np.int64)
        words: list[NDArray[np.uint16]] = []
        while self._steps:
            start, share = (each.astype(np.int64) for each in self._steps.pop())
            own = state[: len(start)]
            full = own >= share << (2 * _WORD_BITS - BITS)
            words.append((own[full] & 0xFFFF).astype("<u2"))
            own = np.where(full, own >> _WORD_BITS, own)
            state[: len(start)] = (own // share << BITS) + own % share + start
        stream = b"".join(part.tobytes() for part in reversed(words))
        return state.astype("<u4").tobytes(), stream, self._bits.finish(0)


class Reader:
    """Reads what a `Writer` with the same tables and lanes wrote; `contexts.Coder`.

    Args:
        tables: Probabilities of tokens.
        states: See `Writer.finish`.
        words: See `Writer.finish`.
        bits: See `Writer.finish`.
    """

    def __init__(self, tables: Tables, states: bytes, words: bytes, bits: bytes) -> None:
        self._tables = tables
        self._states = np.frombuffer(states, "<u4").astype(np.int64)
        self._words = np.frombuffer(words, "<u2").astype(np.int64)
        self._bits = np.concatenate([np.frombuffer(bits, np.uint8), np.zeros(3, np.uint8)])
        self._word, self._bit = 0, 0

    def code(self, number: int, expected: Int64, values: Int64 | None) -> Int64:  # noqa: ARG002
        """Reads values; see `contexts.Coder`.

        Raises:
            Damaged: There are no words or bits left.
        """
        row = self._tables.rows(number, expected)
        token = np.empty(len(row), np.int64)
        lanes = len(self._states)
        for first in range(0, len(row), lanes):
            token[first : first + lanes] = self._tokens(row[first : first + lanes])
        return self._values(token)

    def _tokens(self, row: Int64) -> Int64:
        state = self._states[: len(row)]
        slot = state & ((1 << BITS) - 1)
        token = self._tables.tokens[row, slot].astype(np.int64)
        start = self._tables.starts[row, token]
        share = self._tables.starts[row, token + 1] - start
        state = share * (state >> BITS) + slot - start
        empty = np.flatnonzero(state < _LOW)
        after = self._word + len(empty)
        if after > len(self._words):
            raise Damaged("too few words")
        state[empty] = state[empty] << _WORD_BITS | self._words[self._word : after]
        self._word = after
        self._states[: len(row)] = state
        return np.asarray(token)

    def _values(self, token: Int64) -> Int64:
        values = np.zeros(len(token), np.int64)
        some = np.flatnonzero(token)
        if not len(some):
            return values
        token = token[some]
        large = token >= _SMALL
        over = np.where(large, token - _SMALL, 0)
        count = np.where(large, (over >> 1) + _SMALL_BITS - 1, 0)
        ends = self._bit + np.cumsum(count + 1)
        starts = ends - count - 1
        self._bit = int(ends[-1])
        if self._bit > 8 * (len(self._bits) - 3):
            raise Damaged("too few bits")
        word = np.zeros(len(token), np.int64)
        for number in range(3):
            word = word << 8 | self._bits[(starts >> 3) + number]
        extra = word >> (24 - (starts & 7) - count - 1)
        lowest = extra & ((1 << count) - 1)
        magnitude = np.where(large, ((2 + (over & 1)) << count) + lowest, token)
        values[some] = np.where(extra >> count & 1, -magnitude, magnitude)
        return values

    def finish(self) -> None:
        """Checks that everything was read.

        Raises:
            Damaged: It was not.
        """
        whole = self._word == len(self._words) and (self._states == _LOW).all()
        if not whole or -(-self._bit // 8) != len(self._bits) - 3:
            raise Damaged("something is left over")
