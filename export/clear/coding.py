"""Part of the hide graph of `clear`: from coefficients to symbols, and to a stream that fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from export.builder import Builder
from export.clear.common import Lookups, Sizes, dc_residuals
from export.clear.trellis import cheapest_path
from codec import tables as t
from codec import trellis
from codec.blocks import COLOURS, QINDICES, Floats, Ints
from codec.rans import LOW
from codec.tables import Tables


@dataclass(frozen=True)
class Secret:
    """The secret's coefficients and modes, by name.

    Attributes:
        dc: Float (3, 4, batch, rows, columns).
        ac: Float (189, 4, batch, lanes).
        magnitudes: Of `ac`.
        modes: int32 (4, batch, lanes).
        scales: Of all modes, int32 (batch, modes, 192).
        dc_residuals: Magnitudes, float (3, 4, batch, lanes).
    """

    dc: str
    ac: str
    magnitudes: str
    modes: str
    scales: str
    dc_residuals: str


def by_lane(g: Builder, size: Sizes, count: int, x: str) -> str:
    """The same with (batch, lanes) as last axes, and `count` first."""
    return g.reshape(x, count, 4, size.batch, size.lanes)


def symbol_indices(g: Builder, tables: Tables, size: Sizes, secret: Secret, qindex: str) -> str:
    """Symbol indices of all steps, int32 (steps, batch, lanes)."""
    look = Lookups(g, tables)
    step = look.step(qindex)

    # DC, losslessly from here on.
    spread = g.op("Unsqueeze", step, g.i64([2]))
    dc = g.op("Floor", g.op("Add", g.op("Div", secret.dc, spread), g.f32(0.5)))
    residual = by_lane(g, size, COLOURS, dc_residuals(g, g.cast(dc, "int32"), exact=True))
    coded = np.ones((COLOURS, 4, 1, 1), np.int32)
    coded[0, 0] = 0
    residual = g.op("Mul", residual, g.i32(coded))
    magnitude = g.op("Unsqueeze", g.op("Abs", residual), g.i64([4]))
    reached = g.op("GreaterOrEqual", magnitude, g.i32(1 << np.arange(t.CATEGORIES - 1)))
    category = g.op("ReduceSum", g.cast(reached, "int32"), g.i64([4]), keepdims=0)
    ones = g.lookup(g.i32((1 << np.arange(t.CATEGORIES)) - 1), category)
    value = g.op("Add", residual, g.op("Where", g.op("Less", residual, g.i32(0)), ones, g.i32(0)))
    low_bits = g.op("Min", category, g.i32(t.CHUNK_BITS))
    unit = g.lookup(g.i32(1 << np.arange(t.CHUNK_BITS + 1)), low_bits)
    upper = g.op("Div", value, unit)
    lower = g.op("Sub", value, g.op("Mul", upper, unit))
    first_chunk = g.i32(tables.firsts[tables.chunk_class : tables.mode_class])
    upper = g.op("Add", upper, g.lookup(first_chunk, g.op("Sub", category, low_bits)))
    lower = g.op("Add", lower, g.lookup(first_chunk, low_bits))
    relative = look.relative(secret.scales, qindex)
    dc_relative = look.of_blocks(size, relative, secret.modes, 0, COLOURS)
    distributions = look.category_distributions(dc_relative)
    category = g.op("Add", category, g.lookup(g.i32(tables.firsts), distributions))

    symbol = ac_symbols(g, tables, size, look.shaped(relative), secret, step)
    modes = g.op("Add", secret.modes, g.i32(tables.firsts[tables.mode_class]))
    rows = [g.reshape(x, -1, size.batch, size.lanes) for x in (category, upper, lower, symbol)]
    return str(g.op("Concat", modes, *rows, axis=0))


def cost_table(costs: Floats) -> Floats:
    """`Tables.costs` for the graph, float32 (rows * cells + 1, 4): by `Levels.cells`.

    Scales whose step is doubled have rows of their own, with costs in the common step's square;
    last comes the cell of what is beyond a class's core, where no parity but 0 can be chosen.
    """
    classes, multiple = t.relative_class()
    rows = _rows(classes, multiple)
    found = np.empty((t.SHAPES, rows.max() + 1, *costs.shape[2:]), np.float32)
    found[:, rows] = costs[:, classes] * multiple.reshape(-1, 1, 1, 1) ** 2
    beyond = np.array([[[0.0, 0.0], [trellis.INFINITE_COST, trellis.INFINITE_COST]]])
    return np.concatenate([found.reshape(-1, 4), beyond.reshape(1, 4)]).astype(np.float32)


def _rows(classes: Ints, multiple: Floats) -> Ints:
    """Rows of `cost_table` by relative index, each shape's from 0."""
    return classes + np.rint(np.log2(multiple) * t.CLASSES_PER_OCTAVE).astype(np.int32)


class Levels:
    """AC magnitudes in steps of their classes, and where in tables they are found.

    Attributes:
        half: Magnitudes in double steps, float (189, 4, batch, lanes).
        core: Largest level of their classes, float likewise.
        cells: Rows of `cost_table`, int32 likewise.
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
        # Class 0 has no level but zero.
        inverse = np.where(look.classes > 0, 0.5 / look.multiple, 0.0)
        inverse = g.lookup(g.f32(np.tile(inverse, t.SHAPES)), index)
        inverse = g.op("Div", inverse, g.op("Unsqueeze", step, g.i64([2])))
        rows = _rows(look.classes, look.multiple)
        every = np.arange(t.SHAPES)[:, None] * (rows.max() + 1) + rows
        starts = g.lookup(g.f32(every.ravel() * trellis.CELLS), index)
        # Nor is its only cell beyond any.
        core = np.where(look.classes > 0, tables.cores[look.classes], trellis.REACH)
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


def ac_symbols(
    g: Builder, tables: Tables, size: Sizes, index: str, secret: Secret, step: str, pieces: int = 1
) -> str:
    """Symbol indices of AC, int32 (189, 4, batch, lanes), by the cheapest way through the trellis.

    Args:
        g: Builder.
        tables: Fitted tables.
        size: Sizes.
        index: Of all modes, see `Lookups.shaped`.
        secret: The secret.
        step: Float (batch, 1).
        pieces: See `cheapest_path`.
    """
    look = Lookups(g, tables)
    levels = Levels(g, tables, size, index, secret.modes, step, secret.magnitudes)
    turn = int(tables.ac_centres[1, 0, 0] - tables.ac_centres[0, 0, 0])
    costs = cost_table(tables.costs)
    near, parity, turned = cheapest_path(g, size, costs, levels.cells, turn, pieces)
    level = g.op("Floor", g.op("Add", levels.half, near))
    level = g.op("Add", g.op("Add", level, level), parity)
    beyond = g.op("Max", g.op("Sub", level, levels.core), g.f32(0.0))
    level = g.op("Sub", level, beyond)
    beyond = g.op("Min", beyond, g.f32(float(t.TAIL_REACH)))
    tail = g.op("Mul", g.op("Add", beyond, g.f32(t.TAIL_SHIFT)), g.f32(0.25))
    tail = g.op("Mul", g.op("Log", tail), g.f32(t.TAIL_BUCKETS / np.log(2.0)))
    tail = g.op("Max", g.op("Add", g.op("Floor", tail), g.f32(1.0)), g.f32(0.0))
    # Zero needs a sign as well, as its level may be another.
    negative = g.op("Less", secret.ac, g.f32(0.0))
    sign = g.op("Where", negative, g.f32(-1.0), g.f32(1.0))
    symbol = g.op("Mul", g.op("Add", level, tail), sign)
    centres = g.lookup(g.f32(tables.ac_centres[0][:, look.classes].ravel()), index)
    centre = look.of_blocks(size, centres, secret.modes, COLOURS)
    # Whole numbers below 2**24: exact.
    symbol = g.op("Add", g.op("Add", symbol, centre), turned)
    return str(g.cast(symbol, "int32"))


def encode(g: Builder, tables: Tables, indices: str, start: str) -> tuple[str, ...]:
    """rANS, see `training.clear.rans`: last states, each tile's word count, all words in a row."""
    steps = g.slice(g.op("Shape", indices), 0, 1, 0)
    lanes = g.slice(g.op("Shape", indices), 1, 3, 0)
    indices = g.reshape(indices, steps, -1)
    packed = g.lookup(g.i32((tables.frequencies - 1) * t.TOTAL_FREQUENCY + tables.cumulative), indices)
    parts = g.op("Add", g.op("Div", packed, g.i32(t.TOTAL_FREQUENCY)), g.i32(1))
    starts = g.op("BitwiseAnd", packed, g.i32(t.TOTAL_FREQUENCY - 1))
    shift = 31 - t.FREQUENCY_BITS
    most = g.op("Mul", g.op("Sub", parts, g.i32(1)), g.i32(1 << shift))
    most = g.op("Add", most, g.i32((1 << shift) - 1))
    body = g.subgraph()
    state, parts_in, starts_in, most_in = (g.name(n) for n in ("state", "parts", "starts", "most"))
    full = body.op("Greater", state, most_in)
    # The state if it is not full, else what is left of it: Where would take longer than all this.
    mask = body.op("Sub", body.cast(full, "int32"), g.i32(1))
    kept = body.op("BitwiseAnd", state, mask)
    kept = body.op("Max", kept, body.op("Div", state, g.i32(1 << 16)))
    quotient = body.op("Div", kept, parts_in)
    gap = body.op("Sub", g.i32(t.TOTAL_FREQUENCY), parts_in)
    coded = body.op("Add", body.op("Mul", quotient, gap), body.op("Add", kept, starts_in))
    before = body.op("Identity", state)
    graph = body.body(
        [(n, "int32") for n in (state, parts_in, starts_in, most_in)],
        [(coded, "int32"), (before, "int32"), (full, "bool")],
    )
    last, states, full = g.op(
        "Scan",
        g.reshape(start, -1),
        parts,
        starts,
        most,
        body=graph,
        outputs=3,
        num_scan_inputs=3,
        scan_input_directions=[1, 1, 1],
        scan_output_directions=[1, 1],
    )
    last = g.reshape(last, lanes)
    full, states = (g.reshape(x, steps, lanes) for x in (full, states))
    full = g.op("Transpose", full, perm=[1, 0, 2])
    words = g.op("BitwiseAnd", states, g.i32(0xFFFF))
    words = g.op("Transpose", words, perm=[1, 0, 2])
    stream = g.op("Compress", g.reshape(words, -1), g.reshape(full, -1))
    count = g.op("ReduceSum", g.cast(full, "int32"), g.i64([1, 2]), keepdims=0)
    return last, count, stream


def encode_to_fit(
    g: Builder, tables: Tables, size: Sizes, secret: Secret, qindex: str
) -> tuple[str, str, str]:
    """Encodes, with ever coarser qindices until the stream of each tile fits.

    Returns:
        Rungs (batch, 1), states (batch, lanes) and streams, filled with zeros, (batch, words).
    """
    body = g.subgraph()
    trip, go, qindex_in, move_in, state_in, stream_in = (
        g.name(n) for n in ("trip", "go", "rung", "move", "state", "stream")
    )
    indices = symbol_indices(body, tables, size, secret, qindex_in)
    spread = body.op("Unsqueeze", Lookups(body, tables).step(qindex_in), g.i64([2]))
    anchors = body.gather(body.gather(secret.dc, g.i64(0)), g.i64(0))
    anchors = body.op("Floor", body.op("Add", body.op("Div", anchors, spread), g.f32(0.5)))
    anchors = body.reshape(body.cast(anchors, "int32"), size.batch, size.lanes)
    start = body.op("Add", anchors, g.i32(LOW))
    state, count, stream = encode(body, tables, indices, start)
    # Each tile's words from the row of all tiles' words, as far as there is room.
    stream = body.op("Concat", stream, g.i32([0]), axis=0)
    place = body.op("Range", g.i64(0), body.op("Squeeze", size.stream), g.i64(1))
    place = body.cast(place, "int32")
    own = body.op("Unsqueeze", count, g.i64([1]))
    before = body.op("Unsqueeze", body.op("CumSum", count, g.i64(0), exclusive=1), g.i64([1]))
    within = body.op("Less", place, own)
    total = body.op("ReduceSum", count, keepdims=0)
    index = body.op("Where", within, body.op("Add", place, before), total)
    made = body.lookup(stream, index)
    over = body.op("Greater", own, body.cast(size.stream, "int32"))
    # A qindex is worth some 2 % of the bits; more each time, in case it is not.
    short = body.op("Sub", own, body.cast(size.stream, "int32"))
    short = body.op("Div", body.op("Mul", short, g.i32(64)), own)
    move = body.op("Mul", body.op("Add", short, g.i32(1)), move_in)
    qindex_next = body.op("Add", qindex_in, body.op("Where", over, move, g.i32(0)))
    qindex_next = body.op("Min", qindex_next, g.i32(QINDICES - 1))
    any_over = body.op("ReduceMax", body.cast(over, "int32"), keepdims=0)
    again = body.cast(any_over, "bool")
    move_out = body.op("Mul", move_in, g.i32(2))
    del trip
    trip_name = g.name("trip")
    graph = body.body(
        [
            (trip_name, "int64"),
            (go, "bool"),
            (qindex_in, "int32"),
            (move_in, "int32"),
            (state_in, "int32"),
            (stream_in, "int32"),
        ],
        [(again, "bool")] + [(n, "int32") for n in (qindex_next, move_out, state, made)],
        scalars=2,
    )
    nothing = g.op("Expand", g.i32(0), g.vector(size.batch, 1))
    qindex, _, state, stream = g.op(
        "Loop",
        g.i64(QINDICES.bit_length() + 1),
        g.constant(True, "bool"),
        qindex,
        g.i32(1),
        nothing,
        nothing,
        body=graph,
        outputs=4,
    )
    return qindex, state, stream
