"""The hide graph of the `clear` codec: cover and secret in, container out."""

from __future__ import annotations

import numpy as np
import onnx

from export.clear.builder import Builder, picture, tensor
from export.clear.parts import Lookups, Sizes, dc_residuals, sizes
from training.clear import layout
from training.clear import tables as t
from training.clear.layout import COEFFICIENTS, COLOURS, HEADER_WORDS, QUAD, RUNGS
from training.clear.rans import LOW
from training.clear.tables import Tables

SAMPLED_LANES = 128
ROUGH = 0.46
# When a rung is corrected: the range to look in, and the share of the bits to leave for what the
# sample does not tell. To encode again costs more time than that costs quality.
AROUND = 32
MARGIN = 0.012


def build_hide(tables: Tables) -> onnx.ModelProto:
    """hide(cover, secret, pad, header, bits) -> container."""
    g = Builder()
    bits = g.op("Reshape", "bits", g.i64([1]))
    size = sizes(g, "cover", bits)
    x = _coefficients(g, size, "secret")
    dc = g.slice(x, 0, COLOURS, 0)
    spatial = g.reshape(dc, COLOURS, 4, size.batch, size.rows, size.columns)
    rough_dc = _by_lane(g, size, COLOURS, g.op("Abs", dc_residuals(g, spatial, exact=False)))
    # See `Codec.quantise`: anchors are predicted from twice as far.
    rough_dc = g.op("Mul", rough_dc, g.f32(np.array([0.5, 1, 1, 1]).reshape(1, 4, 1, 1)))
    ac = g.slice(x, COLOURS, COEFFICIENTS, 0)
    magnitudes = g.op("Abs", ac)
    rough = g.op("Concat", rough_dc, magnitudes, axis=0)

    capacity = g.op("Mul", g.cast(size.stream, "float"), g.f32(float(layout.WORD)))
    every = g.op("Max", g.op("Div", size.lanes, g.i64([SAMPLED_LANES])), g.i64([1]))
    sampled = g.slice(rough, 0, 1 << 30, 3, every)
    taken = g.slice(g.op("Shape", sampled), 3, 4, 0)
    share = g.op("Div", g.cast(taken, "float"), g.cast(size.lanes, "float"))
    # Scores tell some per cent too many, the more the fewer bits there are.
    share = g.op("Mul", share, g.f32(1.05))
    allowed = g.op("Mul", _allowed(g, size, capacity), share)
    ends = [g.op("Expand", g.i32(rung), g.vector(size.batch, 1)) for rung in (0, RUNGS - 1)]
    rung = _sampled_rung(g, tables, size, sampled, allowed, *ends, RUNGS)
    scores = _scores(g, tables, size, rough, rung)
    modes = _modes(g, size, scores)
    scales = Lookups(g, tables).scales(modes)
    secret = _Secret(spatial, ac, magnitudes, modes, scales, rough_dc)
    rung = _corrected(g, tables, size, secret, sampled, scores, rung, every, capacity)
    rung, state, stream = _fitting(g, tables, size, secret, rung)
    words = _words(g, size, rung, state, stream)
    container = _embed(g, size, bits, words)
    inputs = [
        picture("cover"),
        picture("secret"),
        picture("pad"),
        tensor("header", "uint8", ["batch", layout.USER_BYTES]),
        tensor("bits", "int64", []),
    ]
    return g.model("hide", inputs, [(container, picture("container"))])


class _Secret:
    """The secret's coefficients and modes, by name."""

    def __init__(
        self, dc: str, ac: str, magnitudes: str, modes: str, scales: str, dc_residuals: str
    ) -> None:
        self.dc = dc  # (3, 4, batch, rows, columns)
        self.ac = ac  # (189, 4, batch, lanes)
        self.magnitudes = magnitudes
        self.modes = modes  # (4, batch, lanes)
        self.scales = scales  # (192, 4, batch, lanes)
        self.dc_residuals = dc_residuals  # magnitudes, (3, 4, batch, lanes)


def _by_lane(g: Builder, size: Sizes, count: int, x: str) -> str:
    return g.reshape(x, count, 4, size.batch, size.lanes)


def _coefficients(g: Builder, size: Sizes, secret: str) -> str:
    """The transform, float (192, 4, batch, lanes)."""
    planes = g.op("Transpose", g.cast(secret, "float"), perm=[0, 3, 1, 2])
    margins = []
    for quads, side in ((size.rows, size.height), (size.columns, size.width)):
        margins.append(g.op("Sub", g.op("Mul", quads, g.i64([QUAD])), side))
    pads = g.vector(0, 0, 0, 0, 0, 0, *margins)
    planes = g.op("Pad", planes, pads, mode="edge")
    x = g.op("Conv", planes, g.f32(layout.analysis()), strides=[8, 8])
    x = g.reshape(x, size.batch, COEFFICIENTS, size.rows, 2, size.columns, 2)
    x = g.op("Transpose", x, perm=[1, 3, 5, 0, 2, 4])
    return _by_lane(g, size, COEFFICIENTS, x)


def _scores(g: Builder, tables: Tables, size: Sizes, rough: str, rung: str) -> str:
    """About the bits of each block in each mode, float (batch, modes, 4 * lanes).

    Args:
        g: Builder.
        tables: Fitted tables.
        size: Sizes; the number of lanes may be another than the tile's.
        rough: Magnitudes, (192, 4, batch, lanes), those of DC being of residuals.
        rung: int32 (batch, 1).
    """
    look = Lookups(g, tables)
    step = look.step(rung)
    quantised = g.op("Floor", g.op("Add", g.op("Div", rough, step), g.f32(ROUGH)))
    quantised = g.op("Transpose", quantised, perm=[2, 0, 1, 3])
    quantised = g.reshape(quantised, size.batch, COEFFICIENTS, -1)
    relative = look.relative(g.i32(tables.scales.T[None]), g.op("Unsqueeze", rung, g.i64([2])))
    by_index = tables.score[look.classes]
    fixed, nonzero, slope = (g.gather(g.f32(by_index[:, i]), relative) for i in range(3))
    mode_bits = tables.bits[tables.firsts[tables.mode_class] :]
    fixed = g.op("ReduceSum", fixed, g.i64([2]), keepdims=1)
    fixed = g.op("Add", fixed, g.f32(mode_bits[:, None]))
    some = g.op("Min", quantised, g.f32(1.0))
    bits = g.op("Add", g.op("MatMul", slope, quantised), g.op("MatMul", nonzero, some))
    return g.op("Add", bits, fixed)


def _modes(g: Builder, size: Sizes, scores: str) -> str:
    """The cheapest mode of each block, int32 (4, batch, lanes)."""
    best = g.cast(g.op("ArgMin", scores, axis=1, keepdims=0), "int32")
    best = g.reshape(best, size.batch, 4, size.lanes)
    return g.op("Transpose", best, perm=[1, 0, 2])


def _allowed(g: Builder, size: Sizes, capacity: str) -> str:
    """Bits of symbols that fit, float (1,): lanes begin and end with part of a word."""
    return g.op("Add", capacity, g.op("Mul", g.cast(size.lanes, "float"), g.f32(7.0)))


def _sampled_rung(
    g: Builder,
    tables: Tables,
    size: Sizes,
    sample: str,
    allowed: str,
    low: str,
    high: str,
    rungs: int,
) -> str:
    """The finest rung of low .. high, `rungs` of them, at which a sample's scores are allowed.

    Rungs are int32 (batch, 1); the sample is (192, 4, batch, lanes).
    """
    body = g.subgraph()
    trip, go, low_in, high_in = (g.name(n) for n in ("trip", "go", "low", "high"))
    middle = body.op("Div", body.op("Add", low_in, high_in), g.i32(2))
    scores = _scores(body, tables, size, sample, middle)
    bits = body.op("ReduceMin", scores, g.i64([1]), keepdims=0)
    bits = body.op("ReduceSum", bits, g.i64([1]), keepdims=1)
    fits = body.op("LessOrEqual", bits, allowed)
    high_out = body.op("Where", fits, middle, high_in)
    low_out = body.op("Where", fits, low_in, body.op("Add", middle, g.i32(1)))
    # A range that has closed stays: its middle is its end.
    low_out = body.op("Min", low_out, high_out)
    go_out = body.op("Identity", go)
    graph = body.body(
        [(trip, "int64"), (go, "bool"), (low_in, "int32"), (high_in, "int32")],
        [(go_out, "bool"), (low_out, "int32"), (high_out, "int32")],
        scalars=2,
    )
    rounds = g.i64(rungs.bit_length() - 1)
    return str(g.op("Loop", rounds, g.constant(True, "bool"), low, high, body=graph, outputs=2)[1])


def _corrected(
    g: Builder,
    tables: Tables,
    size: Sizes,
    secret: _Secret,
    sampled: str,
    scores: str,
    rung: str,
    every: str,
    capacity: str,
) -> str:
    """The rung that fits by all blocks' scores, set right by exact bits of a sample of AC.

    Scores are least squares, off by some per cent and by about as much over all of a picture: the
    sample tells by how much.
    """
    end = 1 << 30
    look = Lookups(g, tables)
    block_bits = g.op("ReduceMin", scores, g.i64([1]), keepdims=0)
    by_lane = g.reshape(block_bits, size.batch, 4, size.lanes)
    scored = g.op("ReduceSum", g.slice(by_lane, 0, end, 2, every), g.i64([1, 2]), keepdims=0)
    ac, magnitudes, scales = (
        g.slice(x, 0, end, 3, every) for x in (secret.ac, secret.magnitudes, secret.scales)
    )
    modes = g.slice(secret.modes, 0, end, 2, every)
    dc = g.slice(secret.dc_residuals, 0, end, 3, every)
    sample = _Secret(dc, ac, magnitudes, modes, scales, dc)
    step = look.step(rung)
    relative = g.slice(look.relative(scales, rung), COLOURS, COEFFICIENTS, 0)
    symbol = _symbols(g, tables, look, relative, sample, step)
    exact = g.op("ReduceSum", g.gather(g.f32(tables.bits), symbol), g.i64([0, 1, 3]), keepdims=0)
    mode_bits = g.f32(tables.bits[tables.firsts[tables.mode_class] :])
    mode_bits = g.op("ReduceSum", g.gather(mode_bits, modes), g.i64([0, 2]), keepdims=0)
    # A DC residual takes its magnitude's bits, a sign and some two bits to say how many.
    quantised = g.op("Floor", g.op("Add", g.op("Div", dc, step), g.f32(1.5)))
    dc_bits = g.op("Mul", g.op("Log", quantised), g.f32(1.0 / np.log(2.0)))
    dc_bits = g.op("Add", dc_bits, g.f32(2.3))
    coded = np.ones((COLOURS, 4, 1, 1), np.float32)
    coded[0, 0] = 0.0
    dc_bits = g.op("ReduceSum", g.op("Mul", dc_bits, g.f32(coded)), g.i64([0, 1, 3]), keepdims=0)
    exact = g.op("Add", g.op("Add", exact, mode_bits), dc_bits)
    total = g.op("ReduceSum", block_bits, g.i64([1]), keepdims=0)
    bits = g.op("Mul", total, g.op("Div", exact, g.op("Max", scored, g.f32(1.0))))

    # What the sample may score, if all of the picture is to take what there is.
    allowed = g.op("Mul", _allowed(g, size, capacity), g.f32(1.0 - MARGIN))
    allowed = g.op("Div", g.op("Mul", allowed, scored), g.op("Max", bits, g.f32(1.0)))
    around = g.op("Max", g.op("Sub", rung, g.i32(AROUND // 2)), g.i32(0))
    top = g.op("Min", g.op("Add", around, g.i32(AROUND - 1)), g.i32(RUNGS - 1))
    allowed = g.op("Unsqueeze", allowed, g.i64([1]))
    return _sampled_rung(g, tables, size, sampled, allowed, around, top, AROUND)


def _indices(
    g: Builder, tables: Tables, size: Sizes, secret: _Secret, rung: str
) -> str:
    """Symbol indices of all steps, int32 (steps, batch, lanes)."""
    look = Lookups(g, tables)
    step = look.step(rung)

    # DC, losslessly from here on.
    spread = g.op("Unsqueeze", step, g.i64([2]))
    dc = g.op("Floor", g.op("Add", g.op("Div", secret.dc, spread), g.f32(0.5)))
    residual = _by_lane(g, size, COLOURS, dc_residuals(g, g.cast(dc, "int32"), exact=True))
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
    symbol = _symbols(g, tables, look, relative, secret, step)
    modes = g.op("Add", secret.modes, g.i32(tables.firsts[tables.mode_class]))
    rows = [g.reshape(x, -1, size.batch, size.lanes) for x in (category, upper, lower, symbol)]
    return str(g.op("Concat", modes, *rows, axis=0))


def _symbols(
    g: Builder, tables: Tables, look: Lookups, relative: str, secret: _Secret, step: str
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
    slope, base = rounding_line(tables, look)
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


def rounding_line(tables: Tables, look: Lookups) -> tuple[float, float]:
    """Slope and value at 0 of the fitted roundings over octaves above the last class."""
    low = np.flatnonzero(tables.rounding < tables.rounding.max())
    low = low[low > 0]
    per_class = layout.RUNGS_PER_OCTAVE / t.CLASSES_PER_OCTAVE
    octaves = (low - (t.CLASSES - 1)) * per_class
    slope, base = np.polyfit(octaves, tables.rounding[low], 1)
    return float(slope), float(base)


def _encode(g: Builder, tables: Tables, size: Sizes, indices: str, start: str) -> tuple[str, ...]:
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


def _fitting(
    g: Builder, tables: Tables, size: Sizes, secret: _Secret, rung: str
) -> tuple[str, str, str]:
    """Encodes, with ever coarser rungs until the stream of each tile fits.

    Returns:
        Rungs (batch, 1), states (batch, lanes) and streams, filled with zeros, (batch, words).
    """
    body = g.subgraph()
    trip, go, rung_in, move_in, state_in, stream_in = (
        g.name(n) for n in ("trip", "go", "rung", "move", "state", "stream")
    )
    indices = _indices(body, tables, size, secret, rung_in)
    spread = body.op("Unsqueeze", Lookups(body, tables).step(rung_in), g.i64([2]))
    anchors = body.gather(body.gather(secret.dc, g.i64(0)), g.i64(0))
    anchors = body.op("Floor", body.op("Add", body.op("Div", anchors, spread), g.f32(0.5)))
    anchors = body.reshape(body.cast(anchors, "int32"), size.batch, size.lanes)
    start = body.op("Add", anchors, g.i32(LOW))
    state, count, stream = _encode(body, tables, size, indices, start)
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


def _words(g: Builder, size: Sizes, rung: str, state: str, stream: str) -> str:
    """All words of each tile, int32 (batch, words)."""
    user = g.reshape(g.cast("header", "int32"), size.batch, HEADER_WORDS - 2, 2)
    user = g.op("Mul", user, g.i32([256, 1]))
    user = g.op("ReduceSum", user, g.i64([2]), keepdims=0)
    upper = g.op("Div", state, g.i32(1 << 16))
    lower = g.op("BitwiseAnd", state, g.i32(0xFFFF))
    rest = g.op("Concat", user, upper, lower, stream, axis=1)
    total = g.op("ReduceSum", g.cast(rest, "int64"), g.i64([1]), keepdims=1)
    total = g.op("Add", total, g.cast(rung, "int64"))
    check = g.cast(g.op("BitwiseAnd", total, g.i64(0xFFFF)), "int32")
    return g.op("Concat", rung, check, rest, axis=1)


def _embed(g: Builder, size: Sizes, bits: str, words: str) -> str:
    """The container; see `layout.symbols_of_words` and `layout.residue_table`."""
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
    rest = g.op("Sub", size.samples, g.op("Mul", size.plane, g.i64([layout.WORD])))
    symbols = g.op("Pad", symbols, g.vector(0, 0, 0, rest), g.constant(0, "uint8"))
    symbols = g.op("Reshape", symbols, g.op("Shape", "cover"))
    which = g.op("Sub", bits, g.i64([1]))
    mask = g.gather(g.constant([1, 3, 7], "uint8"), which)
    pad = g.op("BitwiseAnd", "pad", mask)
    target = g.op("BitwiseAnd", g.op("Add", symbols, pad), mask)
    index = g.op("Mul", g.cast("cover", "int32"), g.i32(8))
    index = g.op("Add", index, g.cast(target, "int32"))
    nearest = np.zeros((3, 256, 8), np.uint8)
    for plane in range(3):
        nearest[plane, :, : 2 << plane] = layout.residue_table(plane + 1)
    chosen = g.gather(g.constant(nearest.reshape(3, -1), "uint8"), which)
    return g.gather(g.reshape(chosen, -1), index)


