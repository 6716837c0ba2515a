"""Merged macroblocks, as parts of the graphs of `clear`; see `codec.blocks`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codec import blocks
from codec.blocks import COEFFICIENTS, COLOURS, MACROBLOCK
from export.builder import Builder


def merge(g: Builder, x: str) -> str:
    """Coefficients if all macroblocks are merged, (192, 4, batch, lanes), as they are if not."""
    return _through_grid(g, x, *_rows(), blocks.merging())


def split(g: Builder, x: str) -> str:
    """The inverse of `merge`."""
    return _through_grid(g, x, *_rows()[::-1], blocks.merging().T)


def mixed(g: Builder, merged: str, one: str, other: str) -> str:
    """`one`, and `other` where macroblocks are merged.

    Args:
        g: Builder.
        merged: Float (batch, lanes), 0 or 1.
        one: Float (..., batch, lanes).
        other: Float (..., batch, lanes).
    """
    # Where takes twice as long.
    return g.op("Add", one, g.op("Mul", g.op("Sub", other, one), merged))


def _rows() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The place of each of the 192 * 4 rows in a grid, colour by colour; see `blocks.as_grid`."""
    tables = []
    for places in blocks.as_grid():
        of_block = places.reshape(64, 4)
        rows = np.empty((COEFFICIENTS, 4), np.int64)
        for colour in range(COLOURS):
            start = colour * MACROBLOCK**2
            rows[colour] = start + of_block[0]
            rows[COLOURS + 63 * colour : COLOURS + 63 * (colour + 1)] = start + of_block[1:]
        tables.append(rows.ravel())
    return tables[0], tables[1]


def _through_grid(
    g: Builder,
    x: str,
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    matrix: blocks.Floats,
) -> str:
    shape = g.op("Shape", x)
    rows = g.reshape(x, COEFFICIENTS * 4, -1)
    # Whole rows are gathered, which is a copy.
    grid = g.gather(rows, g.i64(np.argsort(before)))
    vertical = g.op("MatMul", g.f32(matrix), g.reshape(grid, COLOURS, MACROBLOCK, -1))
    sides = g.vector(COLOURS * MACROBLOCK, MACROBLOCK, g.slice(g.op("Shape", rows), 1, 2, 0))
    both = g.op("MatMul", g.f32(matrix), g.op("Reshape", vertical, sides))
    flat = g.reshape(both, COEFFICIENTS * 4, -1)
    return g.op("Reshape", g.gather(flat, g.i64(after)), shape)
