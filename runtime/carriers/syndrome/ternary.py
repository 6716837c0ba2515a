"""A message in samples that change by one up or down, at the least cost: two layers of codes.

T. Filler, J. Fridrich, "Minimizing Additive Distortion Functions with Non-binary Embedding
Operation in Steganography", WIFS 2010. A sample's second lowest bit changes in one direction only,
its lowest bit in both. The first layer of the message is written into the second lowest bits. Where
that does not change a sample, its lowest bit can still be changed in the other direction, which
writes the second layer. The costs of both layers follow from the probabilities of the changes that
would be best, so that both together come close to the bound for ternary changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome import trellis
from runtime.carriers.syndrome.trellis import MOST, WET, Bits

Samples = NDArray[np.uint8]
Floats = NDArray[np.float32]

_UNITS = 128.0  # per nat
_LOOKED_AT = 1 << 16
_CHUNK = 1 << 20
_STEPS = 25  # which leave a millionth of the multiplier open


@dataclass(frozen=True)
class Layers:
    """Bits of a message in each layer.

    Attributes:
        upper: In the second lowest bits.
        lower: In the lowest bits.
    """

    upper: int
    lower: int


def halves(bits: int) -> Layers:
    """Layers for a message whose length only is known: both of about the same length."""
    return Layers(bits // 2, bits - bits // 2)


def least_lambda(up: Floats, down: Floats, bits: int) -> float:
    """Lagrange's multiplier at which the best changes carry so many bits, or the largest tried.

    Args:
        up: float32 (samples,), cost of one more; infinite where that is not allowed.
        down: The same of one less.
        bits: To be carried.
    """
    step = max(1, len(up) // _LOOKED_AT)
    up, down = up[::step], down[::step]
    wanted = bits / step
    low, high = np.float64(1e-6), np.float64(1e6)
    for _ in range(_STEPS):
        middle = np.sqrt(low * high)
        carried = sum(float(part.sum()) for part in entropies(up, down, float(middle)))
        low, high = (middle, high) if carried > wanted else (low, middle)
    return float(low)


def entropies(up: Floats, down: Floats, factor: float) -> tuple[Floats, Floats]:
    """Bits that each sample carries in the upper and in the lower layer, at a multiplier.

    Which change belongs to which layer depends on the sample; here, `up` is of the upper layer.
    """
    raised, lowered = np.exp(-factor * up), np.exp(-factor * down)
    total = 1 + raised + lowered
    upper = raised / total
    other = lowered / (1 + lowered)
    return _entropy(upper), (1 - upper) * _entropy(other)


def _entropy(share: Floats) -> Floats:
    inside = np.clip(share, 1e-12, 1 - 1e-7)
    return -inside * np.log2(inside) - (1 - inside) * np.log2(1 - inside)


def layers_for(samples: Samples, up: Floats, down: Floats, bits: int) -> tuple[Layers, float]:
    """How a message of so many bits is best divided, and the multiplier; see `embed`."""
    factor = least_lambda(up, down, bits)
    step = max(1, len(up) // _LOOKED_AT)
    flips, stays = _by_layer(samples[::step], up[::step], down[::step])
    upper, lower = (float(part.sum()) for part in entropies(flips, stays, factor))
    share = upper / (upper + lower) if upper + lower else 0.5
    first = round(share * bits)
    return Layers(first, bits - first), factor


def embed(
    samples: Samples,
    up: Floats,
    down: Floats,
    message: Bits,
    layers: Layers,
    factor: float,
    height: int,
) -> Samples | None:
    """Samples that carry a message.

    Args:
        samples: uint8 (samples,). None at 0 or 255 may have finite costs.
        up: float32 (samples,), cost of one more, at least 0; infinite where that is not allowed.
        down: The same of one less.
        message: uint8 (bits,), each 0 or 1.
        layers: How it is divided.
        factor: Lagrange's multiplier, for costs in natural units.
        height: Constraint height.

    Returns:
        uint8 (samples,); None if the samples that may change do not suffice.
    """
    upper, lower = _costs(samples, up, down, factor)
    flips = trellis.changes(_second_bits(samples), upper, message[: layers.upper], height)
    if flips is None:
        return None
    lower[flips == 1] = WET
    rest = trellis.changes(_lowest_bits(samples) ^ flips, lower, message[layers.upper :], height)
    if rest is None:
        return None
    # Odd samples change their second lowest bit when raised, even ones when lowered.
    odd = _lowest_bits(samples) == 1
    return samples + np.where(odd, flips - rest, rest - flips)


def read(samples: Samples, layers: Layers, height: int) -> Bits:
    """The message that samples carry, uint8 (bits,); see `embed`."""
    upper = trellis.read(_second_bits(samples), layers.upper, height)
    lower = trellis.read(_lowest_bits(samples), layers.lower, height)
    return np.concatenate([upper, lower])


def room(samples: int) -> int:
    """Most bits that so many samples can carry at all."""
    return 2 * trellis.room(samples)


def _lowest_bits(samples: Samples) -> Bits:
    return np.bitwise_and(samples, np.uint8(1))


def _second_bits(samples: Samples) -> Bits:
    return np.bitwise_and(np.right_shift(samples, np.uint8(1)), np.uint8(1))


def _by_layer(samples: Samples, up: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Costs of the change of both bits, and of the lowest bit only."""
    odd = samples & 1 == 1
    return np.where(odd, up, down), np.where(odd, down, up)


def _costs(
    samples: Samples, up: Floats, down: Floats, factor: float
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Costs of both layers, by the flipping lemma: logarithms of odds."""
    upper, lower = np.empty(len(samples), np.uint16), np.empty(len(samples), np.uint16)
    for start in range(0, len(samples), _CHUNK):
        some = slice(start, start + _CHUNK)
        flips, stays = _by_layer(samples[some], up[some], down[some])
        flips, stays = factor * flips, factor * stays
        upper[some] = _whole(flips + np.log1p(np.exp(-stays)))
        lower[some] = _whole(stays)
    return upper, lower


def _whole(nats: Floats) -> NDArray[np.uint16]:
    scaled = np.minimum(nats * np.float32(_UNITS), MOST)
    return np.where(np.isfinite(nats), scaled, np.float32(WET)).astype(np.uint16)
