"""The choice of modes, as parts of the graphs of `clear`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codec import modes as m
from codec.blocks import COEFFICIENTS, QINDICES_PER_OCTAVE
from codec.quantize import ROUGH
from codec.tables import Tables
from export.builder import Builder
from export.clear.lookups import Lookups
from export.clear.sizes import Sizes


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
