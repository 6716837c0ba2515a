"""The choice of modes, as parts of the graphs of `clear`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codec import modes as m
from codec.blocks import COEFFICIENTS, QINDICES_PER_OCTAVE
from codec.tables import MODE_BEFORE, MODE_GROUPS, Tables
from export.builder import Builder
from export.clear.lookups import Lookups
from export.clear.secret import Secret
from export.clear.sizes import Sizes


@dataclass(frozen=True)
class Modes:
    """Names of the values of all modes of a run.

    Attributes:
        scales: int32 (batch, modes, 192).
        absent: Float (modes, 1): prohibitive bits for adaptive modes if there are none, or 0.
    """

    scales: str
    absent: str


def modes_of(g: Builder, tables: Tables, size: Sizes, adaptive: str) -> Modes:
    """Common modes, and adaptive ones of the given scales, int32 (batch, 192)."""
    absent = g.cast(g.op("Equal", size.adaptive, g.i64([0])), "float")
    absent = g.op("Mul", absent, g.f32(1e9 * tables.shape_of_mode[:, None]))
    return Modes(Lookups(g, tables).scales(adaptive), absent)


def adaptive_scales(g: Builder, mean: str) -> str:
    """Adaptive scales of mean magnitudes, both (batch, 192); see `codec.modes`."""
    logs = g.op("Log", g.op("Max", mean, g.f32(1e-3)))
    logs = g.op("Mul", logs, g.f32(QINDICES_PER_OCTAVE / m.ADAPTIVE_UNIT / np.log(2.0)))
    scales = g.cast(g.op("Floor", g.op("Add", logs, g.f32(0.5))), "int32")
    scales = g.op("Mul", scales, g.i32(m.ADAPTIVE_UNIT))
    return g.op("Min", g.op("Max", scales, g.i32(m.LOWEST_SCALE)), g.i32(m.HIGHEST_SCALE))


def mode_rows(g: Builder, tables: Tables, merged: str, before: str | None) -> str:
    """See `Tables.mode_rows`; int32 (batch, lanes)."""
    first = g.op("Mul", merged, g.i32(1 + MODE_GROUPS))
    if before is None:
        return first
    return g.op("Add", first, g.lookup(g.i32(1 + tables.mode_groups), before))


def cheapest_modes(
    g: Builder, tables: Tables, size: Sizes, modes: Modes, secret: Secret, qindex: str
) -> tuple[str, str]:
    """The mode of each block with about the fewest bits, and those.

    Args:
        g: Builder.
        tables: Fitted tables.
        size: Sizes; the number of lanes may differ from that of the tile.
        modes: All modes.
        secret: The secret.
        qindex: int32 (batch, 1).

    Returns:
        int32 (4, batch, lanes), and float (4, batch, lanes).
    """
    look = Lookups(g, tables)
    quantized = g.op("Transpose", secret.rough, perm=[2, 0, 1, 3])
    quantized = g.reshape(quantized, size.batch, COEFFICIENTS, -1)
    index = look.shaped(look.relative(modes.scales, qindex))
    by_index = tables.score[:, look.classes]
    fixed, nonzero, slope = (g.lookup(g.f32(by_index[..., i].ravel()), index) for i in range(3))
    fixed = g.op("ReduceSum", fixed, g.i64([2]), keepdims=1)
    fixed = g.op("Add", fixed, modes.absent)
    some = g.op("Min", quantized, g.f32(1.0))
    bits = g.op("Add", g.op("MatMul", slope, quantized), g.op("MatMul", nonzero, some))
    every = g.op("Split", g.op("Add", bits, fixed), outputs=4, axis=2, num_outputs=4)
    merged = g.cast(secret.merged, "int32")
    chosen: list[str] = []
    least = []
    for of_block, before in zip(every, MODE_BEFORE, strict=True):
        rows = mode_rows(g, tables, merged, None if before < 0 else chosen[before])
        of_mode = g.op("Transpose", g.gather(g.f32(tables.mode_bits), rows), perm=[0, 2, 1])
        of_block = g.op("Add", of_block, of_mode)
        best = g.op("ArgMin", of_block, axis=1, keepdims=1)
        least.append(g.op("GatherElements", of_block, best, axis=1))
        chosen.append(g.cast(g.op("Squeeze", best, g.i64([1])), "int32"))
    of_blocks = g.op("Concat", *(g.op("Unsqueeze", x, g.i64([0])) for x in chosen), axis=0)
    return of_blocks, g.op("Transpose", g.op("Concat", *least, axis=1), perm=[1, 0, 2])
