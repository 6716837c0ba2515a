"""The hide graph of `clear`: cover and secret in, container out."""

from __future__ import annotations

import numpy as np
import onnx

from codec import blocks
from codec.blocks import COEFFICIENTS, COLOURS, MACROBLOCK, QINDICES
from codec.modes import ADAPTIVE_UNIT, ADAPTIVE_WORDS, LOWEST_SCALE
from codec.tables import Tables
from codec.words import HEADER_WORDS, USER_BYTES, WORD_BITS
from export.builder import Builder, picture, tensor
from export.clear.choice import (
    SAMPLED_LANES,
    adaptive_scales,
    allowed_bits,
    cheapest_modes,
    corrected_qindex,
    modes_of,
    sampled_qindex,
    scores_of,
)
from export.clear.coding import Secret, by_lane, encode_to_fit
from export.clear.pixels import embed
from export.clear.prediction import dc_residuals
from export.clear.sizes import Sizes, by_bits, checksum, sizes


def build_hide(tables: Tables) -> onnx.ModelProto:
    """hide(cover, secret, pad, header, bits) -> container."""
    g = Builder()
    bits = g.op("Reshape", "bits", g.i64([1]))
    size = sizes(g, "cover", bits)
    x = _coefficients(g, size, "secret")
    dc = g.slice(x, 0, COLOURS, 0)
    spatial = g.reshape(dc, COLOURS, 4, size.batch, size.rows, size.columns)
    rough_dc = by_lane(g, size, COLOURS, g.op("Abs", dc_residuals(g, spatial, exact=False)))
    # As in `Quantizer.quantize`: anchors are predicted from twice as far.
    rough_dc = g.op("Mul", rough_dc, g.f32(np.array([0.5, 1, 1, 1]).reshape(1, 4, 1, 1)))
    ac = g.slice(x, COLOURS, COEFFICIENTS, 0)
    magnitudes = g.op("Abs", ac)
    rough = g.op("Concat", rough_dc, magnitudes, axis=0)

    capacity = g.op("Mul", g.cast(size.stream, "float"), g.f32(float(WORD_BITS)))
    # An odd stride, so that the sample covers all columns if there is an even number of them.
    every = g.op(
        "Div",
        g.op("Max", g.op("Sub", size.lanes, g.i64([SAMPLED_LANES])), g.i64([0])),
        g.i64([2 * SAMPLED_LANES]),
    )
    every = g.op("Add", g.op("Mul", every, g.i64([2])), g.i64([1]))
    sampled = g.slice(rough, 0, 1 << 30, 3, every)
    # Half of the sample is enough for an index that is corrected later.
    fewer = g.slice(sampled, 0, 1 << 30, 3, 2)
    taken = g.slice(g.op("Shape", fewer), 3, 4, 0)
    share = g.op("Div", g.cast(taken, "float"), g.cast(size.lanes, "float"))
    # Scores overestimate by a few per cent, most at few bits.
    share = g.op("Mul", share, by_bits(g, bits, [1.18, 1.1, 1.03], "float32"))
    allowed = allowed_bits(g, size, capacity)
    sampled_allowed = g.op("Mul", allowed, share)
    low, high = (g.op("Expand", g.i32(end), g.vector(size.batch, 1)) for end in (0, QINDICES - 1))
    adaptive = adaptive_scales(g, rough)
    every_mode = modes_of(g, tables, size, adaptive)
    qindex = sampled_qindex(
        g, tables, size, every_mode, fewer, sampled_allowed, low, high, QINDICES
    )
    scores = scores_of(g, tables, size, every_mode, rough, qindex)
    modes = cheapest_modes(g, size, scores)
    secret = Secret(spatial, ac, magnitudes, modes, every_mode.scales, rough_dc)
    qindex = corrected_qindex(
        g, tables, size, every_mode, secret, sampled, scores, qindex, every, allowed
    )
    qindex, state, stream = encode_to_fit(g, tables, size, secret, qindex)
    words = _words(g, size, qindex, adaptive, state, stream)
    container = embed(g, size, bits, words)
    inputs = [
        picture("cover"),
        picture("secret"),
        picture("pad"),
        tensor("header", "uint8", ["batch", USER_BYTES]),
        tensor("bits", "int64", []),
    ]
    return g.model("hide", inputs, [(container, picture("container"))])


def _coefficients(g: Builder, size: Sizes, secret: str) -> str:
    """The coefficients of the secret, float (192, 4, batch, lanes)."""
    planes = g.op("Transpose", g.cast(secret, "float"), perm=[0, 3, 1, 2])
    margins = []
    for macroblocks, side in ((size.rows, size.height), (size.columns, size.width)):
        margins.append(g.op("Sub", g.op("Mul", macroblocks, g.i64([MACROBLOCK])), side))
    pads = g.vector(0, 0, 0, 0, 0, 0, *margins)
    planes = g.op("Pad", planes, pads, mode="edge")
    x = g.op("Conv", planes, g.f32(blocks.analysis()), strides=[8, 8])
    x = g.reshape(x, size.batch, COEFFICIENTS, size.rows, 2, size.columns, 2)
    x = g.op("Transpose", x, perm=[1, 3, 5, 0, 2, 4])
    return by_lane(g, size, COEFFICIENTS, x)


def _words(g: Builder, size: Sizes, qindex: str, adaptive: str, state: str, stream: str) -> str:
    """All words of each tile, int32 (batch, words); see `Codec.encode`."""
    user = g.reshape(g.cast("header", "int32"), size.batch, HEADER_WORDS - 2, 2)
    user = g.op("Mul", user, g.i32([256, 1]))
    user = g.op("ReduceSum", user, g.i64([2]), keepdims=0)
    upper = g.op("Div", state, g.i32(1 << 16))
    lower = g.op("BitwiseAnd", state, g.i32(0xFFFF))
    units = g.op("Div", g.op("Sub", adaptive, g.i32(LOWEST_SCALE)), g.i32(ADAPTIVE_UNIT))
    units = g.op("Mul", g.reshape(units, size.batch, ADAPTIVE_WORDS, 2), g.i32([256, 1]))
    units = g.slice(g.op("ReduceSum", units, g.i64([2]), keepdims=0), 0, size.adaptive, 1)
    rest = g.op("Concat", user, units, upper, lower, stream, axis=1)
    nothing = g.op("Sub", qindex, qindex)
    check = checksum(g, size, g.op("Concat", qindex, nothing, rest, axis=1))
    return g.op("Concat", qindex, check, rest, axis=1)
