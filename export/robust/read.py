"""The read graph of `robust`: part of a file in, closeness of its coefficients out."""

from __future__ import annotations

import onnx

from export.builder import Builder, tensor
from export.robust.frequencies import chosen, closeness, cut, luma, resample
from runtime.carriers.dct.strengths import BLOCK


def build_read() -> onnx.ModelProto:
    """read(picture, dither, rows, columns, gains, strength) -> coefficients, closeness.

    See `dct.lattice`; `rows` and `columns` are start and ratio of `dct.resampling.Axis`, relative
    to the part of the file that is given. `dither` says how many blocks are read.
    """
    g = Builder()
    of = chosen(g, "strength")
    shape = g.op("Shape", "dither")
    down, along = g.slice(shape, 0, 1, 0), g.slice(shape, 1, 2, 0)
    block = g.i64([BLOCK])
    height, width = g.op("Mul", down, block), g.op("Mul", along, block)
    plane = luma(g, g.cast("picture", "float"))
    is_same = g.op("Equal", g.op("Concat", "rows", "columns", axis=0), g.f32([0, 1, 0, 1]))
    is_same = g.cast(g.op("ReduceMin", g.cast(is_same, "int32"), keepdims=0), "bool")
    large = [
        g.op("GreaterOrEqual", g.slice(g.op("Shape", plane), axis, axis + 1, 0), needed)
        for axis, needed in ((0, height), (1, width))
    ]
    enough = g.op("Squeeze", g.op("And", *large), g.i64([0]))
    same, other = g.subgraph(), g.subgraph()
    cropped = same.slice(same.slice(plane, 0, height, 0), 0, width, 1)
    resampled = resample(other, plane, "rows", "columns", height, width, fine=True)
    part = g.op(
        "If",
        g.op("And", is_same, enough),
        then_branch=same.body([], [(cropped, "float")]),
        else_branch=other.body([], [(resampled, "float")]),
    )
    read = g.op("MatMul", cut(g, part, down, along), of.waves)
    read = g.op("Reshape", read, shape)
    phases = g.op("Mul", g.cast("dither", "float"), g.f32(1 / 256))
    near = closeness(g, read, phases, g.op("Mul", of.steps, "gains"))
    blocks: list[int | str] = ["block_rows", "block_columns", "places"]
    inputs = [
        tensor("picture", "uint8", ["height", "width", 3]),
        tensor("dither", "uint8", blocks),
        tensor("rows", "float", [2]),
        tensor("columns", "float", [2]),
        tensor("gains", "float", ["places"]),
        tensor("strength", "int64", []),
    ]
    outputs = [
        (read, tensor("coefficients", "float", blocks)),
        (near, tensor("closeness", "float", blocks)),
    ]
    return g.model("read", inputs, outputs)
