"""The hide graph of `robust`: a cover and phases in, a container out."""

from __future__ import annotations

import onnx

from dct.lattice import ROUNDS
from export.builder import Builder, tensor
from export.robust.frequencies import chosen, cut, join, luma, size_of
from runtime.carriers.dct.strengths import BLOCK


def build_hide() -> onnx.ModelProto:
    """hide(cover, phases, strength) -> container; see `dct.lattice.embed`.

    Covers are whole pictures or strips of them that start at a multiple of 16 pixels.
    """
    g = Builder()
    of = chosen(g, "strength")
    samples = g.cast("cover", "float")
    block = g.i64([BLOCK])
    height, width = size_of(g, "cover", 0), size_of(g, "cover", 1)
    rows, columns = g.op("Div", height, block), g.op("Div", width, block)
    down, along = g.op("Mul", rows, block), g.op("Mul", columns, block)

    def read(pixels: str) -> str:
        plane = g.slice(g.slice(luma(g, pixels), 0, down, 0), 0, along, 1)
        return g.op("MatMul", cut(g, plane, rows, columns), of.waves)

    coefficients = read(samples)
    offset = g.op("Mul", g.cast("phases", "float"), g.f32(1 / 256))
    nearest = g.op("Sub", g.op("Div", coefficients, of.steps), offset)
    nearest = g.op("Mul", of.steps, g.op("Add", g.op("Round", nearest), offset))
    move = g.op("Mul", of.strides, g.op("Sub", nearest, coefficients))
    wanted = g.op("Add", coefficients, move)
    margin = [g.op("Sub", whole, part) for whole, part in ((height, down), (width, along))]
    pads = g.vector(0, 0, *margin)
    back = g.op("Transpose", of.waves, perm=[1, 0])
    missing, change, changed = move, "", ""
    for number in range(ROUNDS):
        if number:
            missing = g.op("Sub", wanted, read(changed))
        more = join(g, g.op("MatMul", missing, back), rows, columns)
        change = g.op("Add", change, more) if change else more
        padded = g.op("Unsqueeze", g.op("Pad", change, pads), g.i64([2]))
        changed = g.op("Clip", g.op("Add", samples, padded), g.f32(0.0), g.f32(255.0))
    container = g.cast(g.op("Round", changed), "uint8")
    inputs = [
        tensor("cover", "uint8", ["height", "width", 3]),
        tensor("phases", "uint8", ["blocks", "places"]),
        tensor("strength", "int64", []),
    ]
    return g.model(
        "hide", inputs, [(container, tensor("container", "uint8", ["height", "width", 3]))]
    )
