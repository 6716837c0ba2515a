"""Words in pixels, as parts of the graphs of `clear`; `carrier` is the reference in Python."""

from __future__ import annotations

import numpy as np

from codec.words import WORD_BITS
from export.builder import Builder
from export.clear.carrier import residues_of_symbols, symbol_table
from export.clear.changes import BITS, change_table
from export.clear.sizes import Sizes, by_bits
from runtime.carriers.residues import MULTIPLIERS


def embed(g: Builder, size: Sizes, bits: str, words: str) -> str:
    """The container, uint8 like the cover; see `carrier.embed`."""
    missing = g.op("Sub", g.op("Mul", size.plane, g.i64([3])), size.words)
    words = g.op("Pad", words, g.vector(0, 0, 0, missing))
    upper = g.op("Div", words, g.i32(256))
    lower = g.op("BitwiseAnd", words, g.i32(255))
    pairs = [g.op("Unsqueeze", x, g.i64([2])) for x in (upper, lower)]
    octets = g.reshape(g.op("Concat", *pairs, axis=2), size.batch, 3, -1)
    unpacked = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    table = np.concatenate([unpacked << plane for plane in range(3)])
    octets = g.op("Add", octets, g.i32(np.arange(3)[:, None] * 256))
    planes = g.gather(g.constant(table, "uint8"), octets)
    first, second, third = g.op("Split", planes, outputs=3, axis=1, num_outputs=3)
    symbols = g.op("BitwiseOr", g.op("BitwiseOr", first, second), third)
    symbols = g.reshape(symbols, size.batch, -1)
    rest = g.op("Sub", size.samples, g.op("Mul", size.plane, g.i64([WORD_BITS])))
    symbols = g.op("Pad", symbols, g.vector(0, 0, 0, rest), g.constant(0, "uint8"))
    symbols = g.op("Reshape", symbols, g.op("Shape", "cover"))
    mask = by_bits(g, bits, [1, 3, 7], "uint8")
    symbols = g.op("BitwiseAnd", g.op("BitwiseXor", symbols, "pad"), mask)
    # Spreads the bits of a symbol three places apart, then puts the three samples side by side.
    in_red = np.arange(8, dtype=np.uint8)[:, None] * np.array([1, 0, 0], np.uint8)
    spread = residues_of_symbols(in_red, 3)
    wanted = g.lookup(g.f32(spread), g.cast(symbols, "int32"))
    wanted = weighed(g, wanted, g.f32([[1.0], [2.0], [4.0]]))
    levels = by_bits(g, bits, [8**b for b in BITS], "int32")
    rise = g.op("Sub", g.op("Add", wanted, levels), residues(g, "cover", bits))
    rise = g.op("BitwiseAnd", rise, g.op("Sub", levels, g.i32(1)))
    return _changed(g, bits, rise)


def _changed(g: Builder, bits: str, rise: str) -> str:
    """The cover with its residues raised; see `changes.change_table`."""
    tables = [change_table(b) for b in BITS]
    # The class of a level, times the stride of that class in the table.
    steps = [[s // table.itemsize // 3 for s in table.strides[:3]] for _, table in tables]
    classes = by_bits(g, bits, [kinds for kinds, _ in tables], "float32")
    strides = by_bits(g, bits, [np.reshape(s, (3, 1)) for s in steps], "float32")
    kind = weighed(g, g.lookup(classes, g.cast("cover", "int32")), strides)
    joined = np.concatenate([table.reshape(-1, 3) for _, table in tables])
    starts = np.cumsum([0, *(table.size // 3 for _, table in tables)])[:3]
    row = g.op("Add", g.op("Add", kind, rise), by_bits(g, bits, starts, "int32"))
    # Additions are modulo 256, so negative changes can be stored as uint8.
    change = g.gather(g.constant(joined.astype(np.uint8), "uint8"), row)
    return g.op("Add", "cover", change)


def extract(g: Builder, size: Sizes, bits: str) -> str:
    """The words of a container, int32 (batch, words); see `carrier.extract`."""
    mask = by_bits(g, bits, [1, 3, 7], "uint8")
    # Residues below 8**bits have the same symbols whatever `bits` is.
    table = g.constant(symbol_table(3), "uint8")
    symbols = g.gather(table, residues(g, "container", bits))
    symbols = g.op("BitwiseAnd", g.op("BitwiseXor", symbols, "pad"), mask)
    symbols = g.reshape(symbols, size.batch, -1)
    symbols = g.slice(symbols, 0, g.op("Mul", size.plane, g.i64([WORD_BITS])), 1)
    symbols = g.reshape(symbols, size.batch, -1, WORD_BITS)
    planes = []
    for plane in range(3):
        # Powers of two with sums below 2**16 are exact in float32, in any order.
        weights = 2.0 ** (np.arange(WORD_BITS - 1, -1, -1) - plane)
        bit = g.op("BitwiseAnd", symbols, g.constant(1 << plane, "uint8"))
        word = g.op("MatMul", g.cast(bit, "float"), g.f32(weights[:, None]))
        planes.append(g.reshape(word, size.batch, -1))
    words = g.cast(g.op("Concat", *planes, axis=1), "int32")
    return g.slice(words, 0, size.words, 1)


def residues(g: Builder, picture: str, bits: str) -> str:
    """See `runtime.carriers.residues.residues_of`; int32 (batch, height, width)."""
    rows = [np.reshape(m, (3, 1)) for m in MULTIPLIERS.values()]
    mask = by_bits(g, bits, [8**b - 1 for b in BITS], "int32")
    multipliers = by_bits(g, bits, rows, "float32")
    return g.op("BitwiseAnd", weighed(g, g.cast(picture, "float"), multipliers), mask)


def weighed(g: Builder, samples: str, weights: str) -> str:
    """Weighted sums of the three samples of each pixel, int32 (batch, height, width).

    Samples and weights, (3, 1), are floats. The result is exact, as all values are integers and the
    sums are below 2**24.
    """
    sums = g.op("MatMul", samples, weights)
    return g.cast(g.op("Squeeze", sums, g.i64([3])), "int32")
