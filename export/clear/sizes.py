"""Sizes and the checksum, as parts of the graphs of `clear`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from codec import modes as m
from codec.blocks import MACROBLOCK
from codec.words import CHECK_FACTOR, CHECK_PRIME, HEADER_WORDS, WORD_BITS
from export.builder import Builder


@dataclass(frozen=True)
class Sizes:
    """Names of the sizes of a run, int64 (1,) values.

    Attributes:
        batch: Number of tiles.
        height: Of a tile, in pixels.
        width: Of a tile, in pixels.
        rows: Rows of macroblocks.
        columns: Columns of macroblocks.
        lanes: Number of macroblocks.
        samples: Samples of a tile.
        plane: Words in one bit of all symbols.
        words: Words in all bits of the symbols.
        adaptive: Words of the adaptive scales: 0 if the tile is small.
        stream: Words left for the stream of the entropy coder.
    """

    batch: str
    height: str
    width: str
    rows: str
    columns: str
    lanes: str
    samples: str
    plane: str
    words: str
    adaptive: str
    stream: str


def sizes(g: Builder, cover: str, bits: str) -> Sizes:
    """Sizes of a cover or container; `bits` is int64 (1,)."""
    batch, height, width, _ = g.op("Split", g.op("Shape", cover), outputs=4, axis=0, num_outputs=4)
    rows, columns = (
        g.op("Div", g.op("Add", side, g.i64([MACROBLOCK - 1])), g.i64([MACROBLOCK]))
        for side in (height, width)
    )
    lanes = g.op("Mul", rows, columns)
    samples = g.op("Mul", g.op("Mul", height, width), g.i64([3]))
    plane = g.op("Div", samples, g.i64([WORD_BITS]))
    words = g.op("Mul", plane, bits)
    adaptive = g.cast(g.op("GreaterOrEqual", words, g.i64([m.ADAPTIVE_LEAST_WORDS])), "int64")
    adaptive = g.op("Mul", adaptive, g.i64([m.ADAPTIVE_WORDS]))
    taken = g.op("Add", g.op("Mul", lanes, g.i64([2])), g.i64([HEADER_WORDS]))
    stream = g.op("Sub", g.op("Sub", words, taken), adaptive)
    return Sizes(
        batch, height, width, rows, columns, lanes, samples, plane, words, adaptive, stream
    )


def checksum(g: Builder, size: Sizes, words: str) -> str:
    """See `codec.words.checksum`; int32 (batch, 1) of int32 (batch, words)."""
    first = g.constant(1, "int64")
    last = g.op("Add", g.op("Squeeze", size.words, g.i64([0])), first)
    place = g.op("Range", first, last, first)
    square = g.op("Mul", g.op("Mul", place, place), g.i64(CHECK_FACTOR))
    weights = g.op("Add", g.op("Mod", square, g.i64(CHECK_PRIME - 1)), first)
    after = g.op("Greater", place, g.i64(HEADER_WORDS))
    counted = g.op("Or", after, g.op("Equal", place, first))
    weights = g.op("Where", counted, weights, g.i64(0))
    products = g.op("Mul", g.cast(words, "int64"), weights)
    total = g.op("ReduceSum", products, g.i64([1]), keepdims=1)
    return g.cast(g.op("Mod", total, g.i64(CHECK_PRIME)), "int32")


def by_bits(g: Builder, bits: str, rows: Any, dtype: str) -> str:
    """One of three constants of the same shape, by `bits`, int64 (1,)."""
    which = g.op("Squeeze", g.op("Sub", bits, g.i64([1])), g.i64([0]))
    return g.gather(g.constant(np.stack(list(rows)), dtype), which)
