"""The reveal graph of `clear`: words in, tiles of the secret out."""

from __future__ import annotations

import numpy as np
import onnx

from codec import blocks, states
from codec import classes as c
from codec import modes as m
from codec import tables as t
from codec.blocks import COEFFICIENTS, COLOURS, QINDICES
from codec.quantize import AC
from codec.rans import LOW
from codec.tables import MODE_BEFORE, Tables
from export.builder import Builder, picture, tensor
from export.clear.choice import mode_rows
from export.clear.coding import carried_bits, cut_bits, powers
from export.clear.entropy import STEPS, Decoder
from export.clear.lookups import Lookups
from export.clear.merging import mixed, split
from export.clear.prediction import dc_values
from export.clear.restore import Restore, refine
from export.clear.sizes import Sizes, sizes
from export.clear.states import head_words, packers, unpack


def build_reveal(tables: Tables, network: Restore | None = None) -> onnx.ModelProto:
    """reveal(words, height, width, qindex, adaptive) -> secret; never fails, whatever the words.

    Args:
        tables: Fitted tables.
        network: Weights of the restoring network; without, pictures stay as decoded.
    """
    g = Builder()
    batch = g.slice(g.op("Shape", "words"), 0, 1, 0)
    size = sizes(g, batch, g.reshape("height", 1), g.reshape("width", 1))
    qindex = g.reshape(g.cast("qindex", "int32"), -1, 1)
    qindex = g.op("BitwiseAnd", qindex, g.i32(QINDICES - 1))
    # As many zeros as a damaged stream could ask for.
    of_lanes = g.op("Mul", size.lanes, g.i64([STEPS]))
    of_states = g.op("Mul", packers(g, size), g.i64([states.STEPS]))
    head = g.op("Add", size.adaptive, head_words(g, size))
    most = g.op("Add", head, g.op("Add", of_lanes, of_states))
    words = g.op("BitwiseAnd", "words", g.i32(0xFFFF))
    words = g.op("Pad", words, g.vector(0, 0, 0, most))
    decoder = Decoder(g, tables, size.batch, g.slice(words, head, 1 << 30, 1))
    unpack(g, tables, size, g.slice(words, size.adaptive, head, 1), decoder)
    look = Lookups(g, tables)
    shape = g.vector(1, size.batch, size.lanes)
    merged = decoder.take(g.op("Expand", g.i32(tables.chunk_class + 1), shape))
    # A damaged stream may name adaptive modes where there are none.
    known = g.op(
        "Where", g.op("Greater", size.adaptive, g.i64([0])), g.i32(look.modes), g.i32(tables.modes)
    )
    each: list[str] = []
    for before in MODE_BEFORE:
        rows = mode_rows(g, tables, merged, None if before < 0 else each[before])
        mode = decoder.take(g.op("Add", rows, g.i32(tables.mode_class)))
        each.append(g.op("Min", mode, g.op("Sub", known, g.i32(1))))
    modes = g.op("Concat", *each, axis=0)
    merged = g.op("Squeeze", merged, g.i64([0]))
    relative = look.relative(look.scales(_adaptive_scales(g, size, words)), qindex)
    dc_relative = look.of_blocks(size, relative, modes, 0, COLOURS)
    distributions = look.category_distributions(dc_relative, merged)
    category = decoder.take(g.reshape(distributions, -1, size.batch, size.lanes))
    low_bits = g.op("Min", category, g.i32(c.CHUNK_BITS))
    start, carried = carried_bits(g, size, low_bits)
    start, carried = (g.reshape(x, 4 * COLOURS, size.batch, size.lanes) for x in (start, carried))
    chunks = [g.op("Sub", category, low_bits), g.op("Sub", low_bits, carried)]
    chunks = [g.op("Add", x, g.i32(tables.chunk_class)) for x in chunks]
    upper, lower = g.op(
        "Split", decoder.take(g.op("Concat", *chunks, axis=0)), outputs=2, axis=0, num_outputs=2
    )

    index = look.shaped(relative)
    by_shape = np.arange(t.SHAPES)[:, None] * c.CLASSES + look.classes
    rows = look.of_blocks(size, g.lookup(g.i32(by_shape.ravel()), index), modes, COLOURS)
    places = decoder.ac_places(rows)
    first = g.reshape(g.op("Sub", decoder.state, g.i32(LOW)), 1, size.batch, size.lanes)
    _, in_state = cut_bits(g, g.op("Div", first, powers(g, start)), carried)
    lower = g.op("Add", g.op("Mul", lower, powers(g, carried)), in_state)
    value = g.op("Add", g.op("Mul", upper, powers(g, low_bits)), lower)
    dc = _dc(g, size, category, value, merged)
    ac = g.lookup(decoder.by_slot(g.f32(tables.values)), places)
    ac = g.reshape(ac, AC, 4, size.batch, size.lanes)
    step = look.step(qindex)
    multiples = g.lookup(g.f32(look.multiple), relative)
    steps = g.op("Mul", multiples, g.op("Unsqueeze", step, g.i64([2])))
    steps = look.of_blocks(size, steps, modes, COLOURS)
    dc = g.op("Mul", g.cast(dc, "float"), step)
    x = g.op("Concat", dc, g.op("Mul", ac, steps), axis=0)
    x = mixed(g, g.cast(merged, "float"), x, split(g, x))
    secret = _synthesis(g, size, x)
    if network is not None:
        secret = refine(g, network, secret, qindex)
    secret = _to_picture(g, size, secret)
    inputs = [
        tensor("words", "int32", ["batch", "words"]),
        tensor("height", "int64", []),
        tensor("width", "int64", []),
        tensor("qindex", "int64", ["batch"]),
        tensor("adaptive", "int64", []),
    ]
    return g.model("reveal", inputs, [(secret, picture("secret"))])


def _adaptive_scales(g: Builder, size: Sizes, words: str) -> str:
    """The adaptive scales, int32 (batch, 192); meaningless if the tile has none."""
    units = g.slice(words, 0, size.adaptive, 1)
    missing = g.op("Sub", g.i64([m.ADAPTIVE_WORDS]), size.adaptive)
    units = g.op("Unsqueeze", g.op("Pad", units, g.vector(0, 0, 0, missing)), g.i64([2]))
    upper, lower = g.op("Div", units, g.i32(256)), g.op("BitwiseAnd", units, g.i32(255))
    units = g.reshape(g.op("Concat", upper, lower, axis=2), size.batch, COEFFICIENTS)
    scales = g.op("Add", g.op("Mul", units, g.i32(m.ADAPTIVE_UNIT)), g.i32(m.LOWEST_SCALE))
    return g.op("Min", scales, g.i32(m.HIGHEST_SCALE))


def _dc(g: Builder, size: Sizes, category: str, value: str, merged: str) -> str:
    """DC in steps, int32 (3, 4, batch, lanes); see `Codec.decode`."""
    whole = 1 << np.arange(c.CATEGORIES)
    negative = g.op("Less", value, g.lookup(g.i32(whole >> 1), category))
    shift = g.op("Where", negative, g.lookup(g.i32(1 - whole), category), g.i32(0))
    residual = g.op("Add", value, shift)
    residual = g.reshape(residual, COLOURS, 4, size.batch, size.rows, size.columns)
    merged = g.cast(g.reshape(merged, size.batch, size.rows, size.columns), "bool")
    dc = dc_values(g, residual, merged)
    return g.reshape(dc, COLOURS, 4, size.batch, size.lanes)


def _synthesis(g: Builder, size: Sizes, x: str) -> str:
    """The inverse transform, float (batch, 3, height, width), whole macroblocks."""
    x = g.op("Transpose", x, perm=[2, 0, 1, 3])
    x = g.reshape(x, size.batch, 4 * COEFFICIENTS, size.rows, size.columns)
    # Half the time of a transposition.
    x = g.op("DepthToSpace", x, blocksize=2, mode="CRD")
    return g.op("ConvTranspose", x, g.f32(blocks.analysis()), strides=[8, 8])


def _to_picture(g: Builder, size: Sizes, x: str) -> str:
    """Crops, rounds and clips; uint8 (batch, height, width, 3)."""
    x = g.slice(g.slice(x, 0, size.height, 2), 0, size.width, 3)
    x = g.op("Clip", g.op("Round", x), g.f32(0.0), g.f32(255.0))
    return g.op("Transpose", g.cast(x, "uint8"), perm=[0, 2, 3, 1])
