"""The find graph of `robust`: how well pilots fit at many scales and shifts."""

from __future__ import annotations

import numpy as np
import onnx

from dct.blocks import waves_of
from export.builder import Builder, tensor
from export.robust.frequencies import closeness, cut, luma, resample, size_of
from runtime.carriers.dct.layout import REGION, pilots, public_phases
from runtime.carriers.dct.strengths import BLOCK, STRENGTHS


def build_find() -> onnx.ModelProto:
    """find(picture, candidates, side) -> scores, (candidates, strengths); see `dct.search.score`.

    A candidate is start and ratio of rows, then of columns; `side` is the number of blocks along a
    side of the part that is looked at.
    """
    g = Builder()
    plane = luma(g, g.cast("picture", "float"))
    block, place = pilots(REGION, REGION)
    row, column = np.divmod(block, REGION)
    order = np.lexsort((place, column, row))
    row, column, place = row[order], column[order], place[order]
    number = row * REGION + column
    height, width = size_of(g, plane, 0), size_of(g, plane, 1)
    pixels = g.op("Mul", "side", g.i64(BLOCK))
    pixels = g.reshape(pixels, 1)
    side = g.reshape("side", 1)

    # Looked up once: as constants, they would be most of the file.
    tables = [g.gather(g.f32(waves_of(one).T), g.i64(place)) for one in STRENGTHS]

    b = g.subgraph()
    step, going = (b.name(name) for name in ("step", "going"))
    four = b.op("Gather", "candidates", step, axis=0)
    axes = [b.slice(four, 0, 2, 0), b.slice(four, 2, 4, 0)]

    def blocks(size: str, axis: str) -> str:
        """How many blocks of the part exist, int64 (1,)."""
        whole = b.op("Add", b.cast(size, "float"), b.f32(1.0))
        whole = b.cast(b.op("Div", whole, b.slice(axis, 1, 2, 0)), "int64")
        return b.op("Min", b.op("Div", whole, b.i64([BLOCK])), side)

    down, along = blocks(height, axes[0]), blocks(width, axes[1])
    reached = plane
    for number_of_axis, axis in enumerate(axes):
        start, ratio = b.slice(axis, 0, 1, 0), b.slice(axis, 1, 2, 0)
        margin = b.op("Mul", b.op("Max", ratio, b.f32([1.0])), b.f32([2.0]))
        end = b.op("Mul", ratio, b.cast(pixels, "float"))
        end = b.op("Add", b.op("Add", end, margin), b.op("Add", start, b.f32([2.0])))
        reached = b.slice(reached, 0, b.cast(end, "int64"), number_of_axis)
    part = resample(b, reached, axes[0], axes[1], pixels, pixels, fine=False)
    cells = cut(b, part, side, side)
    exists = b.op(
        "And",
        b.op("Less", b.i64(row), down),
        b.op("Less", b.i64(column), along),
    )
    exists = b.cast(exists, "float")
    index = b.op("Add", b.op("Mul", b.i64(row), side), b.i64(column))
    last = b.op("Sub", b.op("Mul", side, side), b.i64([1]))
    cells = b.gather(cells, b.op("Min", index, last))
    count = b.op("ReduceSum", exists, keepdims=0)
    scores = []
    for strength, waves in zip(STRENGTHS, tables, strict=True):
        read = b.op("ReduceSum", b.op("Mul", cells, waves), b.i64([1]), keepdims=0)
        turns = public_phases(strength)[number, place] / np.float32(256)
        near = closeness(b, read, b.f32(turns), b.f32(strength.steps[place]))
        total = b.op("ReduceSum", b.op("Mul", near, exists), keepdims=1)
        scores.append(total)
    deviation = b.op("Sqrt", b.op("Max", b.op("Mul", count, b.f32(0.5)), b.f32(0.5)))
    score = b.op("Div", b.op("Concat", *scores, axis=0), deviation)
    go_on = b.op("Identity", going)
    graph = b.body(
        [(step, "int64"), (going, "bool")], [(go_on, "bool"), (score, "float")], scalars=2
    )
    found = g.op("Loop", g.op("Squeeze", size_of(g, "candidates", 0), g.i64([0])), "", body=graph)
    inputs = [
        tensor("picture", "uint8", ["height", "width", 3]),
        tensor("candidates", "float", ["candidates", 4]),
        tensor("side", "int64", []),
    ]
    return g.model(
        "find", inputs, [(found, tensor("scores", "float", ["candidates", len(STRENGTHS)]))]
    )
