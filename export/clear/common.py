"""What the hide and reveal graphs of the `clear` codec share: sizes, lookups, DC prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from export.builder import Builder
from codec import blocks
from codec import tables as t
from codec.blocks import COEFFICIENTS, COLOURS, HEADER_WORDS, MACROBLOCK
from codec.tables import Tables

AC = COEFFICIENTS - COLOURS
# Steps of the entropy coder: modes, DC categories, upper and lower bits of DC, AC.
STEPS = 4 + 4 * COLOURS * 3 + 4 * AC
# Makes integers positive before a division, so that it rounds down everywhere.
POSITIVE = 1 << 20


@dataclass(frozen=True)
class Sizes:
    """Sizes of a run, int64 (1,) values.

    Attributes:
        batch: Tiles.
        height: Of a tile, in pixels.
        width: Likewise.
        rows: Of macroblocks.
        columns: Likewise.
        lanes: Quads.
        samples: Of a tile.
        plane: Words of one plane of residues.
        words: Of all planes.
        own: Words of the tile's own spectrum: none if the tile is small.
        stream: Words left for the entropy coder's stream.
    """

    batch: str
    height: str
    width: str
    rows: str
    columns: str
    lanes: str
    samples: str
    plane: str
    words: str
    own: str
    stream: str


def sizes(g: Builder, cover: str, bits: str) -> Sizes:
    """Measures a cover or container; `bits` is int64 (1,)."""
    batch, height, width, _ = g.op("Split", g.op("Shape", cover), outputs=4, axis=0, num_outputs=4)
    rows, columns = (
        g.op("Div", g.op("Add", side, g.i64([MACROBLOCK - 1])), g.i64([MACROBLOCK])) for side in (height, width)
    )
    lanes = g.op("Mul", rows, columns)
    samples = g.op("Mul", g.op("Mul", height, width), g.i64([3]))
    plane = g.op("Div", samples, g.i64([blocks.WORD]))
    words = g.op("Mul", plane, bits)
    own = g.cast(g.op("GreaterOrEqual", words, g.i64([t.ADAPTIVE_LEAST_WORDS])), "int64")
    own = g.op("Mul", own, g.i64([t.ADAPTIVE_WORDS]))
    taken = g.op("Add", g.op("Mul", lanes, g.i64([2])), g.i64([HEADER_WORDS]))
    stream = g.op("Sub", g.op("Sub", words, taken), own)
    return Sizes(batch, height, width, rows, columns, lanes, samples, plane, words, own, stream)


def checksum(g: Builder, size: Sizes, words: str) -> str:
    """See `blocks.checksum`; int32 (batch, 1) of int32 (batch, words)."""
    first = g.constant(1, "int64")
    last = g.op("Add", g.op("Squeeze", size.words, g.i64([0])), first)
    place = g.op("Range", first, last, first)
    square = g.op("Mul", g.op("Mul", place, place), g.i64(blocks.CHECK_FACTOR))
    weights = g.op("Add", g.op("Mod", square, g.i64(blocks.CHECK_PRIME - 1)), first)
    after = g.op("Greater", place, g.i64(HEADER_WORDS))
    counted = g.op("Or", after, g.op("Equal", place, first))
    weights = g.op("Where", counted, weights, g.i64(0))
    products = g.op("Mul", g.cast(words, "int64"), weights)
    total = g.op("ReduceSum", products, g.i64([1]), keepdims=1)
    return g.cast(g.op("Mod", total, g.i64(blocks.CHECK_PRIME)), "int32")


def by_bits(g: Builder, bits: str, rows: Any, dtype: str) -> str:
    """The constant of this payload, of three that are alike in shape; `bits` is int64 (1,)."""
    which = g.op("Squeeze", g.op("Sub", bits, g.i64([1])), g.i64([0]))
    return g.gather(g.constant(np.stack(list(rows)), dtype), which)


def residues(g: Builder, picture: str, bits: str) -> str:
    """See `changes.residues`; int32 (batch, height, width)."""
    multipliers = [np.reshape(m, (3, 1)) for m in changes.MULTIPLIERS.values()]
    mask = by_bits(g, bits, [8**b - 1 for b in changes.MULTIPLIERS], "int32")
    multipliers = by_bits(g, bits, multipliers, "float32")
    return g.op("BitwiseAnd", weighed(g, g.cast(picture, "float"), multipliers), mask)


def weighed(g: Builder, samples: str, weights: str) -> str:
    """Pixels' sums of their samples times weights, int32 (batch, height, width).

    Samples and weights, (3, 1), are float, but whole, and the sums below 2**24: exact.
    """
    sums = g.op("MatMul", samples, weights)
    return str(g.cast(g.op("Squeeze", sums, g.i64([3])), "int32"))


class Lookups:
    """Tables of modes and by *relative index*: a scale less the qindex, plus an offset.

    Where a mode's shape matters too, tables have one after the other the indices of shape 0 and
    those of shape 1; see `shaped`.
    """

    def __init__(self, g: Builder, tables: Tables) -> None:
        self._g, self._tables = g, tables
        self.classes, self.multiple = t.relative_class()
        self.modes = len(tables.shape_of_mode)
        category = t.relative_category_class()
        anchors = np.minimum(category + 1, category[-1])
        # (colour, block, index): luma anchors have no bits, other anchors a wider distribution.
        by_block = np.broadcast_to(category, (COLOURS, 4, len(category))).copy()
        by_block[:, 0] = anchors
        by_block += tables.category_class
        by_block[0, 0] = tables.chunk_class
        self._category = by_block

    def scales(self, own: str) -> str:
        """Scales of all modes, int32 (batch, modes, 192), given own spectra, int32 (batch, 192)."""
        g = self._g
        levels = g.op("Add", g.op("Unsqueeze", own, g.i64([1])), g.i32(t.ADAPTIVE_LEVELS[:, None]))
        levels = g.op("Max", levels, g.i32(t.LOWEST_SCALE))
        levels = g.op("Min", levels, g.i32(t.HIGHEST_SCALE))
        batch = g.slice(g.op("Shape", own), 0, 1, 0)
        common = g.i32(self._tables.scales.T[None])
        common = g.op("Expand", common, g.vector(batch, *self._tables.scales.T.shape))
        return str(g.op("Concat", common, levels, axis=1))

    def relative(self, scales: str, qindex: str) -> str:
        """Relative index of scales (batch, modes, 192) at qindices, int32 (batch, 1)."""
        g = self._g
        shift = g.op("Sub", g.i32(t.RELATIVE_OFFSET), qindex)
        return str(g.op("Add", scales, g.op("Unsqueeze", shift, g.i64([2]))))

    def shaped(self, relative: str) -> str:
        """Indices (batch, modes, 192) into tables of all shapes."""
        g = self._g
        offset = self._tables.shape_of_mode[:, None] * len(self.classes)
        return str(g.op("Add", relative, g.i32(offset)))

    def of_blocks(
        self, size: Sizes, table: str, modes: str, first: int, end: int = COEFFICIENTS
    ) -> str:
        """What a table, (batch, modes, 192), says of each block's coefficients.

        Whole rows are gathered and then transposed, which takes a third of the time that gathering
        every coefficient would.

        Args:
            size: Sizes; the number of lanes may be another than the tile's.
            table: The table.
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
        return str(g.op("Transpose", g.gather(table, row), perm=[3, 0, 1, 2]))

    def category_distributions(self, relative: str) -> str:
        """Distributions of DC categories, (3, 4, batch, lanes), of relative indices likewise."""
        g = self._g
        length = self._category.shape[-1]
        offset = np.arange(4 * COLOURS).reshape(COLOURS, 4, 1, 1) * length
        return g.lookup(g.i32(self._category.ravel()), g.op("Add", relative, g.i32(offset)))

    def step(self, qindex: str) -> str:
        """The quantizer's step, float (batch, 1)."""
        return self._g.gather(self._g.f32(blocks.step_sizes()), qindex)


def floor_divide(g: Builder, x: str, by: int) -> str:
    """Integers divided and rounded down."""
    up = g.op("Add", x, g.i32(POSITIVE * by))
    return g.op("Sub", g.op("Div", up, g.i32(by)), g.i32(POSITIVE))


def following(g: Builder, x: str, axis: int) -> str:
    """The neighbour after along an axis; the last is its own."""
    end = 1 << 30
    return g.op("Concat", g.slice(x, 1, end, axis), g.slice(x, -1, end, axis), axis=axis)


def preceding_difference(g: Builder, x: str, axis: int) -> str:
    """Differences from the neighbour before along an axis, without the first."""
    end = 1 << 30
    return g.op("Sub", g.slice(x, 1, end, axis), g.slice(x, 0, -1, axis))


def predictions(g: Builder, blocks: list[str], exact: bool) -> list[str]:
    """Predictions of the top right, bottom left and bottom right blocks' DC.

    Args:
        g: Builder.
        blocks: The top left, top right and bottom left blocks' DC, each (3, batch, rows, columns);
            those that are missing leave out what needs them.
        exact: Integers, rounded down.
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
    """What prediction leaves of DC, as `blocks.dc_residuals`; (3, 4, batch, rows, columns)."""
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
    """The inverse on integers; luma anchors are (1, batch, rows, columns)."""
    end = 1 << 30
    parts = g.op("Split", residuals, outputs=4, axis=1, num_outputs=4)
    left, right, below, last = (g.op("Squeeze", x, g.i64([1])) for x in parts)
    left = g.slice(left, 1, end, 0)
    first = g.op("CumSum", g.slice(left, 0, 1, 3), g.i64(2))
    left = g.op("Concat", first, g.slice(left, 1, end, 3), axis=3)
    anchor = g.op("Concat", luma_anchors, g.op("CumSum", left, g.i64(3)), axis=0)
    of_right, of_below = predictions(g, [anchor], True)
    right, below = g.op("Add", right, of_right), g.op("Add", below, of_below)
    (of_last,) = predictions(g, [anchor, right, below], True)
    blocks = (anchor, right, below, g.op("Add", last, of_last))
    return g.op("Concat", *(g.op("Unsqueeze", x, g.i64([1])) for x in blocks), axis=1)
