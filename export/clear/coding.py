"""From coefficients to symbols, as parts of the graphs of `clear`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codec import classes as c
from codec import modes as m
from codec import tables as t
from codec import trellis
from codec.blocks import COLOURS, Floats, Ints
from codec.rans import CARRIED_BITS
from codec.tables import MODE_BEFORE, Tables
from export.builder import Builder
from export.clear.choice import mode_rows
from export.clear.lookups import Lookups
from export.clear.prediction import dc_residuals
from export.clear.secret import by_lane
from export.clear.sizes import Sizes
from export.clear.trellis import cheapest_path


@dataclass(frozen=True)
class Coded:
    """Names of the values of which symbols are made.

    Attributes:
        merged: Whether each macroblock is merged, int32 (batch, lanes), 0 or 1.
        dc: Float (3, 4, batch, lanes).
        ac: Float (189, 4, batch, lanes).
        modes: int32 (4, batch, lanes).
        scales: Scales of all modes, int32 (batch, modes, 192).
        qindex: int32 (batch, 1).
        price: Squared error, in squared steps, that one bit is worth, a float scalar.
    """

    merged: str
    dc: str
    ac: str
    modes: str
    scales: str
    qindex: str
    price: str


def symbol_indices(g: Builder, tables: Tables, size: Sizes, secret: Coded) -> tuple[str, str]:
    """Symbol indices of all steps, int32 (steps, batch, lanes), and what first states carry.

    That is int32 (batch, lanes), 0 .. 2**15 - 1.
    """
    look = Lookups(g, tables)
    # DC is lossless from here on.
    dc = dc_in_steps(g, tables, secret.dc, secret.qindex)
    dc = g.reshape(dc, COLOURS, 4, size.batch, size.rows, size.columns)
    merged = g.cast(g.reshape(secret.merged, size.batch, size.rows, size.columns), "bool")
    residual = by_lane(g, size, COLOURS, dc_residuals(g, dc, merged))
    magnitude = g.op("Unsqueeze", g.op("Abs", residual), g.i64([4]))
    reached = g.op("GreaterOrEqual", magnitude, g.i32(1 << np.arange(c.CATEGORIES - 1)))
    category = g.op("ReduceSum", g.cast(reached, "int32"), g.i64([4]), keepdims=0)
    ones = g.lookup(g.i32((1 << np.arange(c.CATEGORIES)) - 1), category)
    value = g.op("Add", residual, g.op("Where", g.op("Less", residual, g.i32(0)), ones, g.i32(0)))
    low_bits = g.op("Min", category, g.i32(c.CHUNK_BITS))
    upper, lower = cut_bits(g, value, low_bits)
    start, carried = carried_bits(g, size, low_bits)
    lower, in_state = cut_bits(g, lower, carried)
    in_state = g.op("Mul", in_state, powers(g, start))
    first = g.op("ReduceSum", in_state, g.i64([0, 1]), keepdims=0)
    first_chunk = g.i32(tables.firsts[tables.chunk_class : tables.mode_class])
    upper = g.op("Add", upper, g.lookup(first_chunk, g.op("Sub", category, low_bits)))
    lower = g.op("Add", lower, g.lookup(first_chunk, g.op("Sub", low_bits, carried)))
    relative = look.relative(secret.scales, secret.qindex)
    dc_relative = look.of_blocks(size, relative, secret.modes, 0, COLOURS)
    distributions = look.category_distributions(dc_relative, secret.merged)
    category = g.op("Add", category, g.lookup(g.i32(tables.firsts), distributions))

    symbol = ac_symbols(g, tables, size, look.shaped(relative), secret)
    merged = g.op("Add", secret.merged, g.i32(tables.firsts[tables.chunk_class + 1]))
    modes = mode_symbols(g, tables, secret)
    rows = (merged, modes, category, upper, lower, symbol)
    shaped = (g.reshape(x, -1, size.batch, size.lanes) for x in rows)
    return g.op("Concat", *shaped, axis=0), first


def powers(g: Builder, bits: str) -> str:
    """2**bits of int32 in 0 .. 15."""
    return g.lookup(g.i32(1 << np.arange(CARRIED_BITS + 1)), bits)


def cut_bits(g: Builder, x: str, bits: str) -> tuple[str, str]:
    """Numbers without their lowest bits, and those; int32."""
    unit = powers(g, bits)
    upper = g.op("Div", x, unit)
    return upper, g.op("Sub", x, g.op("Mul", upper, unit))


def carried_bits(g: Builder, size: Sizes, low: str) -> tuple[str, str]:
    """See `codec.codec.carried_bits`; all int32 (3, 4, batch, lanes)."""
    rows = g.reshape(low, 4 * COLOURS, size.batch, size.lanes)
    before = g.op("CumSum", rows, g.i64(0), exclusive=1)
    start = g.op("Min", before, g.i32(CARRIED_BITS))
    carried = g.op("Min", rows, g.op("Sub", g.i32(CARRIED_BITS), start))
    return by_lane(g, size, COLOURS, start), by_lane(g, size, COLOURS, carried)


def mode_symbols(g: Builder, tables: Tables, secret: Coded) -> str:
    """Symbol indices of modes, int32 (4, batch, lanes)."""
    each = g.op("Split", secret.modes, outputs=4, axis=0, num_outputs=4)
    each = [g.op("Squeeze", x, g.i64([0])) for x in each]
    symbols = []
    for modes, before in zip(each, MODE_BEFORE, strict=True):
        rows = mode_rows(g, tables, secret.merged, None if before < 0 else each[before])
        # All rows are of the same length.
        start = g.op("Mul", rows, g.i32(len(tables.shape_of_mode)))
        start = g.op("Add", start, g.i32(tables.firsts[tables.mode_class]))
        symbols.append(g.op("Unsqueeze", g.op("Add", modes, start), g.i64([0])))
    return g.op("Concat", *symbols, axis=0)


def dc_in_steps(g: Builder, tables: Tables, dc: str, qindex: str) -> str:
    """Quantized DC, int32 (..., batch, lanes), of float DC."""
    dc = g.op("Div", dc, Lookups(g, tables).step(qindex))
    dc = g.op("Floor", g.op("Add", dc, g.f32(0.5)))
    return g.cast(dc, "int32")


def cost_table(g: Builder, tables: Tables, price: str) -> str:
    """`Tables.costs` at a price, float (4, rows * cells + 1), see `Levels.cells`.

    By quantizer and parity: 0 in either quantizer, then 1. Scales with a doubled step have their
    own rows, with costs in squares of the common step. The last row is for magnitudes beyond the
    core of a class, where only parity 0 can be chosen.
    """
    classes, multiple = m.relative_class()
    rows = _rows(classes, multiple)
    parts = []
    for part in (tables.level_errors, tables.level_bits):
        table = np.empty((t.SHAPES, rows.max() + 1, *part.shape[2:]), np.float32)
        table[:, rows] = part[:, classes] * multiple.reshape(-1, 1, 1, 1) ** 2
        parts.append(g.f32(table.reshape(-1, 4).T))
    costs = g.op("Add", parts[0], g.op("Mul", parts[1], price))
    # Small totals keep their precision.
    costs = g.op("Sub", costs, g.op("ReduceMin", costs, g.i64([0]), keepdims=1))
    beyond = np.array([[0.0], [0.0], [trellis.INFINITE_COST], [trellis.INFINITE_COST]])
    return g.op("Concat", costs, g.f32(beyond), axis=1)


def _rows(classes: Ints, multiple: Floats) -> Ints:
    """Row of `cost_table` for each relative index, within a shape."""
    doubled = np.rint(np.log2(multiple) * c.CLASSES_PER_OCTAVE).astype(np.int32)
    return np.asarray(classes + doubled, np.int32)


class Levels:
    """AC magnitudes in steps of their classes, and their rows in `cost_table`.

    Attributes:
        half: Magnitudes in double steps, float (189, 4, batch, lanes).
        core: Largest exact levels of their classes, float (189, 4, batch, lanes).
        cells: Rows of `cost_table`, int32 (189, 4, batch, lanes).
    """

    def __init__(
        self,
        g: Builder,
        tables: Tables,
        size: Sizes,
        index: str,
        modes: str,
        step: str,
        magnitudes: str,
    ) -> None:
        look = Lookups(g, tables)
        # Class 0 has only level zero.
        halves = np.where(look.classes > 0, 0.5 / look.multiple, 0.0)
        inverse = g.lookup(g.f32(np.tile(halves, t.SHAPES)), index)
        inverse = g.op("Div", inverse, g.op("Unsqueeze", step, g.i64([2])))
        rows = _rows(look.classes, look.multiple)
        every = np.arange(t.SHAPES)[:, None] * (rows.max() + 1) + rows
        starts = g.lookup(g.f32(every.ravel() * trellis.CELLS), index)
        # The core of class 0 is such that its magnitude, zero, is never beyond it.
        core = np.where(look.classes > 0, c.CORES[look.classes], trellis.REACH)
        cores = g.lookup(g.f32(np.tile(core, t.SHAPES)), index)
        inverse, start, self.core = (
            look.of_blocks(size, x, modes, COLOURS) for x in (inverse, starts, cores)
        )
        self.half = g.op("Mul", magnitudes, inverse)
        reach = trellis.REACH / trellis.PERIOD
        beyond = g.op("Max", g.op("Sub", self.half, g.f32(reach)), g.f32(0.0))
        cell = g.op("Sub", self.half, g.op("Floor", beyond))
        cell = g.op("Mul", cell, g.f32(float(trellis.GRID * trellis.PERIOD)))
        cell = g.cast(g.op("Add", cell, start), "int32")
        room = g.op("Sub", g.op("Add", self.half, self.half), self.core)
        far = g.op("GreaterOrEqual", room, g.f32(-trellis.NEAR_TAIL))
        last = t.SHAPES * (rows.max() + 1) * trellis.CELLS
        self.cells = g.op("Where", far, g.i32(last), cell)


def ac_symbols(g: Builder, tables: Tables, size: Sizes, index: str, secret: Coded) -> str:
    """Symbol indices of AC, int32 (189, 4, batch, lanes), by the cheapest path of the trellis.

    Args:
        g: Builder.
        tables: Fitted tables.
        size: Sizes.
        index: Indices of all modes, see `Lookups.shaped`.
        secret: The secret.
    """
    look = Lookups(g, tables)
    step = look.step(secret.qindex)
    magnitudes = g.op("Abs", secret.ac)
    levels = Levels(g, tables, size, index, secret.modes, step, magnitudes)
    shift = int(tables.ac_centres[1, 0, 0] - tables.ac_centres[0, 0, 0])
    costs = cost_table(g, tables, secret.price)
    near, parity, shifted = cheapest_path(g, size, costs, levels.cells, shift)
    level = g.op("Floor", g.op("Add", levels.half, near))
    level = g.op("Add", g.op("Add", level, level), parity)
    beyond = g.op("Max", g.op("Sub", level, levels.core), g.f32(0.0))
    level = g.op("Sub", level, beyond)
    beyond = g.op("Min", beyond, g.f32(float(c.TAIL_REACH)))
    # A third of the time of logarithms.
    tail = g.lookup(g.f32(c.tail_symbols()), g.cast(beyond, "int32"))
    # Symbol 0 needs a sign as well: in quantizer 1 its level may not be zero.
    negative = g.op("Less", secret.ac, g.f32(0.0))
    sign = g.op("Where", negative, g.f32(-1.0), g.f32(1.0))
    symbol = g.op("Mul", g.op("Add", level, tail), sign)
    centres = g.lookup(g.f32(tables.ac_centres[0][:, look.classes].ravel()), index)
    centre = look.of_blocks(size, centres, secret.modes, COLOURS)
    # Exact: these are integers below 2**24.
    symbol = g.op("Add", g.op("Add", symbol, centre), shifted)
    return g.cast(symbol, "int32")
