"""The cheapest path through the trellis, as parts of the graphs; see `codec.trellis`.

The blocks of all tiles are one axis here, because there are many small steps, each of which takes
longer to start than to compute.
"""

from __future__ import annotations

import numpy as np

from codec import trellis
from codec.quantize import AC
from export.builder import Builder
from export.clear.secret import by_lane
from export.clear.sizes import Sizes

# A state is two bits: the quantizers of the next symbol and of the one before. For each state the
# state that it came from is stored in two bits as well, all four states in one number. So the way
# back does not keep the state, but the shift that gets its bits.
_NEXT, _BEFORE = 16, 8
_FIELD = _NEXT | _BEFORE


def cheapest_path(
    g: Builder, size: Sizes, costs: str, cells: str, shift: int
) -> tuple[str, str, str]:
    """The parity and the quantizer of each symbol, as floats to calculate with.

    Args:
        g: Builder.
        size: Sizes.
        costs: See `export.clear.coding.cost_table`, float (4, cells).
        cells: int32 (189, 4, batch, lanes).
        shift: Offset of the symbol indices of quantizer 1 from those of quantizer 0.

    Returns:
        Floats (189, 4, batch, lanes): what to add to a magnitude in double steps before it is
        rounded down to a level in double steps; the parity; `shift` where quantizer 1 is used.
    """
    cells = g.reshape(cells, AC, 1, -1)
    back, end = _forward(g, size, costs, cells)
    shifts = _backward(g, back, end)
    # The quantizers of each symbol, of the one before it and of the one after it.
    known = g.cast(shifts, "uint8")
    after = g.op("Unsqueeze", g.cast(end, "uint8"), g.i64([0]))
    after = g.op("Concat", g.slice(known, 1, 1 << 30, 0), after, axis=0)
    # Moves the bit of the next symbol's quantizer to that of the one before.
    after = g.op("BitShift", after, g.constant(1, "uint8"), direction="RIGHT")
    odd = g.op("BitwiseAnd", g.op("BitwiseXor", known, after), g.constant(_BEFORE, "uint8"))
    turned = g.op("BitwiseAnd", known, g.constant(_NEXT, "uint8"))
    odd, turned = (
        g.op("Mul", g.cast(by_lane(g, size, AC, x), "float"), g.f32(1.0 / unit))
        for x, unit in ((odd, _BEFORE), (turned, _NEXT))
    )
    # The summand has a part for the parity, one for the quantizer and one for both together.
    near = (trellis.BIAS.astype(float) - np.arange(2)) * 0.5 + 0.5
    both = near[1, 1] - near[1, 0] - near[0, 1] + near[0, 0]
    of_turn = g.op("Add", g.op("Mul", odd, g.f32(both)), g.f32(near[1, 0] - near[0, 0]))
    of_parity = g.op("Add", g.op("Mul", odd, g.f32(near[0, 1] - near[0, 0])), g.f32(near[0, 0]))
    added = g.op("Add", g.op("Mul", turned, of_turn), of_parity)
    return added, odd, g.op("Mul", turned, g.f32(float(shift)))


def _forward(g: Builder, size: Sizes, costs: str, cells: str) -> tuple[str, str]:
    """The best predecessor of each state, and the best state at the end.

    Returns:
        int32 (steps, lanes), with the shift of the predecessor at the shift of each state; and the
        shift of the best last state, int32 (lanes,).
    """
    lanes = g.op("Mul", g.op("Mul", size.batch, size.lanes), g.i64([4]))
    # Total costs of states, by the quantizers of the symbol before and of the next one.
    begin = np.full((1, 2, 2, 1), trellis.INFINITE_COST, np.float32)
    begin[0, 0, 0] = 0.0
    totals = g.op(
        "Expand", g.f32(begin), g.vector(1, trellis.QUANTIZERS, trellis.QUANTIZERS, lanes)
    )
    body = g.subgraph()
    totals_in, cell = g.name("totals"), g.name("cell")
    every = body.op("Add", cell, g.i32(np.zeros((4, 1))))
    cost = body.op("GatherElements", costs, every, axis=1)
    # By the quantizers after, before and now; the first two differ if the symbol is odd.
    both = np.array([[[0, 1], [2, 3]], [[2, 3], [0, 1]]])
    ways = body.op("Add", totals_in, body.gather(cost, g.i64(both)))
    low, high = body.op("Split", ways, outputs=2, axis=1, num_outputs=2)
    totals_out = body.op("Transpose", body.op("Min", low, high), perm=[1, 2, 0, 3])
    # By the quantizers after and now.
    came = body.cast(body.op("Less", high, low), "int32")
    now, after = np.arange(2), np.arange(2)[:, None]
    fields = 1 << (_NEXT * after + _BEFORE * now)
    weights = (_BEFORE * fields).reshape(2, 1, 2, 1)
    came = body.op("ReduceSum", body.op("Mul", came, g.i32(weights)), g.i64([0, 1, 2]), keepdims=0)
    graph = body.body(
        [(totals_in, "float"), (cell, "int32")], [(totals_out, "float"), (came, "int32")]
    )
    totals, back = g.op("Scan", totals, cells, body=graph, outputs=2, num_scan_inputs=1)
    back = g.op("Add", back, g.i32(int((_NEXT * now * fields).sum())))
    best = g.op("ArgMin", g.reshape(totals, 4, -1), axis=0, keepdims=0)
    shifts = _BEFORE * np.array([[0], [1]]) + _NEXT * np.array([0, 1])
    return back, g.lookup(g.i32(shifts.ravel()), best)


def _backward(g: Builder, back: str, end: str) -> str:
    """Follows the path back from the last state: shifts before each step, uint32 (steps, lanes)."""
    body = g.subgraph()
    shift, came = g.name("shift"), g.name("came")
    earlier = body.op("BitShift", came, shift, direction="RIGHT")
    earlier = body.op("BitwiseAnd", earlier, g.constant(_FIELD, "uint32"))
    graph = body.body(
        [(shift, "uint32"), (came, "uint32")],
        [(earlier, "uint32"), (body.op("Identity", earlier), "uint32")],
    )
    _, shifts = g.op(
        "Scan",
        g.cast(end, "uint32"),
        g.cast(back, "uint32"),
        body=graph,
        outputs=2,
        num_scan_inputs=1,
        scan_input_directions=[1],
        scan_output_directions=[1],
    )
    return shifts
