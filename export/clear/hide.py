"""The hide graph of `clear`: tiles of a secret in, words out."""

from __future__ import annotations

import onnx

from codec.blocks import COLOURS
from codec.modes import ADAPTIVE_UNIT, ADAPTIVE_WORDS, LOWEST_SCALE
from codec.rans import LOW
from codec.tables import Tables
from export.builder import Builder, picture, tensor
from export.clear.choices import from_bytes
from export.clear.coding import Coded, symbol_indices
from export.clear.entropy import encode
from export.clear.lookups import Lookups
from export.clear.merging import mixed
from export.clear.secret import read_secret
from export.clear.sizes import Sizes, sizes_of
from export.clear.states import Packed, pack


def build_hide(tables: Tables) -> onnx.ModelProto:
    """hide(secret, choices, qindex, adaptive, price) -> words, counts."""
    g = Builder()
    size = sizes_of(g, "secret")
    qindex = g.reshape(g.cast("qindex", "int32"), -1, 1)
    choices = from_bytes(g, size, "choices")
    x = mixed(g, g.cast(choices.merged, "float"), *read_secret(g, size))
    dc, ac = g.slice(x, 0, COLOURS, 0), g.slice(x, COLOURS, 1 << 30, 0)
    scales = Lookups(g, tables).scales(choices.adaptive)
    coded = Coded(choices.merged, dc, ac, choices.modes, scales, qindex, "price")
    indices, first = symbol_indices(g, tables, size, coded)
    states, full, stream = encode(g, tables, indices, g.op("Add", first, g.i32(LOW)))
    words, counts = _words(g, size, choices.adaptive, pack(g, tables, size, states), (full, stream))
    inputs = [
        picture("secret"),
        tensor("choices", "uint8", ["batch", "choices"]),
        tensor("qindex", "int64", ["batch"]),
        tensor("adaptive", "int64", []),
        tensor("price", "float", []),
    ]
    outputs = [(words, tensor("words", "int32", ["all"])), (counts, _COUNTS)]
    return g.model("hide", inputs, outputs)


_COUNTS = tensor("counts", "int32", ["batch"])


def _words(
    g: Builder, size: Sizes, adaptive: str, packed: Packed, stream: tuple[str, str]
) -> tuple[str, str]:
    """All words, tile after tile, int32 (all,), and the number of each tile's, int32 (batch,).

    Args:
        g: Builder.
        size: Sizes.
        adaptive: Adaptive scales, int32 (batch, 192).
        packed: The last states.
        stream: Whether a lane gives a word in a step, bool (batch, steps * lanes); and those
            words, int32 likewise, where others are ignored.
    """
    units = g.op("Div", g.op("Sub", adaptive, g.i32(LOWEST_SCALE)), g.i32(ADAPTIVE_UNIT))
    units = g.op("Mul", g.reshape(units, size.batch, ADAPTIVE_WORDS, 2), g.i32([256, 1]))
    units = g.slice(g.op("ReduceSum", units, g.i64([2]), keepdims=0), 0, size.adaptive, 1)
    upper = g.op("Div", packed.states, g.i32(1 << 16))
    lower = g.op("BitwiseAnd", packed.states, g.i32(0xFFFF))
    head = g.op("Concat", units, upper, lower, packed.lower, axis=1)
    every = g.op("GreaterOrEqual", head, g.i32(0))
    kept = g.op("Concat", every, packed.full, stream[0], axis=1)
    words = g.op("Concat", head, packed.stream, stream[1], axis=1)
    counts = g.op("ReduceSum", g.cast(kept, "int32"), g.i64([1]), keepdims=0)
    return g.op("Compress", g.reshape(words, -1), g.reshape(kept, -1)), counts
