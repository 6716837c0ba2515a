"""Interleaved rANS over all lanes, as parts of the graphs of `clear`; see `codec.rans`."""

from __future__ import annotations

import numpy as np
import onnx

from codec import tables as t
from codec import trellis
from codec.blocks import COLOURS
from codec.quantize import AC
from codec.rans import LOW
from codec.tables import Tables
from export.builder import Builder

# Steps of the entropy coder: whether merged; modes; categories, upper and lower chunks of DC; AC.
STEPS = 1 + 4 + 4 * COLOURS * 3 + 4 * AC


def encode(g: Builder, tables: Tables, indices: str, start: str) -> tuple[str, ...]:
    """Encodes symbol indices, int32 (steps, batch, lanes), from first states (batch, lanes).

    Returns:
        Last states, (batch, lanes); whether a lane gives a word in a step, bool (batch, steps *
        lanes); and those words, int32 like it, where others mean nothing.
    """
    steps = g.slice(g.op("Shape", indices), 0, 1, 0)
    lanes = g.slice(g.op("Shape", indices), 1, 3, 0)
    indices = g.reshape(indices, steps, -1)
    packed = g.lookup(
        g.i32((tables.frequencies - 1) * t.TOTAL_FREQUENCY + tables.cumulative), indices
    )
    frequency = g.op("Add", g.op("Div", packed, g.i32(t.TOTAL_FREQUENCY)), g.i32(1))
    cumulative = g.op("BitwiseAnd", packed, g.i32(t.TOTAL_FREQUENCY - 1))
    shift = 31 - t.FREQUENCY_BITS
    most = g.op("Mul", g.op("Sub", frequency, g.i32(1)), g.i32(1 << shift))
    most = g.op("Add", most, g.i32((1 << shift) - 1))
    body = g.subgraph()
    state, frequency_in, cumulative_in, most_in = (
        g.name(n) for n in ("state", "parts", "starts", "most")
    )
    full = body.op("Greater", state, most_in)
    # The state, without its lower 16 bits if it is full. A single Where would take longer.
    mask = body.op("Sub", body.cast(full, "int32"), g.i32(1))
    kept = body.op("BitwiseAnd", state, mask)
    kept = body.op("Max", kept, body.op("Div", state, g.i32(1 << 16)))
    quotient = body.op("Div", kept, frequency_in)
    gap = body.op("Sub", g.i32(t.TOTAL_FREQUENCY), frequency_in)
    coded = body.op("Add", body.op("Mul", quotient, gap), body.op("Add", kept, cumulative_in))
    before = body.op("Identity", state)
    graph = body.body(
        [(n, "int32") for n in (state, frequency_in, cumulative_in, most_in)],
        [(coded, "int32"), (before, "int32"), (full, "bool")],
    )
    last, states, full = g.op(
        "Scan",
        g.reshape(start, -1),
        frequency,
        cumulative,
        most,
        body=graph,
        outputs=3,
        num_scan_inputs=3,
        scan_input_directions=[1, 1, 1],
        scan_output_directions=[1, 1],
    )
    last = g.reshape(last, lanes)
    words = g.op("BitwiseAnd", states, g.i32(0xFFFF))
    batch = g.slice(lanes, 0, 1, 0)
    full, words = (
        g.reshape(g.op("Transpose", g.reshape(x, steps, lanes), perm=[1, 0, 2]), batch, -1)
        for x in (full, words)
    )
    return last, full, words


class Decoder:
    """Decodes steps; `state` has the current states.

    States are int32 (batch * lanes,): lookups in a table are fastest with one axis.

    Args:
        g: Builder.
        tables: Fitted tables.
        batch: Number of tiles, int64 (1,).
        stream: Words of each tile, int32 (batch, n) in 0 .. 65535, with as many zeros at the end
            as a damaged stream could ask for.
    """

    state: str

    def __init__(self, g: Builder, tables: Tables, batch: str, stream: str) -> None:
        self._g, self._tables = g, tables
        # One word before, as places are counted from 1.
        stream = g.op("Pad", stream, g.i64([0, 1, 0, 0]))
        stride = g.slice(g.op("Shape", stream), 1, 2, 0)
        tiles = g.op("Range", g.i64(0), g.op("Squeeze", batch), g.i64(1))
        taken = g.cast(g.op("Mul", tiles, stride), "int32")
        self._taken = g.op("Unsqueeze", taken, g.i64([1]))
        self._stream = g.reshape(stream, -1)
        # Symbol indices by slot, one distribution after another, those of AC by quantizer last.
        # Sessions compute them when they fold constants, from where each symbol starts.
        firsts = np.repeat(np.arange(len(tables.firsts)), tables.lengths) * t.TOTAL_FREQUENCY
        marks = g.op(
            "ConstantOfShape",
            g.i64([len(tables.firsts) * t.TOTAL_FREQUENCY]),
            value=onnx.numpy_helper.from_array(np.zeros(1, np.int32)),
        )
        ones = g.op("Expand", g.i32(1), g.i64([len(tables.frequencies)]))
        marks = g.op("ScatterElements", marks, g.i32(firsts + tables.cumulative), ones, axis=0)
        indices = g.op("Sub", g.op("CumSum", marks, g.i64(0)), g.i32(1))
        ac_slots = t.AC_ROWS * t.TOTAL_FREQUENCY
        ac = g.reshape(g.slice(indices, 0, ac_slots, 0), trellis.QUANTIZERS, -1, t.TOTAL_FREQUENCY)
        ac = g.reshape(g.op("Transpose", ac, perm=[1, 0, 2]), -1)
        self._symbol_of_slot = g.op("Concat", ac, g.slice(indices, ac_slots, 1 << 30, 0), axis=0)
        # All that a step needs of a slot in one number: frequency and parity of its symbol, and the
        # number of the slot within the symbol.
        numbers = (
            2 * tables.frequencies * t.TOTAL_FREQUENCY
            + tables.parities * t.TOTAL_FREQUENCY
            - tables.cumulative
        )
        packed = g.lookup(g.i32(numbers), self._symbol_of_slot)
        every = g.reshape(g.i32(np.arange(t.TOTAL_FREQUENCY)), 1, -1)
        packed = g.op("Add", g.reshape(packed, -1, t.TOTAL_FREQUENCY), every)
        self._packed = g.reshape(packed, -1)

    def start(self, states: str) -> None:
        """Starts with lanes of these states, int32 (batch, lanes), where the last ones ended."""
        self._lanes = self._g.op("Shape", states)
        self.state = self._g.reshape(states, -1)

    def places(self, distributions: str) -> str:
        """Decodes some steps, given their distributions, int32 (steps, batch, lanes).

        Returns:
            The place of each symbol in the tables of `by_slot`, int32 (steps, batch, lanes).
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
        """The same for AC, given shapes and classes, int32 (189, 4, batch, lanes).

        Quantizers follow from the decoded symbols of a block. One step of the loop takes all four
        blocks.
        """
        g = self._g
        rows = g.op("Mul", rows, g.i32(trellis.QUANTIZERS * t.TOTAL_FREQUENCY))
        of_blocks = g.op("Split", g.reshape(rows, AC, 4, -1), outputs=4, axis=1, num_outputs=4)
        of_blocks = [g.op("Squeeze", x, g.i64([1])) for x in of_blocks]
        body = g.subgraph()
        state, taken = g.name("state"), g.name("taken")
        now, before, row = ([g.name(n) for _ in range(4)] for n in ("now", "before", "row"))
        names = [state, taken, *now, *before, *row]
        following, kept, places = [], [], []
        for block in range(4):
            part = body.op("BitwiseAnd", state, g.i32(t.TOTAL_FREQUENCY - 1))
            # A quantizer is 0 or t.TOTAL_FREQUENCY, and so is the parity in the packed values.
            index = body.op("Add", body.op("Add", part, row[block]), now[block])
            state, taken, packed = self._step(body, state, taken, index)
            parity = body.op("BitwiseAnd", packed, g.i32(t.TOTAL_FREQUENCY))
            following.append(body.op("BitwiseXor", before[block], parity))
            kept.append(body.op("Identity", now[block]))
            places.append(index)
        graph = body.body(
            [(n, "int32") for n in names],
            [(n, "int32") for n in (state, taken, *following, *kept, *places)],
        )
        zero = g.op("Sub", self.state, self.state)
        self.state, self._taken, *others = g.op(
            "Scan",
            *(self.state, self._taken, *[zero] * 8, *of_blocks),
            body=graph,
            outputs=14,
            num_scan_inputs=4,
        )
        stacked = g.op("Concat", *(g.op("Unsqueeze", x, g.i64([1])) for x in others[8:]), axis=1)
        return self._as_tiles(g.reshape(stacked, 4 * AC, -1))

    def _in_a_row(self, x: str) -> str:
        """(steps, batch, lanes) as (steps, batch * lanes)."""
        return self._g.reshape(x, self._g.slice(self._g.op("Shape", x), 0, 1, 0), -1)

    def _as_tiles(self, x: str) -> str:
        return self._g.reshape(x, -1, self._lanes)

    def _step(self, body: Builder, state: str, taken: str, index: str) -> tuple[str, str, str]:
        """States after a step, words taken so far, and the packed values of the slots."""
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
        # A low state is multiplied by 65536 and a word added. A single Where would take longer.
        # Products that overflow belong to states that are not low, and are multiplied by zero.
        more = body.op("Add", body.op("Mul", next_state, g.i32((1 << 16) - 1)), word)
        next_state = body.op("Add", next_state, body.op("Mul", more, low))
        return next_state, body.slice(place, -1, 1 << 30, 1), packed

    def by_slot(self, table: str) -> str:
        """Converts a table by symbol index into one for the places that `places` returns."""
        return self._g.lookup(table, self._symbol_of_slot)

    def take(self, distributions: str) -> str:
        """Decodes some steps, and looks up their symbols."""
        g = self._g
        return g.gather(self.by_slot(g.i32(self._tables.symbols)), self.places(distributions))
