"""The reveal graph of the `clear` codec: container in, secret out."""

from __future__ import annotations

import numpy as np
import onnx

from export.builder import Builder, picture, tensor
from export.clear.common import (
    AC,
    STEPS,
    Lookups,
    Sizes,
    by_bits,
    checksum,
    dc_values,
    residues,
    sizes,
)
from export.clear.restore import Restore, refine
from codec import blocks
from codec import tables as t
from codec.blocks import COEFFICIENTS, COLOURS, HEADER_WORDS, QINDICES
from codec.rans import LOW
from codec.tables import Tables


def build_reveal(tables: Tables, network: Restore | None = None) -> onnx.ModelProto:
    """reveal(container, pad, bits) -> secret, header, intact.

    Args:
        tables: Fitted tables.
        network: What refines the decoded picture, if anything does.
    """
    g = Builder()
    bits = g.op("Reshape", "bits", g.i64([1]))
    size = sizes(g, "container", bits)
    words = _extract(g, size, bits)
    first, check = g.slice(words, 0, 1, 1), g.slice(words, 1, 2, 1)
    qindex = g.op("BitwiseAnd", first, g.i32(QINDICES - 1))
    intact = g.op("Squeeze", g.op("Equal", checksum(g, size, words), check), g.i64([1]))
    header = _header(g, size, words)

    decoder = _Decoder(g, tables, size, words)
    look = Lookups(g, tables)
    shape = g.vector(4, size.batch, size.lanes)
    modes = decoder.take(g.op("Expand", g.i32(tables.mode_class), shape))
    # A damaged stream may name own modes where there are none.
    known = g.op(
        "Where", g.op("Greater", size.adaptive, g.i64([0])), g.i32(look.modes), g.i32(tables.modes)
    )
    modes = g.op("Min", modes, g.op("Sub", known, g.i32(1)))
    relative = look.relative(look.scales(_adaptive_scales(g, size, words)), qindex)
    dc_relative = look.of_blocks(size, relative, modes, 0, COLOURS)
    distributions = look.category_distributions(dc_relative)
    category = decoder.take(g.reshape(distributions, -1, size.batch, size.lanes))
    low_bits = g.op("Min", category, g.i32(t.CHUNK_BITS))
    chunks = [g.op("Sub", category, low_bits), low_bits]
    chunks = [g.op("Add", x, g.i32(tables.chunk_class)) for x in chunks]
    symbols = decoder.take(g.op("Concat", *chunks, axis=0))

    index = look.shaped(relative)
    rows = np.arange(t.SHAPES)[:, None] * t.CLASSES + look.classes
    rows = look.of_blocks(size, g.lookup(g.i32(rows.ravel()), index), modes, COLOURS)
    places = decoder.ac_places(g.reshape(rows, 4 * AC, size.batch, size.lanes))
    luma = g.op("Sub", decoder.state, g.i32(LOW))
    dc = _dc(g, size, category, low_bits, symbols, luma)
    ac = g.lookup(decoder.by_slot(g.f32(tables.values)), places)
    ac = g.reshape(ac, AC, 4, size.batch, size.lanes)
    # Each coefficient's step: what comes after may need to know how far off it can be.
    step = look.step(qindex)
    multiples = g.lookup(g.f32(look.multiple), relative)
    steps = g.op("Mul", multiples, g.op("Unsqueeze", step, g.i64([2])))
    steps = look.of_blocks(size, steps, modes, COLOURS)
    dc = g.op("Mul", g.cast(dc, "float"), step)
    x = g.op("Concat", dc, g.op("Mul", ac, steps), axis=0)
    secret = _synthesis(g, size, x)
    if network is not None:
        secret = refine(g, network, secret, qindex)
    secret = _to_picture(g, size, secret)
    inputs = [picture("container"), picture("pad"), tensor("bits", "int64", [])]
    outputs = [
        (secret, picture("secret")),
        (header, tensor("header", "uint8", ["batch", blocks.USER_BYTES])),
        (intact, tensor("intact", "bool", ["batch"])),
    ]
    return g.model("reveal", inputs, outputs)


def _adaptive_scales(g: Builder, size: Sizes, words: str) -> str:
    """The tile's own scales, int32 (batch, 192); of no meaning if it has none."""
    at = g.i64([HEADER_WORDS])
    own = g.slice(words, at, g.op("Add", at, size.adaptive), 1)
    missing = g.op("Sub", g.i64([t.ADAPTIVE_WORDS]), size.adaptive)
    own = g.op("Unsqueeze", g.op("Pad", own, g.vector(0, 0, 0, missing)), g.i64([2]))
    upper, lower = g.op("Div", own, g.i32(256)), g.op("BitwiseAnd", own, g.i32(255))
    own = g.reshape(g.op("Concat", upper, lower, axis=2), size.batch, COEFFICIENTS)
    own = g.op("Add", g.op("Mul", own, g.i32(t.ADAPTIVE_UNIT)), g.i32(t.LOWEST_SCALE))
    return str(g.op("Min", own, g.i32(t.HIGHEST_SCALE)))


def _extract(g: Builder, size: Sizes, bits: str) -> str:
    """The words, int32 (batch, words); see `blocks.words_of_symbols`."""
    mask = by_bits(g, bits, [1, 3, 7], "uint8")
    # A residue below 8**bits has the same symbols at every payload.
    table = g.constant(changes.symbol_table(3), "uint8")
    symbols = g.gather(table, residues(g, "container", bits))
    symbols = g.op("BitwiseAnd", g.op("BitwiseXor", symbols, "pad"), mask)
    symbols = g.reshape(symbols, size.batch, -1)
    symbols = g.slice(symbols, 0, g.op("Mul", size.plane, g.i64([blocks.WORD])), 1)
    symbols = g.reshape(symbols, size.batch, -1, blocks.WORD)
    planes = []
    for plane in range(3):
        # Powers of two and sums below 2**16: exact in float32, and in any order.
        weights = 2.0 ** (np.arange(blocks.WORD - 1, -1, -1) - plane)
        bit = g.op("BitwiseAnd", symbols, g.constant(1 << plane, "uint8"))
        word = g.op("MatMul", g.cast(bit, "float"), g.f32(weights[:, None]))
        planes.append(g.reshape(word, size.batch, -1))
    words = g.cast(g.op("Concat", *planes, axis=1), "int32")
    return g.slice(words, 0, size.words, 1)


def _header(g: Builder, size: Sizes, words: str) -> str:
    """The caller's bytes, uint8 (batch, 60)."""
    user = g.op("Unsqueeze", g.slice(words, 2, HEADER_WORDS, 1), g.i64([2]))
    upper = g.op("Div", user, g.i32(256))
    lower = g.op("BitwiseAnd", user, g.i32(255))
    octets = g.reshape(g.op("Concat", upper, lower, axis=2), size.batch, blocks.USER_BYTES)
    return g.cast(octets, "uint8")


class _Decoder:
    """rANS over all lanes, see `training.clear.rans`; `state` is the states so far.

    States are int32 (batch * lanes,): a table of one axis is looked up fastest by such.
    """

    def __init__(self, g: Builder, tables: Tables, size: Sizes, words: str) -> None:
        self._g, self._tables = g, tables
        at = g.op("Add", size.adaptive, g.i64([HEADER_WORDS]))
        middle = g.op("Add", at, size.lanes)
        end = g.op("Add", middle, size.lanes)
        upper = g.op("BitwiseAnd", g.slice(words, at, middle, 1), g.i32(0x7FFF))
        lower = g.slice(words, middle, end, 1)
        self.state = g.reshape(g.op("Add", g.op("Mul", upper, g.i32(1 << 16)), lower), -1)
        self._lanes = g.vector(size.batch, size.lanes)
        # One word before, as places are counted from 1; and as many zeros as a damaged stream
        # could ask for.
        stream = g.slice(words, end, 1 << 30, 1)
        most = g.op("Mul", size.lanes, g.i64([STEPS]))
        stream = g.op("Pad", stream, g.vector(0, 1, 0, most))
        stride = g.slice(g.op("Shape", stream), 1, 2, 0)
        tiles = g.op("Range", g.i64(0), g.op("Squeeze", size.batch), g.i64(1))
        taken = g.cast(g.op("Mul", tiles, stride), "int32")
        self._taken = g.op("Unsqueeze", taken, g.i64([1]))
        self._stream = g.reshape(stream, -1)
        # Symbol indices by part, one distribution after another, those of AC by quantizer last:
        # made when a session folds constants, of where each symbol starts.
        firsts = np.repeat(np.arange(len(tables.firsts)), tables.lengths) * t.TOTAL_FREQUENCY
        marks = g.op("ConstantOfShape", g.i64([len(tables.firsts) * t.TOTAL_FREQUENCY]), value=_zero())
        ones = g.op("Expand", g.i32(1), g.i64([len(tables.frequencies)]))
        marks = g.op("ScatterElements", marks, g.i32(firsts + tables.cumulative), ones, axis=0)
        found = g.op("Sub", g.op("CumSum", marks, g.i64(0)), g.i32(1))
        end = t.AC_ROWS * t.TOTAL_FREQUENCY
        ac = g.reshape(g.slice(found, 0, end, 0), t.QUANTIZERS, -1, t.TOTAL_FREQUENCY)
        ac = g.reshape(g.op("Transpose", ac, perm=[1, 0, 2]), -1)
        self._symbol_of_slot = g.op("Concat", ac, g.slice(found, end, 1 << 30, 0), axis=0)
        # What a step needs of a part, in one number: how many parts its symbol has, its parity, and
        # which of its parts it is.
        described = 2 * tables.frequencies * t.TOTAL_FREQUENCY + tables.parities * t.TOTAL_FREQUENCY - tables.cumulative
        described = g.lookup(g.i32(described), self._symbol_of_slot)
        every = g.reshape(g.i32(np.arange(t.TOTAL_FREQUENCY)), 1, -1)
        described = g.op("Add", g.reshape(described, -1, t.TOTAL_FREQUENCY), every)
        self._packed = g.reshape(described, -1)

    def places(self, distributions: str) -> str:
        """Decodes some steps, int32 (steps, batch, lanes), given the distributions.

        The result is where each symbol is found in tables that `by_slot` makes.
        """
        g = self._g
        rows = self._in_a_row(g.op("Mul", distributions, g.i32(t.TOTAL_FREQUENCY)))
        body = g.subgraph()
        state, taken, row = (g.name(n) for n in ("state", "taken", "row"))
        index = body.op("Add", body.op("BitwiseAnd", state, g.i32(t.TOTAL_FREQUENCY - 1)), row)
        next_state, last, _ = self._step(body, state, taken, index)
        graph = body.body(
            [(n, "int32") for n in (state, taken, row)],
            [(n, "int32") for n in (next_state, last, index)],
        )
        self.state, self._taken, places = g.op(
            "Scan", self.state, self._taken, rows, body=graph, outputs=3, num_scan_inputs=1
        )
        return self._as_tiles(places)

    def ac_places(self, rows: str) -> str:
        """Likewise of AC, given shapes and classes: the quantizer follows from the symbols."""
        g = self._g
        rows = self._in_a_row(g.op("Mul", rows, g.i32(t.QUANTIZERS * t.TOTAL_FREQUENCY)))
        body = g.subgraph()
        state, taken, now, before, row = (
            g.name(n) for n in ("state", "taken", "now", "before", "row")
        )
        part = body.op("BitwiseAnd", state, g.i32(t.TOTAL_FREQUENCY - 1))
        # The quantizer is 0 or t.TOTAL_FREQUENCY, which is also where a symbol's parity is found.
        index = body.op("Add", body.op("Add", part, row), now)
        next_state, last, packed = self._step(body, state, taken, index)
        turn = body.op("BitwiseXor", before, body.op("BitwiseAnd", packed, g.i32(t.TOTAL_FREQUENCY)))
        kept = body.op("Identity", now)
        graph = body.body(
            [(n, "int32") for n in (state, taken, now, before, row)],
            [(n, "int32") for n in (next_state, last, turn, kept, index)],
        )
        zero = g.op("Sub", self.state, self.state)
        self.state, self._taken, _, _, places = g.op(
            "Scan",
            self.state,
            self._taken,
            zero,
            zero,
            rows,
            body=graph,
            outputs=5,
            num_scan_inputs=1,
        )
        return self._as_tiles(places)

    def _in_a_row(self, x: str) -> str:
        """(steps, batch, lanes) as (steps, batch * lanes)."""
        return self._g.reshape(x, self._g.slice(self._g.op("Shape", x), 0, 1, 0), -1)

    def _as_tiles(self, x: str) -> str:
        return self._g.reshape(x, -1, self._lanes)

    def _step(self, body: Builder, state: str, taken: str, index: str) -> tuple[str, str, str]:
        """The states after a step, the words taken by then, and what is known of the parts."""
        g = self._g
        packed = body.op("GatherElements", self._packed, index, axis=0)
        whole = body.op("Div", state, g.i32(t.TOTAL_FREQUENCY))
        next_state = body.op("Mul", whole, body.op("Div", packed, g.i32(2 * t.TOTAL_FREQUENCY)))
        rest = body.op("BitwiseAnd", packed, g.i32(t.TOTAL_FREQUENCY - 1))
        next_state = body.op("Add", next_state, rest)
        low = body.cast(body.op("Less", next_state, g.i32(LOW)), "int32")
        place = body.op("CumSum", body.op("Reshape", low, self._lanes), g.i64(1))
        place = body.op("Add", place, taken)
        word = body.op("GatherElements", self._stream, body.reshape(place, -1), axis=0)
        # A state that is low becomes 65536 times itself and a word. Where would take longer than
        # all this; of states that are not low, products that overflow count for nothing.
        more = body.op("Add", body.op("Mul", next_state, g.i32((1 << 16) - 1)), word)
        next_state = body.op("Add", next_state, body.op("Mul", more, low))
        return next_state, body.slice(place, -1, 1 << 30, 1), packed

    def by_slot(self, table: str) -> str:
        """A table by symbol index, as one by the result of `places`."""
        return str(self._g.lookup(table, self._symbol_of_slot))

    def take(self, distributions: str) -> str:
        """Decodes, and looks up what the symbols stand for."""
        g = self._g
        return g.gather(self.by_slot(g.i32(self._tables.symbols)), self.places(distributions))


def _zero() -> onnx.TensorProto:
    return onnx.numpy_helper.from_array(np.zeros(1, np.int32))


def _dc(g: Builder, size: Sizes, category: str, low_bits: str, chunks: str, luma: str) -> str:
    """DC in steps, int32 (3, 4, batch, lanes)."""
    upper, lower = g.op("Split", chunks, outputs=2, axis=0, num_outputs=2)
    unit = g.lookup(g.i32(1 << np.arange(t.CHUNK_BITS + 1)), low_bits)
    value = g.op("Add", g.op("Mul", upper, unit), lower)
    whole = 1 << np.arange(t.CATEGORIES)
    negative = g.op("Less", value, g.lookup(g.i32(whole >> 1), category))
    shift = g.op("Where", negative, g.lookup(g.i32(1 - whole), category), g.i32(0))
    residual = g.op("Add", value, shift)
    residual = g.reshape(residual, COLOURS, 4, size.batch, size.rows, size.columns)
    luma = g.reshape(luma, 1, size.batch, size.rows, size.columns)
    dc = dc_values(g, residual, luma)
    return g.reshape(dc, COLOURS, 4, size.batch, size.lanes)


def _synthesis(g: Builder, size: Sizes, x: str) -> str:
    """The inverse transform, float (batch, 3, height, width), of whole macroblocks."""
    x = g.reshape(x, COEFFICIENTS, 2, 2, size.batch, size.rows, size.columns)
    x = g.op("Transpose", x, perm=[3, 0, 4, 1, 5, 2])
    rows = g.op("Mul", size.rows, g.i64([2]))
    columns = g.op("Mul", size.columns, g.i64([2]))
    x = g.reshape(x, size.batch, COEFFICIENTS, rows, columns)
    return str(g.op("ConvTranspose", x, g.f32(blocks.analysis()), strides=[8, 8]))


def _to_picture(g: Builder, size: Sizes, x: str) -> str:
    """Cut, rounded and clipped; uint8 (batch, height, width, 3)."""
    x = g.slice(g.slice(x, 0, size.height, 2), 0, size.width, 3)
    x = g.op("Clip", g.op("Round", x), g.f32(0.0), g.f32(255.0))
    return str(g.op("Transpose", g.cast(x, "uint8"), perm=[0, 2, 3, 1]))
