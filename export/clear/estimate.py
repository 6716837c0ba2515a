"""The estimate graph of `clear`: what tiles of a secret would take and lose, without coding them.

It has two ways. *Scores* tell the bits at many quantizer indices to some per cent. *Exactly*, at
one index, they are corrected by the bits that the trellis gives for some lanes: scores are a
least-squares fit, and off by a few per cent, about equally all over a tile. Then the choices are
given, too, which the hide graph takes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx

from codec.blocks import COEFFICIENTS, COLOURS
from codec.quantize import FINER_FROM, FINER_MOST
from codec.tables import LAMBDA, Tables
from export.builder import Builder, picture, tensor
from export.clear.choice import adaptive_scales, cheapest_modes, modes_of
from export.clear.choices import Choices, to_bytes
from export.clear.coding import Coded, ac_symbols, mode_symbols
from export.clear.lookups import Lookups
from export.clear.secret import (
    Coefficients,
    ac_of,
    choose_merged,
    mean_magnitudes,
    read_secret,
    with_features,
)
from export.clear.sizes import Sizes, sizes_of

# Lanes whose symbols are found.
EXACT_LANES = 128
# What is missing from the bits of a lane, as a line over their logarithm: bits of DC are a rough
# estimate, and states take more than they are worth.
MISSING_SLOPE, MISSING_START = 3.1, -12.6
# Bits of a lane that scores leave out, which count if there are few: so many, less a share of its
# bits.
UNSCORED, UNSCORED_LESS = 27.0, 0.11
# Of a quantizer with a trellis, in squared steps: the mean error of magnitudes that are not zeroed,
# and how large those are.
FINE_ERROR, ZEROED = 0.085, 0.6


def build_estimate(tables: Tables) -> onnx.ModelProto:
    """estimate(secret, qindices, adaptive, exact) -> bits, error, choices."""
    g = Builder()
    size = sizes_of(g, "secret")
    candidates = with_features(g, size, read_secret(g, size))
    # Every tile at every index, index by index within a tile.
    indices = g.slice(g.op("Shape", "qindices"), 1, 2, 0)
    both = replace(size, batch=g.op("Mul", size.batch, indices))
    qindex = g.reshape(g.cast("qindices", "int32"), -1, 1)
    exact = g.op("Squeeze", g.op("Greater", g.reshape("exact", 1), g.i64([0])), g.i64([0]))
    bits, error, choices = g.op(
        "If",
        exact,
        outputs=3,
        then_branch=_exact(g, tables, size, candidates, qindex),
        else_branch=_scored(g, tables, size, both, candidates, qindex),
    )
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
    outputs.append((choices, tensor("choices", "uint8", ["batch", "choices"])))
    return g.model("estimate", inputs, outputs)


def _scored(
    g: Builder,
    tables: Tables,
    size: Sizes,
    both: Sizes,
    candidates: tuple[Coefficients, Coefficients],
    qindex: str,
) -> onnx.GraphProto:
    """A branch: bits and squared errors of all tiles at all indices, from scores."""
    b = g.subgraph()
    step = Lookups(b, tables).step(qindex)
    repeated = _at_each(b, size, both, candidates)
    secret = choose_merged(b, repeated, step)
    # About those of the mixture of merged and other macroblocks, which depends on the index.
    adaptive = adaptive_scales(b, mean_magnitudes(b, candidates, b.f32(0.0)))
    indices = b.op("Div", both.batch, size.batch)
    adaptive = b.op("Unsqueeze", adaptive, b.i64([1]))
    adaptive = b.op("Expand", adaptive, b.vector(1, indices, 1))
    every_mode = modes_of(b, tables, both, b.reshape(adaptive, both.batch, -1))
    _, bits = cheapest_modes(b, tables, both, every_mode, secret, qindex)
    bits = b.op("ReduceSum", bits, b.i64([0, 2]), keepdims=0)
    lanes = b.cast(size.lanes, "float")
    of_lane = b.op("Div", bits, lanes)
    unscored = b.op("Sub", b.f32(UNSCORED), b.op("Mul", of_lane, b.f32(UNSCORED_LESS)))
    unscored = b.op("Mul", b.op("Max", unscored, b.f32(0.0)), lanes)
    bits = _with_scales(b, size, b.op("Add", bits, unscored))
    ac = b.op("Div", b.op("Abs", ac_of(b, repeated, secret.merged)), step)
    errors = b.op("Mul", ac, ac)
    fine = b.op("GreaterOrEqual", ac, b.f32(ZEROED))
    errors = b.op("Where", fine, b.f32(FINE_ERROR), errors)
    error = b.op("ReduceSum", errors, b.i64([0, 1, 3]), keepdims=0)
    error = _total_error(b, size, step, error)
    nothing = b.op("Expand", b.constant(0, "uint8"), b.vector(size.batch, 0))
    return b.body([], [(bits, "float"), (error, "float"), (nothing, "uint8")])


def _exact(
    g: Builder,
    tables: Tables,
    size: Sizes,
    candidates: tuple[Coefficients, Coefficients],
    qindex: str,
) -> onnx.GraphProto:
    """The other branch, for one index: from scores of all blocks, and the symbols of some lanes."""
    b = g.subgraph()
    end = 1 << 30
    look = Lookups(b, tables)
    step = look.step(qindex)
    above = b.op("Max", b.op("Sub", qindex, b.i32(FINER_FROM)), b.i32(0))
    above = b.op("Min", b.op("Div", above, b.i32(4)), b.i32(FINER_MOST))
    finer = b.op("Sub", qindex, above)
    secret = choose_merged(b, candidates, look.step(finer))
    adaptive = adaptive_scales(b, mean_magnitudes(b, candidates, secret.merged))
    every_mode = modes_of(b, tables, size, adaptive)
    modes, block_bits = cheapest_modes(b, tables, size, every_mode, secret, finer)
    choices = to_bytes(b, size, Choices(modes, b.cast(secret.merged, "int32"), adaptive))
    # An odd stride, so that the sample covers all columns if there is an even number of them.
    more = b.op("Max", b.op("Sub", size.lanes, b.i64([EXACT_LANES])), b.i64([0]))
    every = b.op("Mul", b.op("Div", more, b.i64([2 * EXACT_LANES])), b.i64([2]))
    every = b.op("Add", every, b.i64([1]))

    def some(x: str, axis: int) -> str:
        return b.slice(x, 0, end, axis, every)

    scored = b.op("ReduceSum", some(block_bits, 2), b.i64([0, 2]), keepdims=0)
    total = b.op("ReduceSum", block_bits, b.i64([0, 2]), keepdims=0)

    modes, of_some = some(modes, 2), some(secret.merged, 1)
    sampled = (Coefficients(some(one.x, 3), "") for one in candidates)
    ac = ac_of(b, (next(sampled), next(sampled)), of_some)
    dc = some(b.slice(secret.rough, 0, COLOURS, 0), 3)
    dc = b.op("Floor", b.op("Mul", dc, b.op("Div", look.step(finer), step)))
    merged = b.cast(of_some, "int32")
    fewer = replace(size, lanes=b.slice(b.op("Shape", modes), 2, 3, 0))
    relative = look.relative(every_mode.scales, qindex)
    price = b.f32(LAMBDA)
    coded = Coded(merged, "", ac, modes, every_mode.scales, qindex, price)
    symbol = ac_symbols(b, tables, fewer, look.shaped(relative), coded)
    exact = b.op("ReduceSum", b.lookup(b.f32(tables.bits), symbol), b.i64([0, 1, 3]), keepdims=0)
    mode_bits = b.lookup(b.f32(tables.bits), mode_symbols(b, tables, coded))
    mode_bits = b.op("ReduceSum", mode_bits, b.i64([0, 2]), keepdims=0)
    # A DC residual takes the bits of its magnitude, a sign, and about two bits for their number.
    dc_bits = b.op("Mul", b.op("Log", b.op("Add", dc, b.f32(1.0))), b.f32(1.0 / np.log(2.0)))
    dc_bits = b.op("Add", dc_bits, b.f32(2.3))
    dc_bits = b.op("ReduceSum", dc_bits, b.i64([0, 1, 3]), keepdims=0)
    exact = b.op("Add", b.op("Add", exact, mode_bits), dc_bits)
    bits = b.op("Mul", total, b.op("Div", exact, b.op("Max", scored, b.f32(1.0))))
    lanes = b.cast(size.lanes, "float")
    of_lane = b.op("Log", b.op("Max", b.op("Div", bits, lanes), b.f32(1.0)))
    missing = b.op("Mul", of_lane, b.f32(MISSING_SLOPE / np.log(2.0)))
    missing = b.op("Mul", b.op("Add", missing, b.f32(MISSING_START)), lanes)
    bits = _with_scales(b, size, b.op("Add", bits, missing))

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
    return b.body([], [(bits, "float"), (error, "float"), (choices, "uint8")])


def _at_each(
    b: Builder, size: Sizes, both: Sizes, candidates: tuple[Coefficients, Coefficients]
) -> tuple[Coefficients, Coefficients]:
    """The coefficients, the same at each index: (192, 4, batch * indices, lanes)."""
    indices = b.op("Div", both.batch, size.batch)

    def repeated(x: str) -> str:
        x = b.op("Expand", b.op("Unsqueeze", x, b.i64([3])), b.vector(1, 1, 1, indices, 1))
        return b.reshape(x, COEFFICIENTS, 4, both.batch, size.lanes)

    plain, merged = (Coefficients(repeated(c.x), repeated(c.features)) for c in candidates)
    return plain, merged


def _with_scales(b: Builder, size: Sizes, bits: str) -> str:
    """Bits with those of the adaptive scales."""
    return b.op("Add", bits, b.op("Mul", b.cast(size.adaptive, "float"), b.f32(16.0)))


def _total_error(b: Builder, size: Sizes, step: str, error: str) -> str:
    """Squared error of all coefficients, in levels, from that of AC in steps."""
    dc = b.op("Mul", b.cast(size.lanes, "float"), b.f32(4 * COLOURS / 12.0))
    error = b.op("Add", error, dc)
    return b.op("Mul", error, b.reshape(b.op("Mul", step, step), -1))
