"""The encode and decode graphs of `robust`; see `dct.ldpc`."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray

from dct.base_matrix import CHECKS, COLUMNS, CORE, INFORMATION, LIFTINGS, UNSENT, entries
from dct.ldpc import CERTAIN, ITERATIONS, KNOWN, MOST_TRUSTED
from export.builder import Builder, tensor
from export.robust.frequencies import END, size_of


class _Checks:
    """Some checks of the base matrix, padded to as many entries as the largest has.

    Attributes:
        columns: int64 (entries, checks); COLUMNS where there is none.
        shifts: By kind of lifting, int64 (2, entries, checks).
    """

    def __init__(self, first: int, end: int, columns: range = range(COLUMNS)) -> None:
        rows = [
            [e for e in entries() if e.check == check and e.column in columns]
            for check in range(first, end)
        ]
        most = max(map(len, rows))
        self.columns = np.full((most, end - first), COLUMNS, np.int64)
        self.shifts = np.zeros((2, most, end - first), np.int64)
        for number, row in enumerate(rows):
            for place, entry in enumerate(row):
                self.columns[place, number] = entry.column
                self.shifts[:, place, number] = entry.shifts


class _Lifted:
    """Names of what all parts need: the lifting, and how many checks are used."""

    def __init__(self, g: Builder, information: str, sent: str) -> None:
        self.g = g
        self.information = g.reshape(information, 1)
        columns = g.op("Div", g.op("Add", self.information, g.i64([9])), g.i64([INFORMATION]))
        small = g.cast(g.op("Less", g.i64(LIFTINGS), columns), "int64")
        number = g.op("ReduceSum", small, g.i64([0]), keepdims=1)
        self.lifting = g.gather(g.i64(LIFTINGS), number)
        self.family = g.cast(
            g.op("Equal", g.op("Mod", self.lifting, g.i64([3])), g.i64([0])), "int64"
        )
        systematic = g.op("Sub", self.information, g.op("Mul", self.lifting, g.i64([UNSENT])))
        self.systematic = systematic
        parity = g.op("Sub", g.reshape(sent, 1), systematic)
        checks = g.op("Sub", g.op("Add", parity, self.lifting), g.i64([1]))
        checks = g.op("Div", checks, self.lifting)
        self.checks = g.op("Min", g.op("Max", checks, g.i64([CORE + 1])), g.i64([CHECKS]))
        turn = g.op("Range", g.i64(0), g.op("Squeeze", self.lifting, g.i64([0])), g.i64(1))
        self.turn = turn

    def indices(self, of: _Checks, used: str | None = None) -> tuple[str, str]:
        """Bit of the word of each entry, and the shift, int64 (entries, checks, lifting).

        Where there is no entry, the bit is the first beyond the word.
        """
        g = self.g
        shifts = g.op("Squeeze", g.gather(g.i64(of.shifts), self.family), g.i64([0]))
        columns = g.i64(of.columns)
        if used is not None:
            shifts, columns = (g.slice(x, 0, used, 1) for x in (shifts, columns))
        shifts = g.op("Unsqueeze", g.op("Mod", shifts, self.lifting), g.i64([2]))
        turned = g.op("Mod", g.op("Add", self.turn, shifts), self.lifting)
        starts = g.op("Unsqueeze", g.op("Mul", columns, self.lifting), g.i64([2]))
        whole = g.op("Mul", self.lifting, g.i64([COLUMNS]))
        return g.op("Min", g.op("Add", starts, turned), whole), shifts


def build_encode() -> onnx.ModelProto:
    """encode(information, length) -> sent; see `dct.ldpc.encode`."""
    g = Builder()
    blocks, count = size_of(g, "information", 0), size_of(g, "information", 1)
    length = g.reshape("length", 1)
    lifted = _Lifted(g, count, length)
    z = lifted.lifting
    rows = g.op("Mul", z, g.i64([INFORMATION]))
    bits = g.op("Transpose", g.cast("information", "float"), perm=[1, 0])
    short = g.op("Sub", rows, count)
    word = g.op("Pad", bits, g.vector(0, 0, short, 0))
    # Room for what is not known yet, which counts as zero, and for entries that do not exist.
    after = g.op("Add", g.op("Mul", z, g.i64([CHECKS])), g.i64([1]))

    def odd(x: str) -> str:
        half = g.op("Floor", g.op("Mul", x, g.f32(0.5)))
        return g.op("Sub", x, g.op("Add", half, half))

    def sums(of: _Checks, known: str) -> str:
        missing = g.op(
            "Sub",
            g.op("Add", rows, after),
            size_of(g, known, 0),
        )
        padded = g.op("Pad", known, g.vector(0, 0, missing, 0))
        index, _ = lifted.indices(of)
        shape = g.op("Concat", g.op("Shape", index), blocks, axis=0)
        heard = g.op("Reshape", g.gather(padded, g.reshape(index, -1)), shape)
        return odd(g.op("ReduceSum", heard, g.i64([0]), keepdims=0))

    core = sums(_Checks(0, CORE, range(INFORMATION)), word)
    first = odd(g.op("ReduceSum", core, g.i64([0]), keepdims=0))
    with_first = g.op("Concat", word, first, axis=0)
    core = sums(_Checks(0, CORE, range(INFORMATION + 1)), with_first)
    zero, one, _, three = g.op("Split", core, outputs=4, axis=0, num_outputs=4)
    zero, one, three = (g.op("Squeeze", x, g.i64([0])) for x in (zero, one, three))
    third = odd(g.op("Add", one, zero))
    with_core = g.op("Concat", with_first, zero, third, three, axis=0)
    rest = sums(_Checks(CORE, CHECKS, range(INFORMATION + CORE)), with_core)
    whole = g.op("Concat", with_core, g.reshape(rest, g.op("Mul", z, g.i64([48])), blocks), axis=0)
    unsent = g.op("Mul", z, g.i64([UNSENT]))
    order = g.op(
        "Concat",
        g.slice(whole, unsent, count, 0),
        g.slice(whole, rows, END, 0),
        g.slice(whole, 0, unsent, 0),
        axis=0,
    )
    size = size_of(g, order, 0)
    place = g.op("Range", g.i64(0), g.op("Squeeze", length, g.i64([0])), g.i64(1))
    taken = g.gather(order, g.op("Mod", place, size))
    sent = g.cast(g.op("Transpose", taken, perm=[1, 0]), "uint8")
    inputs = [
        tensor("information", "uint8", ["blocks", "bits"]),
        tensor("length", "int64", []),
    ]
    return g.model("encode", inputs, [(sent, tensor("sent", "uint8", ["blocks", "length"]))])


def build_decode(iterations: int = ITERATIONS) -> onnx.ModelProto:
    """decode(soft, bits) -> information, valid, iterations; see `dct.ldpc.decode`."""
    g = Builder()
    blocks, length = size_of(g, "soft", 0), size_of(g, "soft", 1)
    lifted = _Lifted(g, "bits", length)
    z, count = lifted.lifting, lifted.information
    later = g.op("Sub", lifted.checks, g.i64([CORE]))
    channel = _channel(g, lifted, blocks, length)

    core, rest = _Checks(0, CORE), _Checks(CORE, CHECKS)
    parts = []
    for of, used in ((core, g.i64([CORE])), (rest, later)):
        index, shifts = lifted.indices(of, used)
        parts.append((of, used, index, shifts))
    columns = g.op("Add", lifted.checks, g.i64([INFORMATION]))
    word = g.op("Mul", columns, z)
    index = g.op("Concat", *(g.reshape(part[2], -1) for part in parts), axis=0)
    # Entries that do not exist hear one bit beyond the word.
    index = g.op("Min", index, word)
    # Which message of each entry a bit gets: messages, turned back.
    turned_back, starts = [], g.i64([0])
    for of, used, _, shifts in parts:
        turned = g.op("Mod", g.op("Sub", g.op("Add", lifted.turn, z), shifts), z)
        entry = g.op("Range", g.i64(0), g.i64(of.columns.size), g.i64(1))
        entry = g.slice(entry, 0, g.op("Mul", used, g.i64([len(of.columns)])), 0)
        entry = g.reshape(g.op("Mul", entry, z), len(of.columns), used, 1)
        turned_back.append(g.reshape(g.op("Add", g.op("Add", turned, entry), starts), -1))
        starts = g.op("Add", starts, g.op("Mul", g.op("Mul", used, z), g.i64([len(of.columns)])))
    back = g.op("Concat", *turned_back, axis=0)
    incidence = g.op(
        "Concat",
        *(
            g.reshape(g.slice(g.f32(_incidence(of)), 0, used, 2), COLUMNS, -1)
            for of, used, _, _ in parts
        ),
        axis=1,
    )
    incidence = g.slice(incidence, 0, columns, 0)
    beyond = g.op("Expand", g.f32([[float(KNOWN)]]), g.vector(1, blocks))

    def hear(b: Builder, total: str) -> tuple[str, str]:
        """What each entry knows of its bit, float (n, blocks), and which blocks are valid."""
        known = b.gather(b.op("Concat", total, beyond, axis=0), index)
        negative = b.cast(b.op("Less", known, b.f32(0.0)), "float")
        worst = []
        for part, (of, used, _, _) in zip(_split(b, negative, parts, z), parts, strict=True):
            rows = b.reshape(part, len(of.columns), b.op("Mul", used, z), blocks)
            odd = b.op("ReduceSum", rows, b.i64([0]), keepdims=0)
            half = b.op("Floor", b.op("Mul", odd, b.f32(0.5)))
            odd = b.op("Sub", odd, b.op("Add", half, half))
            worst.append(b.op("ReduceMax", odd, b.i64([0]), keepdims=0))
        return known, b.op("Less", b.op("Max", *worst), b.f32(0.5))

    known, valid = hear(g, channel)
    messages = g.op("Mul", known, g.f32(0.0))

    b = g.subgraph()
    step, going, known_in, messages_in, count_in = (
        b.name(n) for n in ("step", "going", "known", "messages", "count")
    )
    heard = b.op("Tanh", b.op("Mul", b.op("Sub", known_in, messages_in), b.f32(0.5)))
    told = []
    for part, (of, used, _, _) in zip(_split(b, heard, parts, z), parts, strict=True):
        most = len(of.columns)
        rows = b.reshape(part, most, b.op("Mul", used, z), blocks)
        bits = b.op("Split", rows, outputs=most, axis=0, num_outputs=most)
        before, after = [""] * most, [""] * most
        for bit in range(1, most):
            last = most - 1 - bit
            before[bit] = b.op("Mul", before[bit - 1], bits[bit - 1]) if bit > 1 else bits[0]
            after[last] = b.op("Mul", after[last + 1], bits[last + 1]) if bit > 1 else bits[-1]
        both = [
            after[0],
            *(b.op("Mul", before[i], after[i]) for i in range(1, most - 1)),
            before[-1],
        ]
        told.append(b.reshape(b.op("Concat", *both, axis=0), -1, blocks))
    product = b.op("Concat", *told, axis=0)
    product = b.op("Clip", product, b.f32(-CERTAIN), b.f32(CERTAIN))
    ratio = b.op("Div", b.op("Add", b.f32(1.0), product), b.op("Sub", b.f32(1.0), product))
    new = b.op("Log", ratio)
    turned = b.op("Reshape", b.gather(new, back), b.vector(-1, b.op("Mul", z, blocks)))
    summed = b.reshape(b.op("MatMul", incidence, turned), word, blocks)
    total = b.op("Add", channel, summed)
    known_out, valid_out = hear(b, total)
    some = b.op("ReduceMin", b.cast(valid_out, "int32"), keepdims=0)
    go_on = b.op("Equal", some, b.i32(0))
    counted = b.op("Add", count_in, b.i64([1]))
    graph = b.body(
        [
            (step, "int64"),
            (going, "bool"),
            (known_in, "float"),
            (messages_in, "float"),
            (b.name("total"), "float"),
            (b.name("valid"), "bool"),
            (count_in, "int64"),
        ],
        [
            (go_on, "bool"),
            (known_out, "float"),
            (new, "float"),
            (total, "float"),
            (valid_out, "bool"),
            (counted, "int64"),
        ],
        scalars=2,
    )
    start = g.op("Equal", g.op("ReduceMin", g.cast(valid, "int32"), keepdims=0), g.i32(0))
    _, _, total, valid, taken = g.op(
        "Loop",
        g.i64(iterations),
        start,
        known,
        messages,
        channel,
        valid,
        g.i64([0]),
        body=graph,
        outputs=5,
    )
    found = g.op("Less", g.slice(total, 0, count, 0), g.f32(0.0))
    found = g.cast(g.op("Transpose", found, perm=[1, 0]), "uint8")
    inputs = [tensor("soft", "float", ["blocks", "length"]), tensor("bits", "int64", [])]
    outputs = [
        (found, tensor("information", "uint8", ["blocks", "information"])),
        (valid, tensor("valid", "bool", ["blocks"])),
        (g.op("Squeeze", taken, g.i64([0])), tensor("iterations", "int64", [])),
    ]
    return g.model("decode", inputs, outputs)


def _channel(g: Builder, lifted: _Lifted, blocks: str, length: str) -> str:
    """What was read of each bit of the word, float (columns * lifting, blocks)."""
    z, count = lifted.lifting, lifted.information
    rows = g.op("Mul", z, g.i64([INFORMATION]))
    parity = g.op("Mul", z, g.i64([CHECKS]))
    unsent = g.op("Mul", z, g.i64([UNSENT]))
    size = g.op("Add", g.op("Add", lifted.systematic, parity), unsent)
    rounds = g.op("Div", g.op("Sub", g.op("Add", length, size), g.i64([1])), size)
    padding = g.op("Sub", g.op("Mul", rounds, size), length)
    soft = g.op("Pad", "soft", g.vector(0, 0, 0, padding))
    soft = g.op("ReduceSum", g.reshape(soft, blocks, rounds, size), g.i64([1]), keepdims=0)
    soft = g.op("Clip", soft, g.f32(-MOST_TRUSTED), g.f32(MOST_TRUSTED))
    soft = g.op("Transpose", soft, perm=[1, 0])
    zeros = g.op("Expand", g.f32([[float(KNOWN)]]), g.vector(g.op("Sub", rows, count), blocks))
    ends = g.op("Add", lifted.systematic, parity)
    word = g.op(
        "Concat",
        g.slice(soft, ends, END, 0),
        g.slice(soft, 0, lifted.systematic, 0),
        zeros,
        g.slice(soft, lifted.systematic, ends, 0),
        axis=0,
    )
    columns = g.op("Add", lifted.checks, g.i64([INFORMATION]))
    return g.slice(word, 0, g.op("Mul", columns, z), 0)


def _split(
    b: Builder, x: str, parts: list[tuple[_Checks, str, str, str]], z: str
) -> tuple[str, str]:
    """The core's rows of a value of all entries, and the others'."""
    first = b.op("Mul", z, b.i64([parts[0][0].columns.size]))
    return b.slice(x, 0, first, 0), b.slice(x, first, END, 0)


def _incidence(of: _Checks) -> NDArray[np.float32]:
    """Whether an entry is in a column, float32 (COLUMNS, entries, checks)."""
    return np.asarray(of.columns == np.arange(COLUMNS)[:, None, None], np.float32)
