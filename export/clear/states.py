"""The last states of the lanes, as parts of the graphs of `clear`; see `codec.states`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codec import classes as c
from codec import states as s
from codec.rans import LOW
from codec.tables import Tables
from export.builder import Builder
from export.clear.coding import cut_bits, powers
from export.clear.entropy import Decoder, encode
from export.clear.sizes import Sizes


@dataclass(frozen=True)
class Packed:
    """Names of the values of packed states.

    Attributes:
        lower: Lower bits, int32 (batch, lanes).
        states: States of the second coder, int32 (batch, packers).
        full: Whether a lane of it gives a word in a step, bool (batch, steps * packers).
        stream: Those words, int32 like `full`, where others mean nothing.
    """

    lower: str
    states: str
    full: str
    stream: str


def packers(g: Builder, size: Sizes) -> str:
    """See `codec.states.packers`; int64 (1,)."""
    up = g.op("Add", size.lanes, g.i64([s.ROWS - 1]))
    return g.op("Div", up, g.i64([s.ROWS]))


def pack(g: Builder, tables: Tables, size: Sizes, states: str) -> Packed:
    """See `codec.states.pack`; states are int32 (batch, lanes)."""
    count = packers(g, size)
    missing = g.op("Sub", g.op("Mul", count, g.i64([s.ROWS])), size.lanes)
    upper = g.op("Div", states, g.i32(1 << 16))
    upper = g.op("Pad", upper, g.vector(0, 0, 0, missing))
    upper = g.op("Transpose", g.reshape(upper, size.batch, s.ROWS, count), perm=[1, 0, 2])
    reached = g.op(
        "GreaterOrEqual", g.op("Unsqueeze", upper, g.i64([3])), g.i32(1 << np.arange(15))
    )
    lengths = g.op("ReduceSum", g.cast(reached, "int32"), g.i64([3]), keepdims=0)
    first = g.op("Div", powers(g, lengths), g.i32(2))
    high_bits, low_bits = _chunk_bits(g, lengths)
    high, low = cut_bits(g, g.op("Sub", upper, first), low_bits)
    firsts = tables.firsts[tables.chunk_class : tables.mode_class]
    each = [g.op("Add", lengths, g.i32(firsts[s.LENGTH_BITS]))]
    for value, bits in ((high, high_bits), (low, low_bits)):
        each.append(g.op("Add", value, g.lookup(g.i32(firsts), bits)))
    indices = g.op("Concat", *each, axis=0)
    start = g.op("Expand", g.i32(LOW), g.vector(size.batch, count))
    lower = g.op("BitwiseAnd", states, g.i32(0xFFFF))
    return Packed(lower, *encode(g, tables, indices, start))


def unpack(g: Builder, tables: Tables, size: Sizes, words: str, decoder: Decoder) -> None:
    """Sets the states of the lanes, packed at the start of words, int32 (batch, n).

    The decoder has the words from the streams on.
    """
    count = packers(g, size)
    ends = [count, g.op("Add", count, count)]
    upper = g.op("BitwiseAnd", g.slice(words, 0, ends[0], 1), g.i32(0x7FFF))
    lower = g.slice(words, ends[0], ends[1], 1)
    decoder.start(g.op("Add", g.op("Mul", upper, g.i32(1 << 16)), lower))
    shape = g.vector(s.ROWS, size.batch, count)
    lengths = decoder.take(g.op("Expand", g.i32(tables.chunk_class + s.LENGTH_BITS), shape))
    high_bits, low_bits = _chunk_bits(g, lengths)
    high, low = (
        decoder.take(g.op("Add", bits, g.i32(tables.chunk_class))) for bits in (high_bits, low_bits)
    )
    rest = g.op("Add", g.op("Mul", high, powers(g, low_bits)), low)
    upper = g.op("Add", g.op("Div", powers(g, lengths), g.i32(2)), rest)
    upper = g.reshape(g.op("Transpose", upper, perm=[1, 0, 2]), size.batch, -1)
    upper = g.slice(upper, 0, size.lanes, 1)
    lower = g.slice(words, ends[1], g.op("Add", ends[1], size.lanes), 1)
    decoder.start(g.op("Add", g.op("Mul", upper, g.i32(1 << 16)), lower))


def head_words(g: Builder, size: Sizes) -> str:
    """Words before the streams, without adaptive scales; int64 (1,)."""
    return g.op("Add", g.op("Mul", packers(g, size), g.i64([2])), size.lanes)


def _chunk_bits(g: Builder, lengths: str) -> tuple[str, str]:
    """Bits of the upper and lower chunk of what follows the first bit."""
    bits = g.op("Max", g.op("Sub", lengths, g.i32(1)), g.i32(0))
    low = g.op("Min", bits, g.i32(c.CHUNK_BITS))
    return g.op("Sub", bits, low), low
