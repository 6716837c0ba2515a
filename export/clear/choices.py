"""What the estimate graph chose for each tile, as one row of bytes that the hide graph takes.

They are: the modes of all blocks, whether each macroblock is merged, and the adaptive scales in the
units in which they are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from codec.blocks import COEFFICIENTS
from codec.modes import ADAPTIVE_UNIT, LOWEST_SCALE
from export.builder import Builder
from export.clear.sizes import Sizes

_END = 1 << 30


@dataclass(frozen=True)
class Choices:
    """Names of the values.

    Attributes:
        modes: int32 (4, batch, lanes).
        merged: int32 (batch, lanes), 0 or 1.
        adaptive: Adaptive scales, int32 (batch, 192).
    """

    modes: str
    merged: str
    adaptive: str


def to_bytes(g: Builder, size: Sizes, choices: Choices) -> str:
    """As uint8 (batch, 5 * lanes + 192)."""
    modes = g.reshape(g.op("Transpose", choices.modes, perm=[1, 0, 2]), size.batch, -1)
    units = g.op("Div", g.op("Sub", choices.adaptive, g.i32(LOWEST_SCALE)), g.i32(ADAPTIVE_UNIT))
    return g.cast(g.op("Concat", modes, choices.merged, units, axis=1), "uint8")


def from_bytes(g: Builder, size: Sizes, octets: str) -> Choices:
    """The inverse of `to_bytes`."""
    every = g.cast(octets, "int32")
    end = g.op("Mul", size.lanes, g.i64([4]))
    modes = g.reshape(g.slice(every, 0, end, 1), size.batch, 4, size.lanes)
    merged = g.slice(every, end, g.op("Add", end, size.lanes), 1)
    units = g.slice(every, -COEFFICIENTS, _END, 1)
    scales = g.op("Add", g.op("Mul", units, g.i32(ADAPTIVE_UNIT)), g.i32(LOWEST_SCALE))
    return Choices(g.op("Transpose", modes, perm=[1, 0, 2]), merged, scales)
