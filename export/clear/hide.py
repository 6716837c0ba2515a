"""The hide graph of the `clear` codec: cover and secret in, container out."""

from __future__ import annotations

import numpy as np
import onnx

from export.builder import Builder, picture, tensor
from export.clear.choice import (
    SAMPLED_LANES,
    allowed_bits,
    cheapest_modes,
    corrected_qindex,
    modes_of,
    adaptive_scales,
    sampled_qindex,
    scores_of,
)
from export.clear.coding import Secret, by_lane, encode_to_fit
from export.clear.common import Sizes, by_bits, checksum, dc_residuals, residues, sizes, weighed
from codec import blocks
from codec.blocks import COEFFICIENTS, COLOURS, HEADER_WORDS, MACROBLOCK, QINDICES
from codec.tables import LOWEST_SCALE, ADAPTIVE_UNIT, ADAPTIVE_WORDS, Tables


def build_hide(tables: Tables) -> onnx.ModelProto:
    """hide(cover, secret, pad, header, bits) -> container."""
    g = Builder()
    bits = g.op("Reshape", "bits", g.i64([1]))
    size = sizes(g, "cover", bits)
    x = _coefficients(g, size, "secret")
    dc = g.slice(x, 0, COLOURS, 0)
    spatial = g.reshape(dc, COLOURS, 4, size.batch, size.rows, size.columns)
    rough_dc = by_lane(g, size, COLOURS, g.op("Abs", dc_residuals(g, spatial, exact=False)))
    # See `Codec.quantize`: anchors are predicted from twice as far.
    rough_dc = g.op("Mul", rough_dc, g.f32(np.array([0.5, 1, 1, 1]).reshape(1, 4, 1, 1)))
    ac = g.slice(x, COLOURS, COEFFICIENTS, 0)
    magnitudes = g.op("Abs", ac)
    rough = g.op("Concat", rough_dc, magnitudes, axis=0)

    capacity = g.op("Mul", g.cast(size.stream, "float"), g.f32(float(blocks.WORD)))
    # Odd, so that the sample wanders over the columns of a tile whose sides are even.
    every = g.op(
        "Div",
        g.op("Max", g.op("Sub", size.lanes, g.i64([SAMPLED_LANES])), g.i64([0])),
        g.i64([2 * SAMPLED_LANES]),
    )
    every = g.op("Add", g.op("Mul", every, g.i64([2])), g.i64([1]))
    sampled = g.slice(rough, 0, 1 << 30, 3, every)
    # Half of the sample is enough for a qindex that is corrected after.
    fewer = g.slice(sampled, 0, 1 << 30, 3, 2)
    taken = g.slice(g.op("Shape", fewer), 3, 4, 0)
    share = g.op("Div", g.cast(taken, "float"), g.cast(size.lanes, "float"))
    # Scores tell some per cent too many, the more the fewer bits there are.
    share = g.op("Mul", share, by_bits(g, bits, [1.18, 1.1, 1.03], "float32"))
    allowed = allowed_bits(g, size, capacity)
    sampled_allowed = g.op("Mul", allowed, share)
    ends = [g.op("Expand", g.i32(qindex), g.vector(size.batch, 1)) for qindex in (0, QINDICES - 1)]
    own = adaptive_scales(g, rough)
    every_mode = modes_of(g, tables, size, own)
    qindex = sampled_qindex(g, tables, size, every_mode, fewer, sampled_allowed, *ends, QINDICES)
    scores = scores_of(g, tables, size, every_mode, rough, qindex)
    modes = cheapest_modes(g, size, scores)
    secret = Secret(spatial, ac, magnitudes, modes, every_mode.scales, rough_dc)
    qindex = corrected_qindex(
        g, tables, size, every_mode, secret, sampled, scores, qindex, every, allowed
    )
    qindex, state, stream = encode_to_fit(g, tables, size, secret, qindex)
    words = _words(g, size, qindex, own, state, stream)
    container = _embed(g, size, bits, words)
    inputs = [
        picture("cover"),
        picture("secret"),
        picture("pad"),
        tensor("header", "uint8", ["batch", blocks.USER_BYTES]),
        tensor("bits", "int64", []),
    ]
    return g.model("hide", inputs, [(container, picture("container"))])


def _coefficients(g: Builder, size: Sizes, secret: str) -> str:
    """The transform, float (192, 4, batch, lanes)."""
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


def _words(g: Builder, size: Sizes, qindex: str, own: str, state: str, stream: str) -> str:
    """All words of each tile, int32 (batch, words)."""
    user = g.reshape(g.cast("header", "int32"), size.batch, HEADER_WORDS - 2, 2)
    user = g.op("Mul", user, g.i32([256, 1]))
    user = g.op("ReduceSum", user, g.i64([2]), keepdims=0)
    upper = g.op("Div", state, g.i32(1 << 16))
    lower = g.op("BitwiseAnd", state, g.i32(0xFFFF))
    own = g.op("Div", g.op("Sub", own, g.i32(LOWEST_SCALE)), g.i32(ADAPTIVE_UNIT))
    own = g.op("Mul", g.reshape(own, size.batch, ADAPTIVE_WORDS, 2), g.i32([256, 1]))
    own = g.slice(g.op("ReduceSum", own, g.i64([2]), keepdims=0), 0, size.adaptive, 1)
    rest = g.op("Concat", user, own, upper, lower, stream, axis=1)
    nothing = g.op("Sub", qindex, qindex)
    check = checksum(g, size, g.op("Concat", qindex, nothing, rest, axis=1))
    return g.op("Concat", qindex, check, rest, axis=1)


def _embed(g: Builder, size: Sizes, bits: str, words: str) -> str:
    """The container; see `blocks.symbols_of_words` and `changes.embed`."""
    missing = g.op("Sub", g.op("Mul", size.plane, g.i64([3])), size.words)
    words = g.op("Pad", words, g.vector(0, 0, 0, missing))
    upper = g.op("Div", words, g.i32(256))
    lower = g.op("BitwiseAnd", words, g.i32(255))
    pairs = [g.op("Unsqueeze", x, g.i64([2])) for x in (upper, lower)]
    octets = g.reshape(g.op("Concat", *pairs, axis=2), size.batch, 3, -1)
    unpacked = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    table = np.concatenate([unpacked << plane for plane in range(3)])
    octets = g.op("Add", octets, g.i32(np.arange(3)[:, None] * 256))
    planes = g.gather(g.constant(table, "uint8"), octets)
    first, second, third = g.op("Split", planes, outputs=3, axis=1, num_outputs=3)
    symbols = g.op("BitwiseOr", g.op("BitwiseOr", first, second), third)
    symbols = g.reshape(symbols, size.batch, -1)
    rest = g.op("Sub", size.samples, g.op("Mul", size.plane, g.i64([blocks.WORD])))
    symbols = g.op("Pad", symbols, g.vector(0, 0, 0, rest), g.constant(0, "uint8"))
    symbols = g.op("Reshape", symbols, g.op("Shape", "cover"))
    mask = by_bits(g, bits, [1, 3, 7], "uint8")
    symbols = g.op("BitwiseAnd", g.op("BitwiseXor", symbols, "pad"), mask)
    # One bit of each plane to the residue's group of three, then the samples side by side.
    spread = changes.residues_of_symbols(np.arange(8, dtype=np.uint8)[:, None] * [1, 0, 0], 3)
    wanted = g.lookup(g.f32(spread), g.cast(symbols, "int32"))
    wanted = weighed(g, wanted, g.f32([[1.0], [2.0], [4.0]]))
    levels = by_bits(g, bits, [8**b for b in changes.MULTIPLIERS], "int32")
    rise = g.op("Sub", g.op("Add", wanted, levels), residues(g, "cover", bits))
    rise = g.op("BitwiseAnd", rise, g.op("Sub", levels, g.i32(1)))
    return _changed(g, bits, rise)


def _changed(g: Builder, bits: str, rise: str) -> str:
    """The cover with its residues raised, see `changes.changes`; uint8 like the cover."""
    tables = {b: changes.changes(b) for b in changes.MULTIPLIERS}
    # A level's class, times what one step of it skips in the table of its payload.
    strides = [
        [s // table.itemsize // 3 for s in table.strides[:3]] for _, table in tables.values()
    ]
    classes = by_bits(g, bits, [c for c, _ in tables.values()], "float32")
    strides = by_bits(g, bits, [np.reshape(s, (3, 1)) for s in strides], "float32")
    kind = weighed(g, g.lookup(classes, g.cast("cover", "int32")), strides)
    joined = np.concatenate([table.reshape(-1, 3) for _, table in tables.values()])
    starts = np.cumsum([0, *(table.size // 3 for _, table in tables.values())])[:3]
    row = g.op("Add", g.op("Add", kind, rise), by_bits(g, bits, starts, "int32"))
    # Modulo 256, where a negative change is a large one.
    change = g.gather(g.constant(joined.astype(np.uint8), "uint8"), row)
    return g.op("Add", "cover", change)
