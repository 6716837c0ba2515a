"""The hide graph of `clear`: tiles of a secret in, words out."""

from __future__ import annotations

import onnx

from codec.blocks import COLOURS
from codec.modes import ADAPTIVE_UNIT, ADAPTIVE_WORDS, LOWEST_SCALE
from codec.rans import LOW
from codec.tables import Tables
from export.builder import Builder, picture, tensor
from export.clear.choice import adaptive_scales, cheapest_modes, modes_of, scores_of
from export.clear.coding import Coded, dc_in_steps, symbol_indices
from export.clear.entropy import encode
from export.clear.secret import read_secret
from export.clear.sizes import Sizes, sizes_of


def build_hide(tables: Tables) -> onnx.ModelProto:
    """hide(secret, qindex, adaptive, price) -> words, counts."""
    g = Builder()
    size = sizes_of(g, "secret")
    qindex = g.reshape(g.cast("qindex", "int32"), -1, 1)
    secret = read_secret(g, size)
    adaptive = adaptive_scales(g, secret.magnitudes)
    every_mode = modes_of(g, tables, size, adaptive)
    scores = scores_of(g, tables, size, every_mode, secret.magnitudes, qindex)
    modes = cheapest_modes(g, size, scores)
    magnitudes = g.slice(secret.magnitudes, COLOURS, 1 << 30, 0)
    coded = Coded(secret.dc, secret.ac, magnitudes, modes, every_mode.scales, qindex, "price")
    indices = symbol_indices(g, tables, size, coded)
    anchors = g.gather(g.gather(secret.dc, g.i64(0)), g.i64(0))
    anchors = dc_in_steps(g, tables, anchors, qindex)
    start = g.op("Add", g.reshape(anchors, size.batch, size.lanes), g.i32(LOW))
    state, full, stream = encode(g, tables, indices, start)
    words, counts = _words(g, size, adaptive, state, full, stream)
    inputs = [
        picture("secret"),
        tensor("qindex", "int64", ["batch"]),
        tensor("adaptive", "int64", []),
        tensor("price", "float", []),
    ]
    outputs = [(words, tensor("words", "int32", ["all"])), (counts, _COUNTS)]
    return g.model("hide", inputs, outputs)


_COUNTS = tensor("counts", "int32", ["batch"])


def _words(
    g: Builder, size: Sizes, adaptive: str, state: str, full: str, stream: str
) -> tuple[str, str]:
    """All words, tile after tile, int32 (all,), and the number of each tile's, int32 (batch,).

    Args:
        g: Builder.
        size: Sizes.
        adaptive: Adaptive scales, int32 (batch, 192).
        state: Last states, int32 (batch, lanes).
        full: Whether a lane gives a word in a step, bool (batch, steps * lanes).
        stream: Those words, int32 like `full`; others are ignored.
    """
    upper = g.op("Div", state, g.i32(1 << 16))
    lower = g.op("BitwiseAnd", state, g.i32(0xFFFF))
    units = g.op("Div", g.op("Sub", adaptive, g.i32(LOWEST_SCALE)), g.i32(ADAPTIVE_UNIT))
    units = g.op("Mul", g.reshape(units, size.batch, ADAPTIVE_WORDS, 2), g.i32([256, 1]))
    units = g.slice(g.op("ReduceSum", units, g.i64([2]), keepdims=0), 0, size.adaptive, 1)
    head = g.op("Concat", units, upper, lower, axis=1)
    every = g.op("GreaterOrEqual", head, g.i32(0))
    kept = g.op("Concat", every, full, axis=1)
    words = g.op("Concat", head, stream, axis=1)
    counts = g.op("ReduceSum", g.cast(kept, "int32"), g.i64([1]), keepdims=0)
    return g.op("Compress", g.reshape(words, -1), g.reshape(kept, -1)), counts
