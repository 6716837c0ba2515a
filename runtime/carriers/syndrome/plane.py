"""A message in the lowest bits of some samples of a plane, in a given order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome import trellis
from runtime.carriers.syndrome.order import Positions
from runtime.carriers.syndrome.trellis import MOST, WET, Bits

Samples = NDArray[np.uint8]
Floats = NDArray[np.float32]
Costs = NDArray[np.float16] | NDArray[np.float32]
Flags = NDArray[np.bool_]

_UNITS = 128.0  # per nat


def write(
    changed: Flags, samples: Samples, costs: Costs, positions: Positions, bits: Bits, height: int
) -> bool:
    """Finds out which samples have to change; False if those that may do not suffice.

    Args:
        changed: bool (samples,), where the samples at the positions are marked, if they suffice.
        samples: uint8 (samples,), of the whole plane.
        costs: float16 or float32 (samples,), what a change costs in nats: the logarithm of how much
            likelier none is, if changes are those that would be best. Below 0 where a change is
            likelier; infinite where none is allowed.
        positions: Of the samples that carry the message, in order.
        bits: The message, uint8 (bits,), each 0 or 1.
        height: Constraint height of the code.
    """
    if len(bits) > trellis.room(len(positions)):
        return False
    some = costs[positions].astype(np.float32)
    # What the code leaves as it is should be what is likelier.
    is_likely = some < 0
    is_likely[trellis.used(len(some)) if len(bits) else 0 :] = False
    carrier = _lowest(samples, positions) ^ is_likely
    found = trellis.changes(carrier, _whole(np.abs(some, out=some)), bits, height)
    if found is None:
        return False
    changed[positions] = found ^ is_likely
    return True


def read(samples: Samples, positions: Positions, bits: int, height: int) -> Bits:
    """The message of so many bits that `write` wrote, uint8 (bits,)."""
    return trellis.read(_lowest(samples, positions), bits, height)


def second_bits(samples: Samples, positions: Positions) -> Bits:
    """The second lowest bits of samples, uint8 (positions,)."""
    return samples[positions] >> np.uint8(1) & np.uint8(1)


def _lowest(samples: Samples, positions: Positions) -> Bits:
    return samples[positions] & np.uint8(1)


def _whole(nats: Floats) -> NDArray[np.uint16]:
    scaled = np.minimum(nats * np.float32(_UNITS), MOST)
    return np.where(np.isfinite(nats), scaled, np.float32(WET)).astype(np.uint16)
