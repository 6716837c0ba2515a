"""Part of the hide graph of `clear`: from coefficients to symbols, and to a stream that fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from export.clear.builder import Builder
from export.clear.parts import Lookups, Sizes, dc_residuals
from training.clear import layout
from training.clear import tables as t
from training.clear.layout import COEFFICIENTS, COLOURS, RUNGS
from training.clear.rans import LOW
from training.clear.tables import Tables


@dataclass(frozen=True)
class Secret:
    """The secret's coefficients and modes, by name.

    Attributes:
        dc: Float (3, 4, batch, rows, columns).
        ac: Float (189, 4, batch, lanes).
        magnitudes: Of `ac`.
        modes: int32 (4, batch, lanes).
        scales: int32 (192, 4, batch, lanes).
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


def symbol_indices(g: Builder, tables: Tables, size: Sizes, secret: Secret, rung: str) -> str:
    """Symbol indices of all steps, int32 (steps, batch, lanes)."""
    look = Lookups(g, tables)
    step = look.step(rung)

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
    ones = g.gather(g.i32((1 << np.arange(t.CATEGORIES)) - 1), category)
    value = g.op("Add", residual, g.op("Where", g.op("Less", residual, g.i32(0)), ones, g.i32(0)))
    low_bits = g.op("Min", category, g.i32(t.CHUNK_BITS))
    unit = g.gather(g.i32(1 << np.arange(t.CHUNK_BITS + 1)), low_bits)
    upper = g.op("Div", value, unit)
    lower = g.op("Sub", value, g.op("Mul", upper, unit))
    first_chunk = g.i32(tables.firsts[tables.chunk_class : tables.mode_class])
    upper = g.op("Add", upper, g.gather(first_chunk, g.op("Sub", category, low_bits)))
    lower = g.op("Add", lower, g.gather(first_chunk, low_bits))
    relative = look.relative(secret.scales, rung)
    distributions = look.category_distributions(g.slice(relative, 0, COLOURS, 0))
    category = g.op("Add", category, g.gather(g.i32(tables.firsts), distributions))

    relative = g.slice(relative, COLOURS, COEFFICIENTS, 0)
    symbol = ac_symbols(g, tables, look, relative, secret, step)
    modes = g.op("Add", secret.modes, g.i32(tables.firsts[tables.mode_class]))
    rows = [g.reshape(x, -1, size.batch, size.lanes) for x in (category, upper, lower, symbol)]
    return str(g.op("Concat", modes, *rows, axis=0))


def ac_symbols(
    g: Builder, tables: Tables, look: Lookups, relative: str, secret: Secret, step: str
) -> str:
    """Symbol indices of AC, int32 (189, 4, batch, lanes).

    What follows from the relative index is computed rather than looked up where it can be: here a
    lookup costs as much as ten operations on the whole tensor.
    """
    # The step's doublings begin where the last class ends.
    wide = int(np.argmax(look.multiple > 1)) - 1
    octaves = g.op("Sub", g.cast(relative, "float"), g.f32(float(wide)))
    doublings = g.op("Mul", octaves, g.f32(1.0 / layout.RUNGS_PER_OCTAVE))
    doublings = g.op("Ceil", g.op("Max", doublings, g.f32(0.0)))
    multiple = g.op("Exp", g.op("Mul", doublings, g.f32(-np.log(2.0))))
    # Rounding rises over the lower classes in about a line, which is what `fit` makes of it.
    slope, base = rounding_line(tables)
    rounding = g.op("Add", g.op("Mul", octaves, g.f32(slope)), g.f32(base))
    rounding = g.op("Max", rounding, g.f32(float(tables.rounding.min())))
    rounding = g.op("Min", rounding, g.f32(float(tables.rounding.max())))
    level = g.op("Mul", secret.magnitudes, g.op("Reciprocal", step))
    level = g.op("Floor", g.op("Add", g.op("Mul", level, multiple), rounding))

    most = t.MAGNITUDES - t.TAIL
    packed = tables.ac_centres[look.classes] * most + tables.cores[look.classes]
    packed = g.gather(g.i32(packed), relative)
    core = g.cast(g.op("BitwiseAnd", packed, g.i32(most - 1)), "float")
    inner = g.op("Min", level, core)
    beyond = g.op("Min", g.op("Sub", level, inner), g.f32(float(t.TAIL_REACH)))
    tail = g.op("Mul", g.op("Add", beyond, g.f32(t.TAIL_SHIFT)), g.f32(0.25))
    tail = g.op("Mul", g.op("Log", tail), g.f32(t.TAIL_BUCKETS / np.log(2.0)))
    tail = g.op("Max", g.op("Add", g.op("Floor", tail), g.f32(1.0)), g.f32(0.0))
    # Class 0 has a core of 0 and nothing but zero.
    sign = g.op("Mul", g.op("Sign", secret.ac), g.op("Min", core, g.f32(1.0)))
    symbol = g.cast(g.op("Mul", g.op("Add", inner, tail), sign), "int32")
    return str(g.op("Add", symbol, g.op("Div", packed, g.i32(most))))


def rounding_line(tables: Tables) -> tuple[float, float]:
    """Slope and value at 0 of the fitted roundings over octaves above the last class."""
    low = np.flatnonzero(tables.rounding < tables.rounding.max())
    low = low[low > 0]
    per_class = layout.RUNGS_PER_OCTAVE / t.CLASSES_PER_OCTAVE
    octaves = (low - (t.CLASSES - 1)) * per_class
    slope, base = np.polyfit(octaves, tables.rounding[low], 1)
    return float(slope), float(base)


def encode(g: Builder, tables: Tables, indices: str, start: str) -> tuple[str, ...]:
    """rANS, see `training.clear.rans`: last states, each tile's word count, all words in a row."""
    packed = g.gather(g.i32((tables.parts - 1) * t.PARTS + tables.starts), indices)
    parts = g.op("Add", g.op("Div", packed, g.i32(t.PARTS)), g.i32(1))
    starts = g.op("BitwiseAnd", packed, g.i32(t.PARTS - 1))
    shift = 31 - t.PARTS_BITS
    most = g.op("Mul", g.op("Sub", parts, g.i32(1)), g.i32(1 << shift))
    most = g.op("Add", most, g.i32((1 << shift) - 1))
    body = g.subgraph()
    state, parts_in, starts_in, most_in = (g.name(n) for n in ("state", "parts", "starts", "most"))
    full = body.op("Greater", state, most_in)
    kept = body.op("Where", full, body.op("Div", state, g.i32(1 << 16)), state)
    quotient = body.op("Div", kept, parts_in)
    gap = body.op("Sub", g.i32(t.PARTS), parts_in)
    coded = body.op("Add", body.op("Mul", quotient, gap), body.op("Add", kept, starts_in))
    before = body.op("Identity", state)
    graph = body.body(
        [(n, "int32") for n in (state, parts_in, starts_in, most_in)],
        [(coded, "int32"), (before, "int32"), (full, "bool")],
    )
    last, states, full = g.op(
        "Scan",
        start,
        parts,
        starts,
        most,
        body=graph,
        outputs=3,
        num_scan_inputs=3,
        scan_input_directions=[1, 1, 1],
        scan_output_directions=[1, 1],
    )
    full = g.op("Transpose", full, perm=[1, 0, 2])
    words = g.op("BitwiseAnd", states, g.i32(0xFFFF))
    words = g.op("Transpose", words, perm=[1, 0, 2])
    stream = g.op("Compress", g.reshape(words, -1), g.reshape(full, -1))
    count = g.op("ReduceSum", g.cast(full, "int32"), g.i64([1, 2]), keepdims=0)
    return last, count, stream


def encode_to_fit(
    g: Builder, tables: Tables, size: Sizes, secret: Secret, rung: str
) -> tuple[str, str, str]:
    """Encodes, with ever coarser rungs until the stream of each tile fits.

    Returns:
        Rungs (batch, 1), states (batch, lanes) and streams, filled with zeros, (batch, words).
    """
    body = g.subgraph()
    trip, go, rung_in, move_in, state_in, stream_in = (
        g.name(n) for n in ("trip", "go", "rung", "move", "state", "stream")
    )
    indices = symbol_indices(body, tables, size, secret, rung_in)
    spread = body.op("Unsqueeze", Lookups(body, tables).step(rung_in), g.i64([2]))
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
    made = body.gather(stream, index)
    over = body.op("Greater", own, body.cast(size.stream, "int32"))
    # A rung is worth some 2 % of the bits; more each time, in case it is not.
    short = body.op("Sub", own, body.cast(size.stream, "int32"))
    short = body.op("Div", body.op("Mul", short, g.i32(64)), own)
    move = body.op("Mul", body.op("Add", short, g.i32(1)), move_in)
    rung_next = body.op("Add", rung_in, body.op("Where", over, move, g.i32(0)))
    rung_next = body.op("Min", rung_next, g.i32(RUNGS - 1))
    any_over = body.op("ReduceMax", body.cast(over, "int32"), keepdims=0)
    again = body.cast(any_over, "bool")
    move_out = body.op("Mul", move_in, g.i32(2))
    del trip
    trip_name = g.name("trip")
    graph = body.body(
        [
            (trip_name, "int64"),
            (go, "bool"),
            (rung_in, "int32"),
            (move_in, "int32"),
            (state_in, "int32"),
            (stream_in, "int32"),
        ],
        [(again, "bool")] + [(n, "int32") for n in (rung_next, move_out, state, made)],
        scalars=2,
    )
    nothing = g.op("Expand", g.i32(0), g.vector(size.batch, 1))
    rung, _, state, stream = g.op(
        "Loop",
        g.i64(RUNGS.bit_length() + 1),
        g.constant(True, "bool"),
        rung,
        g.i32(1),
        nothing,
        nothing,
        body=graph,
        outputs=4,
    )
    return rung, state, stream
