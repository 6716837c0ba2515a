"""The estimate graph of `clear`: what tiles of a secret would take and lose, without coding them.

It has two ways. *Scores* of a few lanes tell the bits at many quantizer indices to some per cent,
in little time. *Exactly*, scores of all blocks are corrected by the bits that the trellis gives for
some lanes: scores are a least-squares fit, and off by a few per cent, about equally all over a
tile.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx

from codec.blocks import COLOURS
from codec.tables import LAMBDA, Tables
from export.builder import Builder, picture, tensor
from export.clear.choice import Modes, adaptive_scales, cheapest_modes, modes_of, scores_of
from export.clear.coding import Coded, ac_symbols
from export.clear.lookups import Lookups
from export.clear.secret import Secret, read_secret
from export.clear.sizes import Sizes, sizes_of

SCORED_LANES, EXACT_LANES = 64, 128
# Lanes are cut into pieces for the trellis, to take fewer steps.
PIECES = 7
# Bits of a lane that no symbol has: it starts with a state of 32 bits, of which 15 are a DC.
LANE_BITS = 17.0
# Of pieces: they hide what the trellis saves at their ends, about so much of a lane's bits for each
# doubling of them, more or less than at a certain number.
PIECES_BITS, PIECES_EVEN = 6.0, 190.0
# Of a quantizer with a trellis, in squared steps: the mean error of magnitudes that are not zeroed,
# and how large those are.
FINE_ERROR, ZEROED = 0.08, 0.5


def build_estimate(tables: Tables) -> onnx.ModelProto:
    """estimate(secret, qindices, adaptive, exact) -> bits, error."""
    g = Builder()
    size = sizes_of(g, "secret")
    secret = read_secret(g, size)
    adaptive = adaptive_scales(g, secret.magnitudes)
    # Every tile at every index, index by index within a tile.
    indices = g.slice(g.op("Shape", "qindices"), 1, 2, 0)
    both = replace(size, batch=g.op("Mul", size.batch, indices))
    qindex = g.reshape(g.cast("qindices", "int32"), -1, 1)
    adaptive = g.op("Unsqueeze", adaptive, g.i64([1]))
    adaptive = g.op("Expand", adaptive, g.vector(1, indices, 1))
    every_mode = modes_of(g, tables, both, g.reshape(adaptive, both.batch, -1))
    way = (g, tables, size, both, secret, every_mode, qindex)
    exact = g.op("Squeeze", g.op("Greater", g.reshape("exact", 1), g.i64([0])), g.i64([0]))
    bits, error = g.op("If", exact, outputs=2, then_branch=_exact(*way), else_branch=_scored(*way))
    inputs = [
        picture("secret"),
        tensor("qindices", "int64", ["batch", "indices"]),
        tensor("adaptive", "int64", []),
        tensor("exact", "int64", []),
    ]
    outputs = [
        (g.reshape(value, size.batch, indices), tensor(name, "float", ["batch", "indices"]))
        for value, name in ((bits, "bits"), (error, "error"))
    ]
    return g.model("estimate", inputs, outputs)


def _scored(
    g: Builder,
    tables: Tables,
    size: Sizes,
    both: Sizes,
    secret: Secret,
    every_mode: Modes,
    qindex: str,
) -> onnx.GraphProto:
    """A branch: bits and squared errors of all tiles at all indices, from scores of some lanes."""
    b = g.subgraph()
    every = _every(b, size, SCORED_LANES)
    rough = _at_each(b, size, both, b.slice(secret.magnitudes, 0, 1 << 30, 3, every))
    scores = scores_of(b, tables, both, every_mode, rough, qindex)
    bits = b.op("ReduceMin", scores, b.i64([1]), keepdims=0)
    bits = b.op("ReduceSum", bits, b.i64([1]), keepdims=0)
    taken = b.slice(b.op("Shape", rough), 3, 4, 0)
    share = b.op("Div", b.cast(size.lanes, "float"), b.cast(taken, "float"))
    bits = _with_fixed(b, size, b.op("Mul", bits, share))
    step = Lookups(b, tables).step(qindex)
    ac = b.op("Div", b.slice(rough, COLOURS, 1 << 30, 0), step)
    errors = b.op("Mul", ac, ac)
    fine = b.op("GreaterOrEqual", ac, b.f32(ZEROED))
    errors = b.op("Where", fine, b.f32(FINE_ERROR), errors)
    error = b.op("ReduceSum", errors, b.i64([0, 1, 3]), keepdims=0)
    error = _total_error(b, size, step, b.op("Mul", error, share))
    return b.body([], [(bits, "float"), (error, "float")])


def _exact(
    g: Builder,
    tables: Tables,
    size: Sizes,
    both: Sizes,
    secret: Secret,
    every_mode: Modes,
    qindex: str,
) -> onnx.GraphProto:
    """The other branch: from scores of all blocks, and the symbols of some lanes."""
    b = g.subgraph()
    end = 1 << 30
    look = Lookups(b, tables)
    step = look.step(qindex)
    scores = scores_of(
        b, tables, both, every_mode, _at_each(b, size, both, secret.magnitudes), qindex
    )
    modes = cheapest_modes(b, both, scores)
    block_bits = b.op("ReduceMin", scores, b.i64([1]), keepdims=0)
    by_lane = b.reshape(block_bits, both.batch, 4, size.lanes)
    every = _every(b, size, EXACT_LANES)
    scored = b.op("ReduceSum", b.slice(by_lane, 0, end, 2, every), b.i64([1, 2]), keepdims=0)
    total = b.op("ReduceSum", block_bits, b.i64([1]), keepdims=0)

    modes = b.slice(modes, 0, end, 2, every)
    ac = _at_each(b, size, both, b.slice(secret.ac, 0, end, 3, every))
    rough = _at_each(b, size, both, b.slice(secret.magnitudes, 0, end, 3, every))
    dc, magnitudes = b.slice(rough, 0, COLOURS, 0), b.slice(rough, COLOURS, end, 0)
    fewer = replace(both, lanes=b.slice(b.op("Shape", modes), 2, 3, 0))
    relative = look.relative(every_mode.scales, qindex)
    price = b.f32(LAMBDA)
    coded = Coded("", ac, magnitudes, modes, every_mode.scales, qindex, price)
    symbol = ac_symbols(b, tables, fewer, look.shaped(relative), coded, PIECES)
    exact = b.op("ReduceSum", b.lookup(b.f32(tables.bits), symbol), b.i64([0, 1, 3]), keepdims=0)
    mode_bits = b.f32(tables.bits[tables.firsts[tables.mode_class] :])
    mode_bits = b.op("ReduceSum", b.lookup(mode_bits, modes), b.i64([0, 2]), keepdims=0)
    # A DC residual takes the bits of its magnitude, a sign, and about two bits for their number.
    quantized = b.op("Floor", b.op("Add", b.op("Div", dc, step), b.f32(1.5)))
    dc_bits = b.op("Mul", b.op("Log", quantized), b.f32(1.0 / np.log(2.0)))
    dc_bits = b.op("Add", dc_bits, b.f32(2.3))
    has_residual = np.ones((COLOURS, 4, 1, 1), np.float32)
    has_residual[0, 0] = 0.0
    dc_bits = b.op("Mul", dc_bits, b.f32(has_residual))
    dc_bits = b.op("ReduceSum", dc_bits, b.i64([0, 1, 3]), keepdims=0)
    exact = b.op("Add", b.op("Add", exact, mode_bits), dc_bits)
    bits = b.op("Mul", total, b.op("Div", exact, b.op("Max", scored, b.f32(1.0))))
    bits = _with_fixed(b, size, bits)
    lanes = b.cast(size.lanes, "float")
    of_lane = b.op("Div", b.op("Max", bits, lanes), b.op("Mul", lanes, b.f32(PIECES_EVEN)))
    hidden = b.op("Mul", b.op("Log", of_lane), b.f32(PIECES_BITS / np.log(2.0)))
    bits = b.op("Add", bits, b.op("Mul", hidden, lanes))

    steps = b.op(
        "Mul", b.lookup(b.f32(look.multiple), relative), b.op("Unsqueeze", step, b.i64([2]))
    )
    steps = look.of_blocks(fewer, steps, modes, COLOURS)
    values = b.op("Mul", b.lookup(b.f32(tables.values), symbol), steps)
    difference = b.op("Div", b.op("Sub", ac, values), step)
    error = b.op("Mul", difference, difference)
    error = b.op("ReduceSum", error, b.i64([0, 1, 3]), keepdims=0)
    share = b.op("Div", b.cast(size.lanes, "float"), b.cast(fewer.lanes, "float"))
    error = _total_error(b, size, step, b.op("Mul", error, share))
    return b.body([], [(bits, "float"), (error, "float")])


def _every(b: Builder, size: Sizes, lanes: int) -> str:
    """Stride of a sample of about so many lanes.

    It is odd, so that the sample covers all columns if there is an even number of them.
    """
    more = b.op("Max", b.op("Sub", size.lanes, b.i64([lanes])), b.i64([0]))
    return b.op("Add", b.op("Mul", b.op("Div", more, b.i64([2 * lanes])), b.i64([2])), b.i64([1]))


def _at_each(b: Builder, size: Sizes, both: Sizes, x: str) -> str:
    """(n, 4, batch, lanes) as (n, 4, batch * indices, lanes), the same at each index."""
    count = b.slice(b.op("Shape", x), 0, 1, 0)
    lanes = b.slice(b.op("Shape", x), 3, 4, 0)
    indices = b.op("Div", both.batch, size.batch)
    x = b.op("Expand", b.op("Unsqueeze", x, b.i64([3])), b.vector(1, 1, 1, indices, 1))
    return b.reshape(x, count, 4, both.batch, lanes)


def _with_fixed(b: Builder, size: Sizes, bits: str) -> str:
    """Bits with those of the states and adaptive scales."""
    fixed = b.op("Mul", b.cast(size.lanes, "float"), b.f32(LANE_BITS))
    scales = b.op("Mul", b.cast(size.adaptive, "float"), b.f32(16.0))
    return b.op("Add", bits, b.op("Add", fixed, scales))


def _total_error(b: Builder, size: Sizes, step: str, error: str) -> str:
    """Squared error of all coefficients, in levels, from that of AC in steps."""
    dc = b.op("Mul", b.cast(size.lanes, "float"), b.f32(4 * COLOURS / 12.0))
    error = b.op("Add", error, dc)
    return b.op("Mul", error, b.reshape(b.op("Mul", step, step), -1))
