"""What was fitted to photographs: weights of features, and probabilities of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from runtime.payloads.jpeg.contexts import CLASSES, FEATURES, FINENESS, KINDS, SCALE, Pass

Int64 = NDArray[np.int64]

BITS = 14
"""Probabilities are whole numbers of 2^-BITS."""
TOKENS = 40
"""Tokens that exist."""
ROWS = 48
"""Rows of probabilities of each class, by expected magnitude."""
FILE = "tables.bin"

_WEIGHTS = (CLASSES, 64, max(KINDS) + 1, FEATURES)
_PARTS = 3  # of an octave, which has a row each


def limits() -> Int64:
    """Expected magnitudes, times `FINENESS`, where each row but the first starts; (ROWS - 1,)."""
    octaves = np.arange(1, ROWS) / _PARTS
    return np.rint(2.0**octaves).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Tables:
    """Weights and probabilities.

    Attributes:
        weights: int64, by class of the component, zigzag position, kind of pass, and feature.
        starts: int64 (CLASSES * ROWS, TOKENS + 1): sums of the probabilities of the tokens before
            each, up to 2^BITS.
        tokens: uint8 (CLASSES * ROWS, 2^BITS): the token of each place in a row of probabilities.
    """

    weights: Int64
    starts: Int64
    tokens: NDArray[np.uint8]

    def expected(self, known: Pass) -> Int64:
        """Magnitudes, times `FINENESS`."""
        weights = self.weights[known.number, known.position, known.kind]
        sums = weights @ known.features
        return np.asarray(sums // (known.step * (SCALE // FINENESS)))

    def rows(self, number: int, expected: Int64) -> Int64:
        """The row of probabilities of each expected magnitude, for a class of components."""
        return number * ROWS + np.searchsorted(_LIMITS, expected, "right")

    @classmethod
    def of(cls, content: bytes) -> Tables:
        """Reads a file: the weights, then the probabilities of all rows; uint16, little endian."""
        numbers = np.frombuffer(content, "<u2").astype(np.int64)
        count = int(np.prod(_WEIGHTS))
        shares = numbers[count:].reshape(CLASSES * ROWS, TOKENS)
        starts = np.zeros((len(shares), TOKENS + 1), np.int64)
        starts[:, 1:] = np.cumsum(shares, axis=1)
        tokens = np.stack([np.repeat(np.arange(TOKENS, dtype=np.uint8), row) for row in shares])
        return cls(numbers[:count].reshape(_WEIGHTS), starts, tokens)


_LIMITS = limits()


@cache
def load_tables() -> Tables:
    """The tables that containers are made and read with."""
    return Tables.of((files("runtime.payloads.jpeg") / FILE).read_bytes())
