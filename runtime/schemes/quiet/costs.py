"""A cover's planes: samples, what changes of them cost, and which must not change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runtime.carriers.syndrome.plane import Floats, Samples
from runtime.engine.network import Network, Signature
from runtime.images.image import Image, Picture
from runtime.schemes.quiet.covers import Rounded
from runtime.schemes.quiet.joint import Halves, Noise

COSTS = Signature(("picture",), ("costs", "correlations"))

PLANES = (1, 0, 2)
"""Channels in the order in which they are written: green, red, blue."""

LEAST_SHARE = 0.05
"""Of its cost, the least that a change towards what a sample was takes."""

HALO = 9
"""How far the network looks: filters of 3, 3 and 15 pixels."""

_ROWS = 256
# Above any that photographs have, and below what a single flat spot within the last filter gives.
_FLAT = 735
_OPAQUE = 255


@dataclass(frozen=True, eq=False)
class Planes:
    """A cover's samples and what changes of them cost, by plane in the order of `PLANES`.

    Attributes:
        samples: uint8 (height * width,) each.
        noise: Costs and what else is known; costs are infinite where nothing may change: at 0 and
            255, where it is flat, and where it is not opaque.
    """

    samples: tuple[Samples, ...]
    noise: Noise


def planes_of(network: Network, cover: Image, cut_off: Rounded | None = None) -> Planes:
    """Samples and costs of a cover of at least 16 pixels per side.

    Args:
        network: Which says what changes cost.
        cover: The cover.
        cut_off: What rounding cut off its samples, where that is known.
    """
    return masked(cover, *_of_network(network, cover.pixels), cut_off)


def masked(
    cover: Image,
    by_channel: list[Floats],
    correlations: list[Halves],
    cut_off: Rounded | None = None,
) -> Planes:
    """Samples and costs of a cover, from what the network says, which is changed in place.

    Args:
        cover: The cover.
        by_channel: float32 (height, width), costs of its channels.
        correlations: float16 (height * width,), see `Noise`.
        cut_off: See `planes_of`.
    """
    samples, up, down = [], [], []
    see_through = None if cover.alpha is None else cover.alpha.reshape(-1) < _OPAQUE
    for channel in PLANES:
        plane = np.ascontiguousarray(cover.pixels[..., channel]).reshape(-1)
        cost = by_channel[channel].reshape(-1)
        never = (cost > _FLAT) | (plane == 0) | (plane == 255)
        if see_through is not None:
            never |= see_through
        cost[never] = np.inf
        samples.append(plane)
        if cut_off is None:
            up.append(cost.astype(np.float16))
            continue
        raised, lowered = towards(cost, cut_off[..., channel].reshape(-1))
        up.append(raised.astype(np.float16))
        down.append(lowered.astype(np.float16))
    both = tuple(up)
    return Planes(tuple(samples), Noise(both, tuple(down) or both, tuple(correlations)))


def towards(cost: Floats, cut_off: Rounded) -> tuple[Floats, Floats]:
    """Costs of one more and of one less that favour what samples were before they were rounded.

    A sample that was halfway between two levels could as well have become the other one (Fridrich,
    Goljan, Soukal, "Perturbed Quantization Steganography with Wet Paper Codes", ACM Multimedia and
    Security 2004; costs as in Denemark, Fridrich, "Side-Informed Steganography with Additive
    Distortion", WIFS 2015).

    Args:
        cost: float32 (samples,), of either.
        cut_off: float32 (samples,), what samples were less what they are, -0.5 .. 0.5.
    """
    less = cost * np.maximum(1 - 2 * np.abs(cut_off), LEAST_SHARE)
    return np.where(cut_off > 0, less, cost), np.where(cut_off < 0, less, cost)


def picture_of(samples: tuple[Samples, ...], size: tuple[int, int]) -> Picture:
    """The picture whose planes these are, uint8 (height, width, 3)."""
    result = np.empty((*size, len(PLANES)), np.uint8)
    for channel, plane in zip(PLANES, samples, strict=True):
        result[..., channel] = plane.reshape(size)
    return result


def _of_network(network: Network, picture: Picture) -> tuple[list[Floats], list[Halves]]:
    """Costs of each channel, and correlations of each two planes; in strips, to save memory."""
    height, width, channels = picture.shape
    costs = [np.empty((height, width), np.float32) for _ in range(channels)]
    correlations = [np.empty((height, width), np.float16) for _ in range(channels)]
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        first, last = max(0, top - HALO), min(height, bottom + HALO)
        # Mirroring needs more rows than a filter reaches.
        first = max(0, min(first, last - 2 * HALO))
        strip = np.ascontiguousarray(picture[first:last])
        found = network.run({"picture": strip}, "costs", "correlations")
        own_costs, own_correlations = (made[top - first : bottom - first] for made in found)
        for channel in range(channels):
            costs[channel][top:bottom] = own_costs[..., channel]
            correlations[channel][top:bottom] = own_correlations[..., channel]
    return costs, [plane.reshape(-1) for plane in correlations]
