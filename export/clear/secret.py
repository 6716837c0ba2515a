"""The secret's coefficients, as the graphs of `clear` that see the secret take them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codec import blocks
from codec.blocks import COEFFICIENTS, COLOURS, MACROBLOCK
from export.builder import Builder
from export.clear.prediction import dc_residuals
from export.clear.sizes import Sizes


@dataclass(frozen=True)
class Secret:
    """Names of the values with the secret's coefficients.

    Attributes:
        dc: Float (3, 4, batch, rows, columns).
        ac: Float (189, 4, batch, lanes).
        magnitudes: Float (192, 4, batch, lanes): for DC, of prediction residuals, and half of those
            of anchors; see `Quantizer.quantize`.
    """

    dc: str
    ac: str
    magnitudes: str


def read_secret(g: Builder, size: Sizes) -> Secret:
    """The coefficients of the input `secret`."""
    x = _coefficients(g, size, "secret")
    dc = g.slice(x, 0, COLOURS, 0)
    dc = g.reshape(dc, COLOURS, 4, size.batch, size.rows, size.columns)
    rough_dc = by_lane(g, size, COLOURS, g.op("Abs", dc_residuals(g, dc, exact=False)))
    # Anchors are predicted from twice as far.
    rough_dc = g.op("Mul", rough_dc, g.f32(np.array([0.5, 1, 1, 1]).reshape(1, 4, 1, 1)))
    ac = g.slice(x, COLOURS, COEFFICIENTS, 0)
    return Secret(dc, ac, g.op("Concat", rough_dc, g.op("Abs", ac), axis=0))


def by_lane(g: Builder, size: Sizes, count: int, x: str) -> str:
    """Reshapes to (count, 4, batch, lanes)."""
    return g.reshape(x, count, 4, size.batch, size.lanes)


def _coefficients(g: Builder, size: Sizes, secret: str) -> str:
    """The coefficients of the secret, float (192, 4, batch, lanes)."""
    planes = g.op("Transpose", g.cast(secret, "float"), perm=[0, 3, 1, 2])
    margins = []
    for macroblocks, side in ((size.rows, size.height), (size.columns, size.width)):
        margins.append(g.op("Sub", g.op("Mul", macroblocks, g.i64([MACROBLOCK])), side))
    pads = g.vector(0, 0, 0, 0, 0, 0, *margins)
    planes = g.op("Pad", planes, pads, mode="edge")
    x = g.op("Conv", planes, g.f32(blocks.analysis()), strides=[8, 8])
    x = g.reshape(x, size.batch, COEFFICIENTS, size.rows, 2, size.columns, 2)
    x = g.op("Transpose", x, perm=[1, 3, 5, 0, 2, 4])
    return by_lane(g, size, COEFFICIENTS, x)
