"""A message at some positions of a plane of samples, in a given order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runtime.carriers.syndrome import ternary
from runtime.carriers.syndrome.order import Positions
from runtime.carriers.syndrome.ternary import Floats, Layers, Samples


@dataclass(frozen=True, eq=False)
class Costs:
    """What changes of a plane's samples cost.

    Attributes:
        up: float32 (samples,), cost of one more, at least 0; infinite where that is not allowed.
        down: The same of one less; infinite where `up` is.
    """

    up: Floats
    down: Floats

    def at(self, positions: Positions) -> Costs:
        """Those of some samples, in order."""
        up = self.up[positions]
        return Costs(up, up if self.down is self.up else self.down[positions])


def layers_for(plane: Samples, costs: Costs, positions: Positions, bits: int) -> Layers:
    """How a message of so many bits is best divided; see `write`."""
    some = costs.at(positions)
    return ternary.layers_for(plane[positions], some.up, some.down, bits)[0]


def write(
    plane: Samples,
    costs: Costs,
    positions: Positions,
    message: bytes,
    layers: Layers,
    height: int,
) -> bool:
    """Writes a message into a plane, in place; False if the samples do not suffice.

    Args:
        plane: uint8 (samples,). None at 0 or 255 may have finite costs.
        costs: Of all of its samples.
        positions: Of the samples that carry the message, in order.
        message: Its bytes; the first `layers` bits of them are written.
        layers: How it is divided.
        height: Constraint height of the code.
    """
    some, samples = costs.at(positions), plane[positions]
    bits = layers.upper + layers.lower
    factor = ternary.least_lambda(some.up, some.down, bits)
    unpacked = np.unpackbits(np.frombuffer(message, np.uint8))[:bits]
    changed = ternary.embed(samples, some.up, some.down, unpacked, layers, factor, height)
    if changed is None:
        return False
    plane[positions] = changed
    return True


def read(plane: Samples, positions: Positions, layers: Layers, height: int) -> bytes:
    """The message that `write` wrote, with zero bits up to a whole byte."""
    return np.packbits(ternary.read(plane[positions], layers, height)).tobytes()


def dry(costs: Costs) -> int:
    """Samples that may change."""
    return int(np.count_nonzero(np.isfinite(costs.up)))
