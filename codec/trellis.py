"""Trellis-coded quantization: two quantizers alternate, and the encoder searches the best path.

Quantizer 0 reconstructs at whole steps, quantizer 1 halfway between them and at zero. Which of the
two a coefficient uses follows from the parities p of earlier symbols of its block, Q(t + 1) =
Q(t - 1) xor p(t), so it costs no bits. Together their reconstruction points are twice as dense as
those of one, at the rate of one. See Marcellin and Fischer, "Trellis coded quantization of
memoryless and Gauss-Markov sources" (1990), and Schwarz et al., "Hybrid video coding with
trellis-coded quantization" (2019), whose four states these are.
"""

from __future__ import annotations

import numpy as np

from codec.blocks import Floats, Ints

QUANTIZERS = 2
# More than any path through a tile can cost. A finite number, as infinities would make NaNs.
INFINITE_COST = np.float32(1e6)

# Costs are tabulated over magnitudes in steps, GRID cells per step, for REACH steps. PERIOD more
# steps stand for all larger magnitudes: levels of one parity repeat every two steps.
GRID, REACH, PERIOD = 16, 8, 2
CELLS = GRID * (REACH + PERIOD)
# There is no choice of parity for magnitudes this close to the largest exact level of a class.
NEAR_TAIL = 1.5
# By quantizer and parity: added to a magnitude before it is rounded to a level. The biases of odd
# levels are not negative, so that no level can be.
BIAS = np.array([[-0.06, 0.0], [0.36, 0.46]], np.float32)


def quantizers(parities: Ints) -> Ints:
    """The quantizer of each symbol, int32 (steps, ...), given the parities of all."""
    flips = np.zeros_like(parities)
    flips[1::2] = np.cumsum(parities[::2], axis=0)[: len(flips[1::2])]
    flips[2::2] = np.cumsum(parities[1::2], axis=0)[: len(flips[2::2])]
    return flips & 1


def levels(magnitudes: Floats, quantizer: Ints | int, parity: Ints | int) -> Floats:
    """The best levels of a parity for magnitudes in steps; float32 whole numbers from 0."""
    near = (magnitudes + BIAS[quantizer, parity] - parity) * np.float32(0.5) + np.float32(0.5)
    return np.asarray(np.floor(near) * 2 + parity, np.float32)


def cells(magnitudes: Floats) -> Ints:
    """The cost cell of each magnitude in steps, int32 in 0 .. CELLS - 1."""
    u = magnitudes * np.float32(GRID)
    periods = np.floor(np.maximum(u / (GRID * PERIOD) - REACH / PERIOD, 0))
    return np.asarray(u - periods * (GRID * PERIOD), np.int32)


def cheapest_path(cost: Floats) -> Ints:
    """The parities, int32 (steps, lanes), of the path with the least cost (Viterbi algorithm).

    Args:
        cost: float32 (steps, quantizers, parities, lanes).
    """
    steps, _, _, lanes = cost.shape
    # By the quantizer of the next symbol and that of the one before.
    total = np.full((2, 2, lanes), INFINITE_COST, np.float32)
    total[0, 0] = 0.0
    back = np.empty((steps, 2, 2, lanes), bool)
    for t in range(steps):
        even, odd = cost[t, :, 0], cost[t, :, 1]
        zero, one = total[:, 0], total[:, 1]
        totals = []
        for after, (a, b) in enumerate(((even, odd), (odd, even))):
            from_zero, from_one = zero + a, one + b
            np.less(from_one, from_zero, out=back[t, after])
            totals.append(np.minimum(from_zero, from_one))
        total = np.stack(totals)
    last = total.reshape(4, lanes).argmin(axis=0)
    now, before = last >> 1, last & 1
    parities = np.empty((steps, lanes), np.int32)
    every = np.arange(lanes)
    for t in range(steps - 1, -1, -1):
        earlier = back[t, now, before, every].astype(np.int64)
        parities[t] = now ^ earlier
        now, before = before, earlier
    return parities
