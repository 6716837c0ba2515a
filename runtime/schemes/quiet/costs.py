"""What changes of a cover's samples cost: by the network, and where nothing may change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome.plane import Costs
from runtime.carriers.syndrome.ternary import Floats, Samples
from runtime.engine.network import Network, Signature
from runtime.images.image import Image, Picture

COSTS = Signature(("picture",), ("costs",))

PLANES = (1, 0, 2)
"""Channels in the order in which they are written: green, red, blue."""

HALO = 9
"""How far a cost looks: filters of 3, 3 and 15 pixels."""

_ROWS = 256
# Above any that photographs have, and below what a single flat spot within the last filter gives.
_FLAT = 1e5
_OPAQUE = 255


@dataclass(frozen=True, eq=False)
class Planes:
    """A cover's samples and their costs, by plane in the order of `PLANES`.

    Attributes:
        samples: uint8 (height * width,) each.
        costs: float32 (height * width,) each, of one more and of one less; infinite where nothing
            may change: at 0 and 255, where it is flat, and where it is not opaque.
    """

    samples: tuple[Samples, ...]
    costs: tuple[Floats, ...]


def planes_of(network: Network, cover: Image) -> Planes:
    """Samples and costs of a cover of at least 16 pixels per side."""
    by_channel = _network_costs(network, cover.pixels)
    samples, costs = [], []
    see_through = None if cover.alpha is None else cover.alpha.reshape(-1) < _OPAQUE
    for channel in PLANES:
        plane = np.ascontiguousarray(cover.pixels[..., channel]).reshape(-1)
        cost = by_channel[channel].reshape(-1)
        never = (cost > _FLAT) | (plane == 0) | (plane == 255)
        if see_through is not None:
            never |= see_through
        cost[never] = np.inf
        samples.append(plane)
        costs.append(cost)
    return Planes(tuple(samples), tuple(costs))


def picture_of(samples: tuple[Samples, ...], size: tuple[int, int]) -> Picture:
    """The picture whose planes these are, uint8 (height, width, 3)."""
    result = np.empty((*size, len(PLANES)), np.uint8)
    for channel, plane in zip(PLANES, samples, strict=True):
        result[..., channel] = plane.reshape(size)
    return result


def agreeing(cost: Floats, changes: NDArray[np.int8], factor: float) -> Costs:
    """Costs that favour changes in the direction of those already made to the other planes.

    The noise of a photograph moves its channels together, as they were interpolated from each
    other; changes that do the same are harder to tell from it (Tang, Li, Luo, Huang, "Clustering
    Steganographic Modification Directions for Color Images", IEEE SPL 2016).

    Args:
        cost: float32 (samples,), of one more and of one less.
        changes: int8 (samples,), sums of the changes of the other planes.
        factor: By which agreeing changes become cheaper.
    """
    up, down = cost.copy(), cost.copy()
    up[changes > 0] /= factor
    down[changes < 0] /= factor
    return Costs(up, down)


def _network_costs(network: Network, picture: Picture) -> list[Floats]:
    """Costs of each channel, float32 (height, width), strip by strip to keep memory flat."""
    height, width, channels = picture.shape
    result = [np.empty((height, width), np.float32) for _ in range(channels)]
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        first, last = max(0, top - HALO), min(height, bottom + HALO)
        # Mirroring needs more rows than a filter reaches.
        first = max(0, min(first, last - 2 * HALO))
        strip = np.ascontiguousarray(picture[first:last])
        (costs,) = network.run({"picture": strip}, "costs")
        for channel in range(channels):
            result[channel][top:bottom] = costs[top - first : bottom - first, :, channel]
    return result
