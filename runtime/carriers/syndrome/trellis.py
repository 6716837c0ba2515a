"""Syndrome-trellis codes: the cheapest changes after which samples have a wanted syndrome.

T. Filler, J. Judas, J. Fridrich, "Minimizing Additive Distortion in Steganography Using
Syndrome-Trellis Codes", IEEE TIFS 2011. The Viterbi algorithm runs over many lanes side by side:
states first, lanes last, so that a step of the trellis is a copy of whole rows. Each lane is a code
of its own. What is searched for are the changes themselves: no change costs nothing, so that sums
never grow within a block, and 16 bits hold them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome.columns import MORE_AT_FIRST, column_of_each, starts

Bits = NDArray[np.uint8]
Costs = NDArray[np.uint16]

WET = np.uint16(0x7FFF)
"""Cost of a sample that must not change."""

MOST = 2560
"""Highest cost of other samples."""

# Long lanes waste less at their ends, many lanes are faster.
_LONGEST, _SHORTEST = 1 << 14, 1 << 12
_MANY, _MOST_LANES = 64, 256
_MOST_MEMORY = 1 << 27
_ROW = 128


def lanes_of(samples: int, bits: int) -> tuple[int, int, int]:
    """Lanes, and the samples and bits of each.

    Sample i is number i // lanes of lane i % lanes, and so is bit i. Samples after the last whole
    row carry nothing.
    """
    length = min(max(samples // _MANY, _SHORTEST), _LONGEST)
    lanes = max(1, samples // length)
    return lanes, samples // lanes, -(-bits // lanes)


def used(samples: int) -> int:
    """How many of so many samples, from the first on, are in whole rows."""
    lanes, each, _ = lanes_of(samples, 0)
    return lanes * each


def room(samples: int) -> int:
    """Most bits that so many samples can carry at all."""
    lanes, each, _ = lanes_of(samples, 0)
    return lanes * max(0, each - MORE_AT_FIRST)


def changes(carrier: Bits, costs: Costs, message: Bits, height: int) -> Bits | None:
    """The cheapest changes after which samples carry a message.

    Args:
        carrier: uint8 (samples,), each 0 or 1: what the samples are without changes.
        costs: uint16 (samples,), what changing each costs: at most `MOST`, or `WET`.
        message: uint8 (bits,), each 0 or 1; at most `room`.
        height: Constraint height.

    Returns:
        uint8 (samples,), 1 for each sample to change; None if those that may change do not suffice.
    """
    result = np.zeros_like(carrier)
    if not len(message):
        return result
    lanes, each, bits = lanes_of(len(carrier), len(message))
    used = lanes * each
    wanted = _padded(message, lanes * bits).reshape(bits, lanes)
    wanted ^= syndromes(carrier[:used].reshape(each, lanes), bits, height)
    by_lane, of_costs = result[:used].reshape(each, lanes), costs[:used].reshape(each, lanes)
    step = min(_MOST_LANES, max(8, _MOST_MEMORY // (each << height) * 8))
    for first in range(0, lanes, step):
        some = slice(first, first + step)
        found = _cheapest(np.ascontiguousarray(of_costs[:, some]), wanted[:, some], height)
        if found is None:
            return None
        by_lane[:, some] = found
    return result


def read(carrier: Bits, bits: int, height: int) -> Bits:
    """The message of so many bits that samples carry, uint8 (bits,); see `changes`."""
    if not bits:
        return np.zeros(0, np.uint8)
    lanes, each, of_lane = lanes_of(len(carrier), bits)
    found = syndromes(carrier[: lanes * each].reshape(each, lanes), of_lane, height)
    return found.reshape(-1)[:bits]


def syndromes(carrier: Bits, bits: int, height: int) -> Bits:
    """The syndrome of each lane, uint8 (bits, lanes), of a carrier of shape (samples, lanes)."""
    ends = starts(len(carrier), bits)
    weights = column_of_each(ends, height)[:, None]
    result = np.empty((bits, carrier.shape[1]), np.uint8)
    for first in range(0, carrier.shape[1], _MOST_LANES):
        some = slice(first, first + _MOST_LANES)
        sums = np.bitwise_xor.reduceat(carrier[:, some] * weights, ends[:-1], axis=0)
        total = sums & 1
        for later in range(1, min(height, bits)):
            total[later:] ^= sums[:-later] >> np.uint16(later) & 1
        result[:, some] = total
    return result


def _padded(message: Bits, bits: int) -> Bits:
    return np.pad(message, (0, bits - len(message)))


def _cheapest(costs: Costs, wanted: Bits, height: int) -> Bits | None:
    """The Viterbi algorithm: changes of the wanted syndrome, all arrays with lanes last."""
    ends = starts(len(costs), len(wanted))
    of_samples = column_of_each(ends, height)
    states = np.arange(1 << height)
    others = {column: states ^ column for column in np.unique(of_samples).tolist()}
    columns_ = of_samples.tolist()
    shape = (1 << height, costs.shape[1])
    sums = np.full(shape, WET)
    sums[0] = 0
    changed, is_less = np.empty_like(sums), np.empty(shape, bool)
    decisions = np.empty((len(costs), is_less.size // 8), np.uint8)
    half = shape[0] // 2
    # Sums of a few lanes are added to faster with those of several states in a row.
    in_row = min(half, 1 << max(1, _ROW // shape[1]).bit_length() - 1)
    rows, of_rows = changed.reshape(-1, in_row * shape[1]), np.tile(costs, (1, in_row))
    for block, bit in enumerate(wanted):
        for sample in range(int(ends[block]), int(ends[block + 1])):
            # mode is not "raise", as that would copy the result once more.
            sums.take(others[columns_[sample]], axis=0, out=changed, mode="clip")
            np.add(rows, of_rows[sample], out=rows)
            np.less(changed, sums, out=is_less)
            np.minimum(sums, changed, out=sums)
            decisions[sample] = np.packbits(is_less)
        left = np.where(bit, sums[1::2], sums[::2])
        least = left.min(axis=0)
        if (least == WET).any():
            return None
        np.subtract(left, least, out=sums[:half], where=left < WET)
        sums[:half][left == WET] = WET
        sums[half:] = WET
    return _traced(decisions, sums.argmin(axis=0), ends, of_samples, wanted)


def _traced(
    decisions: NDArray[np.uint8],
    state: NDArray[np.intp],
    ends: NDArray[np.int64],
    of_samples: NDArray[np.uint16],
    wanted: Bits,
) -> Bits:
    """Follows the cheapest path back from the states at its end, one for each lane."""
    lanes = np.arange(len(state))
    result = np.empty((len(decisions), len(state)), np.uint8)
    for block in range(len(wanted) - 1, -1, -1):
        state = 2 * state + wanted[block]
        first, end = int(ends[block]), int(ends[block + 1])
        of_block = np.unpackbits(decisions[first:end], axis=1)
        for sample in range(end - 1, first - 1, -1):
            bit = of_block[sample - first].take(state * len(lanes) + lanes)
            result[sample] = bit
            state ^= bit * of_samples[sample]
    return result
