"""Prediction of DC, as parts of the graphs of `clear`; see `codec.blocks`."""

from __future__ import annotations

from dataclasses import dataclass

from codec.blocks import GRADIENT
from export.builder import Builder

_END = 1 << 30
# Makes integers positive before a division, so that it rounds down everywhere.
_POSITIVE = 1 << 20
_ROWS, _COLUMNS = 2, 3


@dataclass(frozen=True)
class Arithmetic:
    """Divisions of floats, or of integers, which are rounded down.

    Attributes:
        g: Builder.
        exact: Whether values are integers.
    """

    g: Builder
    exact: bool

    def divided(self, x: str, bits: int) -> str:
        """Divides by 2**bits."""
        g, by = self.g, 1 << bits
        if not self.exact:
            return g.op("Mul", x, g.f32(1.0 / by))
        up = g.op("Add", x, g.i32(_POSITIVE * by))
        return g.op("Sub", g.op("Div", up, g.i32(by)), g.i32(_POSITIVE))

    def scaled(self, x: str, by: int) -> str:
        """Multiplies."""
        return self.g.op("Mul", x, self.g.i32(by) if self.exact else self.g.f32(float(by)))

    def sum(self, *values: str) -> str:
        """Adds."""
        total, *rest = values
        for value in rest:
            total = self.g.op("Add", total, value)
        return total


def dc_residuals(g: Builder, dc: str, merged: str) -> str:
    """Prediction residuals of quantized DC.

    Args:
        g: Builder.
        dc: int32 (3, 4, batch, rows, columns).
        merged: Which macroblocks are merged, bool (batch, rows, columns).

    Returns:
        int32 like `dc`.
    """
    do = Arithmetic(g, True)
    anchor, one, two, three = _blocks(g, dc)
    levels = g.op("Where", merged, do.divided(anchor, 1), anchor)
    left = _left(g, levels)
    predictions = _predictions(do, levels, *(g.op("Where", merged, levels, x) for x in (one, two)))
    residuals = [g.op("Sub", anchor, g.op("Where", merged, do.scaled(left, 2), left))]
    for x, plain, of_merged in zip((one, two, three), *predictions, strict=True):
        residuals.append(g.op("Sub", x, g.op("Where", merged, of_merged, plain)))
    return _stacked(g, residuals)


def rough_dc_residuals(g: Builder, dc: str, merged: bool) -> str:
    """Residuals of float DC if no macroblock is merged, or if all are; like `dc`.

    Those of anchors, which are predicted from farther away, are reduced to the size of others; see
    `codec.blocks.dc_magnitudes`.
    """
    do = Arithmetic(g, False)
    anchor, one, two, three = _blocks(g, dc)
    levels = do.divided(anchor, 1) if merged else anchor
    seen = (levels, levels) if merged else (one, two)
    predictions = _predictions(do, levels, *seen)[1 if merged else 0]
    first = do.divided(g.op("Sub", levels, _left(g, levels)), 1)
    pairs = zip((one, two, three), predictions, strict=True)
    return _stacked(g, [first, *(g.op("Sub", x, prediction) for x, prediction in pairs)])


def dc_values(g: Builder, residuals: str, merged: str) -> str:
    """The inverse of `dc_residuals`."""
    do = Arithmetic(g, True)
    first, one, two, three = _blocks(g, residuals)
    half = do.divided(first, 1)
    rises = g.op("Where", merged, half, first)
    column = g.op("CumSum", g.slice(rises, 0, 1, 3), g.i64(2))
    rises = g.op("Concat", column, g.slice(rises, 1, _END, 3), axis=3)
    levels = g.op("CumSum", rises, g.i64(3))
    odd = g.op("Sub", first, do.scaled(half, 2))
    anchor = g.op("Where", merged, g.op("Add", do.scaled(levels, 2), odd), levels)
    plain, of_merged = _predictions(do, levels, levels, levels)
    values = [anchor]
    for x, *known in zip((one, two), plain[:2], of_merged[:2], strict=True):
        values.append(g.op("Add", x, g.op("Where", merged, known[1], known[0])))
    seen = (g.op("Where", merged, levels, x) for x in values[1:])
    plain, of_merged = _predictions(do, levels, *seen)
    values.append(g.op("Add", three, g.op("Where", merged, of_merged[2], plain[2])))
    return _stacked(g, values)


def _predictions(
    do: Arithmetic, levels: str, right: str, below: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Predictions of the three blocks other than the anchor, if not merged, and if merged.

    All are (3, batch, rows, columns).
    """
    g = do.g
    one = do.divided(do.sum(levels, _after(g, levels, _COLUMNS)), 1)
    two = do.divided(do.sum(levels, _after(g, levels, _ROWS)), 1)
    around = do.sum(right, _after(g, right, _ROWS), below, _after(g, below, _COLUMNS))
    slopes = []
    for axis in (_COLUMNS, _ROWS):
        difference = g.op("Sub", _after(g, levels, axis), _before(g, levels, axis))
        slopes.append(g.op("Neg", do.divided(do.scaled(difference, GRADIENT), 6)))
    nothing = g.op("Sub", levels, levels)
    return (one, two, do.divided(around, 2)), (*slopes, nothing)


def _blocks(g: Builder, dc: str) -> list[str]:
    """Each of the four blocks, (3, batch, rows, columns)."""
    parts = g.op("Split", dc, outputs=4, axis=1, num_outputs=4)
    return [g.op("Squeeze", x, g.i64([1])) for x in parts]


def _stacked(g: Builder, blocks: list[str]) -> str:
    return g.op("Concat", *(g.op("Unsqueeze", x, g.i64([1])) for x in blocks), axis=1)


def _after(g: Builder, x: str, axis: int) -> str:
    """The next neighbour along an axis; the last is its own."""
    return g.op("Concat", g.slice(x, 1, _END, axis), g.slice(x, -1, _END, axis), axis=axis)


def _before(g: Builder, x: str, axis: int) -> str:
    """The previous neighbour along an axis; the first is its own."""
    return g.op("Concat", g.slice(x, 0, 1, axis), g.slice(x, 0, -1, axis), axis=axis)


def _left(g: Builder, levels: str) -> str:
    """The level to the left, or the one above in the first column; 0 for the first of all."""
    column = g.slice(levels, 0, 1, _COLUMNS)
    nothing = g.slice(column, 0, 1, _ROWS)
    nothing = g.op("Sub", nothing, nothing)
    column = g.op("Concat", nothing, g.slice(column, 0, -1, _ROWS), axis=_ROWS)
    return g.op("Concat", column, g.slice(levels, 0, -1, _COLUMNS), axis=_COLUMNS)
