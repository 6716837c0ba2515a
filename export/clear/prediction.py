"""Prediction of DC, as parts of the graphs of `clear`; see `codec.blocks`."""

from __future__ import annotations

from export.builder import Builder

# Makes integers positive before a division, so that it rounds down everywhere.
POSITIVE = 1 << 20


def floor_divide(g: Builder, x: str, by: int) -> str:
    """Divides integers and rounds down."""
    up = g.op("Add", x, g.i32(POSITIVE * by))
    return g.op("Sub", g.op("Div", up, g.i32(by)), g.i32(POSITIVE))


def following(g: Builder, x: str, axis: int) -> str:
    """The next neighbour along an axis; the last element is repeated."""
    end = 1 << 30
    return g.op("Concat", g.slice(x, 1, end, axis), g.slice(x, -1, end, axis), axis=axis)


def preceding_difference(g: Builder, x: str, axis: int) -> str:
    """Differences from the previous neighbour along an axis; one element fewer."""
    end = 1 << 30
    return g.op("Sub", g.slice(x, 1, end, axis), g.slice(x, 0, -1, axis))


def predictions(g: Builder, blocks: list[str], exact: bool) -> list[str]:
    """Predictions of the DC of other blocks of the macroblock.

    Args:
        g: Builder.
        blocks: DC of the top left block, each (3, batch, rows, columns), for predictions of the
            next two; or of the top left, top right and bottom left ones, for that of the last.
        exact: Whether values are integers, whose means are rounded down.
    """

    def mean(total: str, of: int) -> str:
        return floor_divide(g, total, of) if exact else g.op("Mul", total, g.f32(1.0 / of))

    anchor = blocks[0]
    if len(blocks) == 1:
        right = mean(g.op("Add", anchor, following(g, anchor, 3)), 2)
        below = mean(g.op("Add", anchor, following(g, anchor, 2)), 2)
        return [right, below]
    _, right, below = blocks
    vertical = g.op("Add", right, following(g, right, 2))
    horizontal = g.op("Add", below, following(g, below, 3))
    return [mean(g.op("Add", vertical, horizontal), 4)]


def dc_residuals(g: Builder, dc: str, exact: bool) -> str:
    """Prediction residuals of DC, (3, 4, batch, rows, columns); see `codec.blocks`."""
    anchor, right, below, last = g.op("Split", dc, outputs=4, axis=1, num_outputs=4)
    anchor, right, below, last = (
        g.op("Squeeze", x, g.i64([1])) for x in (anchor, right, below, last)
    )
    column = g.slice(anchor, 0, 1, 3)
    first = g.op("Concat", g.slice(column, 0, 1, 2), preceding_difference(g, column, 2), axis=2)
    left = g.op("Concat", first, preceding_difference(g, anchor, 3), axis=3)
    of_right, of_below = predictions(g, [anchor], exact)
    (of_last,) = predictions(g, [anchor, right, below], exact)
    residuals = [left]
    for x, prediction in ((right, of_right), (below, of_below), (last, of_last)):
        residuals.append(g.op("Sub", x, prediction))
    return g.op("Concat", *(g.op("Unsqueeze", x, g.i64([1])) for x in residuals), axis=1)


def dc_values(g: Builder, residuals: str, luma_anchors: str) -> str:
    """The inverse of `dc_residuals` on integers; luma anchors are (1, batch, rows, columns)."""
    end = 1 << 30
    each = g.op("Split", residuals, outputs=4, axis=1, num_outputs=4)
    left, right, below, last = (g.op("Squeeze", x, g.i64([1])) for x in each)
    left = g.slice(left, 1, end, 0)
    first = g.op("CumSum", g.slice(left, 0, 1, 3), g.i64(2))
    left = g.op("Concat", first, g.slice(left, 1, end, 3), axis=3)
    anchor = g.op("Concat", luma_anchors, g.op("CumSum", left, g.i64(3)), axis=0)
    of_right, of_below = predictions(g, [anchor], True)
    right, below = g.op("Add", right, of_right), g.op("Add", below, of_below)
    (of_last,) = predictions(g, [anchor, right, below], True)
    blocks = (anchor, right, below, g.op("Add", last, of_last))
    return g.op("Concat", *(g.op("Unsqueeze", x, g.i64([1])) for x in blocks), axis=1)
