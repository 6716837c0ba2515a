"""A message at some positions of a plane of samples, in a given order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome import ternary
from runtime.carriers.syndrome.order import Positions
from runtime.carriers.syndrome.ternary import Floats, Layers, Samples

Reals = NDArray[np.float16] | NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Costs:
    """What changes of a plane's samples cost.

    Attributes:
        up: float16 or float32 (samples,), cost of one more, at least 0; infinite where that is not
            allowed.
        down: The same of one less.
    """

    up: Reals
    down: Reals

    def at(self, positions: Positions) -> tuple[Floats, Floats]:
        """Up and down of some samples, in order, float32."""
        up = np.asarray(self.up[positions], np.float32)
        return up, up if self.down is self.up else np.asarray(self.down[positions], np.float32)


def layers_for(plane: Samples, costs: Costs, positions: Positions, bits: int) -> Layers:
    """How a message of so many bits is best divided; see `write`."""
    return ternary.layers_for(plane[positions], *costs.at(positions), bits)[0]


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
    (up, down), samples = costs.at(positions), plane[positions]
    bits = layers.upper + layers.lower
    factor = ternary.least_lambda(up, down, bits)
    unpacked = np.unpackbits(np.frombuffer(message, np.uint8))[:bits]
    changed = ternary.embed(samples, up, down, unpacked, layers, factor, height)
    if changed is None:
        return False
    plane[positions] = changed
    return True


def read(plane: Samples, positions: Positions, layers: Layers, height: int) -> bytes:
    """The message that `write` wrote, with zero bits up to a whole byte."""
    return np.packbits(ternary.read(plane[positions], layers, height)).tobytes()
