"""Part of the hide graph of `clear`: the cheapest way through the trellis, see `training.clear`."""

from __future__ import annotations

import numpy as np

from export.clear.builder import Builder
from export.clear.parts import Sizes
from training.clear import tables as t
from training.clear import trellis
from training.clear.layout import Floats


def cheapest_path(
    g: Builder, size: Sizes, costs: Floats, cells: str, turn: int
) -> tuple[str, str, str]:
    """The parity and the quantiser of each symbol, as numbers to reckon with.

    Args:
        g: Builder.
        size: Sizes.
        costs: By cell; of parity 0 in either quantiser, then of parity 1; (cells, 4).
        cells: int32 (189, 4, batch, lanes).
        turn: By how much quantiser 1's symbol indices are beyond quantiser 0's.

    Returns:
        Floats (756, batch, lanes): what is added to a magnitude in double steps, to be rounded
        down to a level in double steps; the parity; `turn` where quantiser 1 is on.
    """
    cells = g.reshape(cells, -1, size.batch, size.lanes)
    back, low, high = _forward(g, size, costs, cells)
    # Totals are by quantiser; low and high by the one before it.
    last = g.op("Less", high, low)
    least = g.op("Min", low, high)
    zero, one = g.op("Split", least, outputs=2, axis=0, num_outputs=2)
    zero_last, one_last = g.op("Split", g.cast(last, "uint8"), outputs=2, axis=0, num_outputs=2)
    now = g.op("Less", one, zero)
    before = g.cast(g.op("Where", now, one_last, zero_last), "bool")
    now, before = (g.op("Squeeze", x, g.i64([0])) for x in (now, before))
    return _backward(g, back, now, before, turn)


def _forward(g: Builder, size: Sizes, costs: Floats, cells: str) -> tuple[str, str, str]:
    """Where the best way to each state came from, and what it cost at the end.

    Returns:
        uint8 (756, 4, batch, lanes): the quantiser two before, by quantiser and the one before;
        totals (2, batch, lanes) of states whose quantiser before is 0, and 1.
    """
    shape = g.vector(t.QUANTISERS, size.batch, size.lanes)
    never = float(trellis.NEVER)
    starts = np.array([[[0.0]], [[never]]], np.float32)
    first = [g.op("Expand", g.f32(x), shape) for x in (starts, np.full_like(starts, never))]
    body = g.subgraph()
    low, high, cell = (g.name(n) for n in ("low", "high", "cell"))
    cost = body.op("Transpose", body.gather(g.f32(costs), cell), perm=[2, 0, 1])
    even, odd = body.op("Split", cost, outputs=2, axis=0, num_outputs=2)
    totals, came = [], []
    for of_low, of_high in ((even, odd), (odd, even)):
        from_low, from_high = body.op("Add", low, of_low), body.op("Add", high, of_high)
        totals.append(body.op("Min", from_low, from_high))
        came.append(body.op("Less", from_high, from_low))
    total = body.op("Concat", *totals, axis=0)
    came = body.cast(body.op("Concat", *came, axis=0), "uint8")
    graph = body.body(
        [(low, "float"), (high, "float"), (cell, "int32")],
        [
            (body.gather(total, g.i64([0, 2])), "float"),
            (body.gather(total, g.i64([1, 3])), "float"),
            (came, "uint8"),
        ],
    )
    low, high, back = g.op("Scan", *first, cells, body=graph, outputs=3, num_scan_inputs=1)
    return back, low, high


def _backward(g: Builder, back: str, now: str, before: str, turn: int) -> tuple[str, str, str]:
    """Follows the way back from the last state."""
    body = g.subgraph()
    now_in, before_in, came = (g.name(n) for n in ("now", "before", "came"))
    zero, one = body.op("Split", came, outputs=2, axis=0, num_outputs=2)
    both = body.op("Where", now_in, one, zero)
    zero, one = body.op("Split", both, outputs=2, axis=0, num_outputs=2)
    zero, one = (body.op("Squeeze", x, g.i64([0])) for x in (zero, one))
    earlier = body.cast(body.op("Where", before_in, one, zero), "bool")
    odd = body.op("Xor", now_in, earlier)
    outputs = [body.cast(odd, "float"), body.cast(before_in, "float")]
    graph = body.body(
        [(now_in, "bool"), (before_in, "bool"), (came, "uint8")],
        [(body.op("Identity", before_in), "bool"), (earlier, "bool")]
        + [(n, "float") for n in outputs],
    )
    results = g.op(
        "Scan",
        now,
        before,
        back,
        body=graph,
        outputs=4,
        num_scan_inputs=1,
        scan_input_directions=[1],
        scan_output_directions=[1, 1],
    )
    odd, turned = results[2:]
    # What is added has one part of its own for each parity, quantiser and both together.
    near = (trellis.BIAS.astype(float) - np.arange(2)) * 0.5 + 0.5
    both = near[1, 1] - near[1, 0] - near[0, 1] + near[0, 0]
    of_turn = g.op("Add", g.op("Mul", odd, g.f32(both)), g.f32(near[1, 0] - near[0, 0]))
    of_parity = g.op("Add", g.op("Mul", odd, g.f32(near[0, 1] - near[0, 0])), g.f32(near[0, 0]))
    added = g.op("Add", g.op("Mul", turned, of_turn), of_parity)
    return added, odd, g.op("Mul", turned, g.f32(float(turn)))
