"""Sizes, as parts of the graphs of `clear`."""

from __future__ import annotations

from dataclasses import dataclass

from codec import modes as m
from codec.blocks import MACROBLOCK
from export.builder import Builder


@dataclass(frozen=True)
class Sizes:
    """Names of the sizes of a run, int64 (1,) values.

    Attributes:
        batch: Number of tiles.
        height: Of a tile, in pixels.
        width: Of a tile, in pixels.
        rows: Rows of macroblocks.
        columns: Columns of macroblocks.
        lanes: Number of macroblocks.
        adaptive: Words of a tile's adaptive scales: 0 if there are none.
    """

    batch: str
    height: str
    width: str
    rows: str
    columns: str
    lanes: str
    adaptive: str


def sizes(g: Builder, batch: str, height: str, width: str) -> Sizes:
    """Sizes of tiles; all arguments are int64 (1,), and the input `adaptive` is an int64 scalar."""
    rows, columns = (
        g.op("Div", g.op("Add", side, g.i64([MACROBLOCK - 1])), g.i64([MACROBLOCK]))
        for side in (height, width)
    )
    lanes = g.op("Mul", rows, columns)
    has = g.cast(g.op("Greater", g.reshape("adaptive", 1), g.i64([0])), "int64")
    adaptive = g.op("Mul", has, g.i64([m.ADAPTIVE_WORDS]))
    return Sizes(batch, height, width, rows, columns, lanes, adaptive)


def sizes_of(g: Builder, secret: str) -> Sizes:
    """Sizes of the tiles of a picture, (batch, height, width, 3)."""
    batch, height, width, _ = g.op("Split", g.op("Shape", secret), outputs=4, axis=0, num_outputs=4)
    return sizes(g, batch, height, width)
