"""Trellis-coded quantisation: two quantisers take turns, and hide looks for the best way through.

Quantiser 0 has its points at whole steps, quantiser 1 halfway between them and at zero. Which of
the two a coefficient has follows from the symbols before it, so that neither needs to be told:
with p the parity of a symbol, Q(t + 1) = Q(t - 1) xor p(t). Together their points lie twice as
dense as either's, at the rate of one. See Marcellin and Fischer, "Trellis coded quantization of
memoryless and Gauss-Markov sources" (1990), and Schwarz et al., "Hybrid video coding with
trellis-coded quantization" (2019), whose four states these are.
"""

from __future__ import annotations

import numpy as np

from training.clear.layout import Floats, Ints

QUANTISERS = 2
# More than any path through a tile may cost: a symbol that cannot be chosen.
NEVER = np.float32(1e6)


# Costs are tabulated over magnitudes in steps: GRID to a step, for REACH steps, and for two more
# (the period of the levels of one parity) that stand for all beyond.
GRID, REACH, PERIOD = 16, 8, 2
CELLS = GRID * (REACH + PERIOD)
# From so little below the largest level of a class on there is no choice of parity.
NEAR_TAIL = 1.5
# By quantiser and parity: added to magnitudes before the nearest level is taken.
# Those of odd levels are not negative, so that no level is.
BIAS = np.array([[-0.06, 0.0], [0.36, 0.46]], np.float32)


def quantisers(parities: Ints) -> Ints:
    """The quantiser of each of a row of symbols, int32 (steps, ...) like their parities."""
    found = np.zeros_like(parities)
    found[1::2] = np.cumsum(parities[::2], axis=0)[: len(found[1::2])]
    found[2::2] = np.cumsum(parities[1::2], axis=0)[: len(found[2::2])]
    return found & 1


def levels(magnitudes: Floats, quantiser: Ints | int, parity: Ints | int) -> Floats:
    """The level of a parity for magnitudes in steps, float32 whole numbers from 0."""
    near = (magnitudes + BIAS[quantiser, parity] - parity) * np.float32(0.5) + np.float32(0.5)
    return (np.floor(near) * 2 + parity).astype(np.float32)


def cells(magnitudes: Floats) -> Ints:
    """Where costs of magnitudes in steps are found, 0 .. CELLS - 1."""
    u = magnitudes * np.float32(GRID)
    periods = np.floor(np.maximum(u / (GRID * PERIOD) - REACH / PERIOD, 0))
    return (u - periods * (GRID * PERIOD)).astype(np.int32)


def cheapest_path(cost: Floats) -> Ints:
    """The parities, (steps, lanes), that cost least; Viterbi's algorithm.

    Args:
        cost: Of each step, quantiser and parity, float32 (steps, 2, 2, lanes).
    """
    steps, _, _, lanes = cost.shape
    # By quantiser and the quantiser before it.
    total = np.full((2, 2, lanes), NEVER, np.float32)
    total[0, 0] = 0.0
    back = np.empty((steps, 2, 2, lanes), bool)
    for t in range(steps):
        even, odd = cost[t, :, 0], cost[t, :, 1]
        zero, one = total[:, 0], total[:, 1]
        made = []
        for after, (a, b) in enumerate(((even, odd), (odd, even))):
            from_zero, from_one = zero + a, one + b
            np.less(from_one, from_zero, out=back[t, after])
            made.append(np.minimum(from_zero, from_one))
        total = np.stack(made)
    last = total.reshape(4, lanes).argmin(axis=0)
    now, before = last >> 1, last & 1
    parities = np.empty((steps, lanes), np.int32)
    every = np.arange(lanes)
    for t in range(steps - 1, -1, -1):
        earlier = back[t, now, before, every].astype(np.int64)
        parities[t] = now ^ earlier
        now, before = before, earlier
    return parities
