"""The choice of modes and of the quantizer index, as parts of the hide graph."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from codec import modes as m
from codec.blocks import COEFFICIENTS, COLOURS, QINDICES, QINDICES_PER_OCTAVE
from codec.quantize import ROUGH
from codec.tables import Tables
from export.builder import Builder
from export.clear.coding import Secret, ac_symbols
from export.clear.lookups import Lookups
from export.clear.sizes import Sizes

SAMPLED_LANES = 128
# The sample has few lanes, so they are cut into pieces to take fewer steps.
PIECES = 7
# For the corrected quantizer index: the range to search, and the share of the bits that is left
# unused because the sample is uncertain, a constant plus a factor of its standard error. Encoding a
# second time would take longer than everything else.
AROUND = 32
LEAST_MARGIN, MARGIN = 0.006, 0.08


@dataclass(frozen=True)
class Modes:
    """Names of the values of all modes of a run.

    Attributes:
        scales: int32 (batch, modes, 192).
        bits: Bits of each mode, float (modes, 1); prohibitive for adaptive modes if there are none.
    """

    scales: str
    bits: str


def modes_of(g: Builder, tables: Tables, size: Sizes, adaptive: str) -> Modes:
    """Common modes, and adaptive ones of the given scales, int32 (batch, 192)."""
    bits = tables.bits[tables.firsts[tables.mode_class] :, None]
    absent = g.cast(g.op("Equal", size.adaptive, g.i64([0])), "float")
    absent = g.op("Mul", absent, g.f32(1e9 * tables.shape_of_mode[:, None]))
    return Modes(Lookups(g, tables).scales(adaptive), g.op("Add", g.f32(bits), absent))


def adaptive_scales(g: Builder, magnitudes: str) -> str:
    """Adaptive scales of each tile, int32 (batch, 192); see `codec.modes`."""
    mean = g.op("ReduceMean", magnitudes, g.i64([1, 3]), keepdims=0)
    logs = g.op("Log", g.op("Max", g.op("Transpose", mean, perm=[1, 0]), g.f32(1e-3)))
    logs = g.op("Mul", logs, g.f32(QINDICES_PER_OCTAVE / m.ADAPTIVE_UNIT / np.log(2.0)))
    scales = g.cast(g.op("Floor", g.op("Add", logs, g.f32(0.5))), "int32")
    scales = g.op("Mul", scales, g.i32(m.ADAPTIVE_UNIT))
    return g.op("Min", g.op("Max", scales, g.i32(m.LOWEST_SCALE)), g.i32(m.HIGHEST_SCALE))


def scores_of(
    g: Builder, tables: Tables, size: Sizes, modes: Modes, rough: str, qindex: str
) -> str:
    """Estimated bits of each block in each mode, float (batch, modes, 4 * lanes).

    Args:
        g: Builder.
        tables: Fitted tables.
        size: Sizes; the number of lanes may differ from that of the tile.
        modes: All modes.
        rough: Magnitudes, (192, 4, batch, lanes); for DC, of prediction residuals.
        qindex: int32 (batch, 1).
    """
    look = Lookups(g, tables)
    step = look.step(qindex)
    quantized = g.op("Floor", g.op("Add", g.op("Div", rough, step), g.f32(ROUGH)))
    quantized = g.op("Transpose", quantized, perm=[2, 0, 1, 3])
    quantized = g.reshape(quantized, size.batch, COEFFICIENTS, -1)
    index = look.shaped(look.relative(modes.scales, qindex))
    by_index = tables.score[:, look.classes]
    fixed, nonzero, slope = (g.lookup(g.f32(by_index[..., i].ravel()), index) for i in range(3))
    fixed = g.op("ReduceSum", fixed, g.i64([2]), keepdims=1)
    fixed = g.op("Add", fixed, modes.bits)
    some = g.op("Min", quantized, g.f32(1.0))
    bits = g.op("Add", g.op("MatMul", slope, quantized), g.op("MatMul", nonzero, some))
    return g.op("Add", bits, fixed)


def cheapest_modes(g: Builder, size: Sizes, scores: str) -> str:
    """The cheapest mode of each block, int32 (4, batch, lanes)."""
    best = g.cast(g.op("ArgMin", scores, axis=1, keepdims=0), "int32")
    best = g.reshape(best, size.batch, 4, size.lanes)
    return g.op("Transpose", best, perm=[1, 0, 2])


def allowed_bits(g: Builder, size: Sizes, capacity: str) -> str:
    """Bits of symbols that fit, float (1,): lanes start and end with part of a word."""
    return g.op("Add", capacity, g.op("Mul", g.cast(size.lanes, "float"), g.f32(7.0)))


def sampled_qindex(
    g: Builder,
    tables: Tables,
    size: Sizes,
    modes: Modes,
    sample: str,
    allowed: str,
    low: str,
    high: str,
    count: int,
) -> str:
    """The smallest of `count` quantizer indices from low to high at which a sample fits.

    Indices are int32 (batch, 1); the sample is (192, 4, batch, lanes).
    """
    body = g.subgraph()
    trip, go, low_in, high_in = (g.name(n) for n in ("trip", "go", "low", "high"))
    middle = body.op("Div", body.op("Add", low_in, high_in), g.i32(2))
    scores = scores_of(body, tables, size, modes, sample, middle)
    bits = body.op("ReduceMin", scores, g.i64([1]), keepdims=0)
    bits = body.op("ReduceSum", bits, g.i64([1]), keepdims=1)
    fits = body.op("LessOrEqual", bits, allowed)
    high_out = body.op("Where", fits, middle, high_in)
    low_out = body.op("Where", fits, low_in, body.op("Add", middle, g.i32(1)))
    # A range of one index stays: its middle is its end.
    low_out = body.op("Min", low_out, high_out)
    go_out = body.op("Identity", go)
    graph = body.body(
        [(trip, "int64"), (go, "bool"), (low_in, "int32"), (high_in, "int32")],
        [(go_out, "bool"), (low_out, "int32"), (high_out, "int32")],
        scalars=2,
    )
    rounds = g.i64(count.bit_length() - 1)
    return g.op("Loop", rounds, g.constant(True, "bool"), low, high, body=graph, outputs=2)[1]


def corrected_qindex(
    g: Builder,
    tables: Tables,
    size: Sizes,
    every_mode: Modes,
    secret: Secret,
    sampled: str,
    scores: str,
    qindex: str,
    every: str,
    allowed: str,
) -> str:
    """The quantizer index that fits by the scores of all blocks, corrected by a sample of AC.

    Scores are a least-squares fit. They are off by a few per cent, about equally all over a
    picture, and exact bits of a sample show by how much.
    """
    end = 1 << 30
    look = Lookups(g, tables)
    chosen = g.op("Transpose", secret.modes, perm=[1, 0, 2])
    block_bits = g.op("GatherElements", scores, g.reshape(chosen, size.batch, 1, -1), axis=1)
    by_lane = g.reshape(block_bits, size.batch, 4, size.lanes)
    scored = g.op("ReduceSum", g.slice(by_lane, 0, end, 2, every), g.i64([1, 2]), keepdims=0)
    ac, magnitudes = (g.slice(x, 0, end, 3, every) for x in (secret.ac, secret.magnitudes))
    modes = g.slice(secret.modes, 0, end, 2, every)
    dc = g.slice(secret.dc_residuals, 0, end, 3, every)
    step = look.step(qindex)
    index = look.shaped(look.relative(every_mode.scales, qindex))
    sample = Secret(dc, ac, magnitudes, modes, secret.scales, dc)
    fewer = replace(size, lanes=g.slice(g.op("Shape", modes), 2, 3, 0))
    symbol = ac_symbols(g, tables, fewer, index, sample, step, PIECES)
    exact = g.op("ReduceSum", g.lookup(g.f32(tables.bits), symbol), g.i64([0, 1, 3]), keepdims=0)
    mode_bits = g.f32(tables.bits[tables.firsts[tables.mode_class] :])
    mode_bits = g.op("ReduceSum", g.lookup(mode_bits, modes), g.i64([0, 2]), keepdims=0)
    # A DC residual takes the bits of its magnitude, a sign, and about two bits for their number.
    quantized = g.op("Floor", g.op("Add", g.op("Div", dc, step), g.f32(1.5)))
    dc_bits = g.op("Mul", g.op("Log", quantized), g.f32(1.0 / np.log(2.0)))
    dc_bits = g.op("Add", dc_bits, g.f32(2.3))
    coded = np.ones((COLOURS, 4, 1, 1), np.float32)
    coded[0, 0] = 0.0
    dc_bits = g.op("ReduceSum", g.op("Mul", dc_bits, g.f32(coded)), g.i64([0, 1, 3]), keepdims=0)
    exact = g.op("Add", g.op("Add", exact, mode_bits), dc_bits)
    total = g.op("ReduceSum", block_bits, g.i64([1, 2]), keepdims=0)
    bits = g.op("Mul", total, g.op("Div", exact, g.op("Max", scored, g.f32(1.0))))

    taken = g.op("Div", g.f32(1.0), g.cast(fewer.lanes, "float"))
    left = g.op("Sub", taken, g.op("Div", g.f32(1.0), g.cast(size.lanes, "float")))
    margin = g.op("Mul", g.op("Sqrt", g.op("Max", left, g.f32(0.0))), g.f32(MARGIN))
    allowed = g.op("Mul", allowed, g.op("Sub", g.f32(1.0 - LEAST_MARGIN), margin))

    # The score that the sample may have if the whole picture is to fit.
    allowed = g.op("Div", g.op("Mul", allowed, scored), g.op("Max", bits, g.f32(1.0)))
    around = g.op("Max", g.op("Sub", qindex, g.i32(AROUND // 2)), g.i32(0))
    top = g.op("Min", g.op("Add", around, g.i32(AROUND - 1)), g.i32(QINDICES - 1))
    allowed = g.op("Unsqueeze", allowed, g.i64([1]))
    return sampled_qindex(g, tables, size, every_mode, sampled, allowed, around, top, AROUND)
