"""The secret's coefficients, as the graphs of `clear` that see the secret take them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codec import blocks
from codec.blocks import COEFFICIENTS, COLOURS, MACROBLOCK
from codec.quantize import ROUGH
from export.builder import Builder
from export.clear.merging import merge, mixed
from export.clear.prediction import rough_dc_residuals
from export.clear.sizes import Sizes

_END = 1 << 30


@dataclass(frozen=True)
class Coefficients:
    """Names of the values of coefficients, with no macroblock merged, or with all.

    Attributes:
        x: Float (192, 4, batch, lanes).
        features: Like `x`, with DC replaced by prediction residuals.
    """

    x: str
    features: str


@dataclass(frozen=True)
class Secret:
    """Names of the values with the secret's coefficients; some macroblocks are merged.

    Attributes:
        merged: Float (batch, lanes), 0 or 1.
        rough: Magnitudes in steps, rounded, float (192, 4, batch, lanes); for DC, of residuals.
    """

    merged: str
    rough: str


def read_secret(g: Builder, size: Sizes) -> tuple[str, str]:
    """The coefficients of the input `secret`, (192, 4, batch, lanes): not merged, and merged."""
    x = _coefficients(g, size, "secret")
    return x, merge(g, x)


def with_features(g: Builder, size: Sizes, x: tuple[str, str]) -> tuple[Coefficients, Coefficients]:
    """The same with their features."""
    return _with_features(g, size, x[0], False), _with_features(g, size, x[1], True)


def choose_merged(g: Builder, candidates: tuple[Coefficients, Coefficients], step: str) -> Secret:
    """Merges the macroblocks that take fewer bits so; see `codec.quantize.choose_merged`.

    Args:
        g: Builder.
        candidates: From `read_secret`, or some lanes of it.
        step: Float (batch, 1).
    """
    inverse = g.op("Div", g.f32(1.0), step)
    rough = []
    costs = []
    ones = g.f32(np.ones((1, 4 * COEFFICIENTS)))
    for one in candidates:
        steps = g.op("Mul", g.op("Abs", one.features), inverse)
        rough.append(g.op("Floor", g.op("Add", steps, g.f32(ROUGH))))
        roots = g.reshape(g.op("Sqrt", rough[-1]), 4 * COEFFICIENTS, -1)
        # A product is much faster than a sum over the first axes.
        costs.append(g.op("MatMul", ones, roots))
    fewer = g.cast(g.op("Less", costs[1], costs[0]), "float")
    lanes = g.slice(g.op("Shape", rough[0]), 2, 4, 0)
    merged = g.op("Reshape", fewer, lanes)
    return Secret(merged, mixed(g, merged, *rough))


def ac_of(g: Builder, candidates: tuple[Coefficients, Coefficients], merged: str) -> str:
    """AC of some lanes, merged or not, float (189, 4, batch, lanes)."""
    return mixed(g, merged, *(g.slice(one.x, COLOURS, _END, 0) for one in candidates))


def mean_magnitudes(g: Builder, candidates: tuple[Coefficients, Coefficients], merged: str) -> str:
    """Mean magnitude of each coefficient of each tile, float (batch, 192)."""
    features = mixed(g, merged, *(one.features for one in candidates))
    mean = g.op("ReduceMean", g.op("Abs", features), g.i64([1, 3]), keepdims=0)
    return g.op("Transpose", mean, perm=[1, 0])


def by_lane(g: Builder, size: Sizes, count: int, x: str) -> str:
    """Reshapes to (count, 4, batch, lanes)."""
    return g.reshape(x, count, 4, size.batch, size.lanes)


def _with_features(g: Builder, size: Sizes, x: str, merged: bool) -> Coefficients:
    dc = g.slice(x, 0, COLOURS, 0)
    dc = g.reshape(dc, COLOURS, 4, size.batch, size.rows, size.columns)
    residuals = by_lane(g, size, COLOURS, rough_dc_residuals(g, dc, merged))
    features = g.op("Concat", residuals, g.slice(x, COLOURS, _END, 0), axis=0)
    return Coefficients(x, features)


def _coefficients(g: Builder, size: Sizes, secret: str) -> str:
    """The coefficients of the secret, float (192, 4, batch, lanes)."""
    planes = g.op("Transpose", g.cast(secret, "float"), perm=[0, 3, 1, 2])
    margins = []
    for macroblocks, side in ((size.rows, size.height), (size.columns, size.width)):
        margins.append(g.op("Sub", g.op("Mul", macroblocks, g.i64([MACROBLOCK])), side))
    pads = g.vector(0, 0, 0, 0, 0, 0, *margins)
    planes = g.op("Pad", planes, pads, mode="edge")
    x = g.op("Conv", planes, g.f32(blocks.analysis()), strides=[8, 8])
    # A fifth of the time of a transposition.
    x = g.op("SpaceToDepth", x, blocksize=2)
    x = g.reshape(x, size.batch, 4, COEFFICIENTS, size.lanes)
    return g.op("Transpose", x, perm=[2, 1, 0, 3])
