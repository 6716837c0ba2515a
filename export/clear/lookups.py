"""Lookups in the fitted tables, as parts of the graphs of `clear`."""

from __future__ import annotations

import numpy as np

from codec import blocks
from codec import modes as m
from codec.blocks import COEFFICIENTS, COLOURS
from codec.tables import Tables
from export.builder import Builder
from export.clear.sizes import Sizes


class Lookups:
    """Lookups by mode and by *relative index*: scale - qindex + RELATIVE_OFFSET.

    Tables that depend on the shape of a mode as well have the indices of shape 0 first, and then
    those of shape 1; see `shaped`.
    """

    def __init__(self, g: Builder, tables: Tables) -> None:
        self._g, self._tables = g, tables
        self.classes, self.multiple = m.relative_class()
        self.modes = len(tables.shape_of_mode)
        category = m.relative_category_class()
        # (colour, block, whether merged, index): anchors have a wider distribution.
        by_block = np.broadcast_to(category, (COLOURS, 4, 2, len(category))).copy()
        by_block[:, 0] = np.minimum(category + np.array([[1], [2]]), category[-1])
        by_block += tables.category_class
        self._category = by_block

    def scales(self, adaptive: str) -> str:
        """Scales of all modes, int32 (batch, modes, 192), from adaptive scales, (batch, 192)."""
        g = self._g
        levels = g.op(
            "Add", g.op("Unsqueeze", adaptive, g.i64([1])), g.i32(m.ADAPTIVE_LEVELS[:, None])
        )
        levels = g.op("Max", levels, g.i32(m.LOWEST_SCALE))
        levels = g.op("Min", levels, g.i32(m.HIGHEST_SCALE))
        batch = g.slice(g.op("Shape", adaptive), 0, 1, 0)
        common = g.i32(self._tables.scales.T[None])
        common = g.op("Expand", common, g.vector(batch, *self._tables.scales.T.shape))
        return g.op("Concat", common, levels, axis=1)

    def relative(self, scales: str, qindex: str) -> str:
        """Relative indices of scales, (batch, modes, 192), at quantizer indices, (batch, 1)."""
        g = self._g
        shift = g.op("Sub", g.i32(m.RELATIVE_OFFSET), qindex)
        return g.op("Add", scales, g.op("Unsqueeze", shift, g.i64([2])))

    def shaped(self, relative: str) -> str:
        """Indices (batch, modes, 192) into tables of all shapes."""
        g = self._g
        offset = self._tables.shape_of_mode[:, None] * len(self.classes)
        return g.op("Add", relative, g.i32(offset))

    def of_blocks(
        self, size: Sizes, table: str, modes: str, first: int, end: int = COEFFICIENTS
    ) -> str:
        """Looks up the coefficients of each block in a table, (batch, modes, 192).

        Gathering whole rows and transposing them takes a third of the time of gathering every
        coefficient.

        Args:
            size: Sizes; the number of lanes may be another than the tile's.
            table: The table by mode.
            modes: int32 (4, batch, lanes).
            first: The first coefficient.
            end: One after the last.

        Returns:
            (end - first, 4, batch, lanes).
        """
        g = self._g
        table = g.reshape(g.slice(table, first, end, 2), -1, end - first)
        tiles = g.op("Range", g.i64(0), g.op("Squeeze", size.batch), g.i64(1))
        tiles = g.op("Mul", g.cast(tiles, "int32"), g.i32(self.modes))
        row = g.op("Add", modes, g.op("Unsqueeze", tiles, g.i64([1])))
        return g.op("Transpose", g.gather(table, row), perm=[3, 0, 1, 2])

    def category_distributions(self, relative: str, merged: str) -> str:
        """Distributions of DC categories of relative indices, both (3, 4, batch, lanes).

        Of merged macroblocks and others, int32 (batch, lanes).
        """
        g = self._g
        length = self._category.shape[-1]
        offset = np.arange(4 * COLOURS).reshape(COLOURS, 4, 1, 1) * 2 * length
        index = g.op("Add", relative, g.op("Mul", merged, g.i32(length)))
        return g.lookup(g.i32(self._category.ravel()), g.op("Add", index, g.i32(offset)))

    def step(self, qindex: str) -> str:
        """Quantizer steps, float (batch, 1), of quantizer indices."""
        return self._g.gather(self._g.f32(blocks.step_sizes()), qindex)
