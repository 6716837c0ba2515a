"""What changes of a pixel's three samples cost together, and how often each is best.

The noise of a photograph moves its channels together, as they were interpolated from each other, so
that a change of all three is often harder to tell from it than a change of one. Changes of a pixel
all go in one direction, and cost sqrt(x R^-1 x): x are the costs of each alone, which are inverse
to the deviation of the noise, R its correlations. This is the length of the change, measured in
deviations of that noise.

Best are changes with probabilities in proportion to exp(-factor cost) (Filler, Fridrich, "Gibbs
Construction in Steganography", IEEE TIFS 2010). The planes are written one after the other, each
with costs that follow from these probabilities and the changes that were made before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome.plane import Costs
from runtime.carriers.syndrome.ternary import Floats

Changes = NDArray[np.int8]
Halves = NDArray[np.float16]
"""Precise enough here, and half of what large pictures need."""

_CHUNK = 1 << 15
_LOOKED_AT = 1 << 14
_STEPS = 25
_PLANES = 3
_PAIRS = ((0, 1), (0, 2), (1, 2))
_LEAST_DETERMINANT = 1e-3
_LEAST = np.float32(1e-37)


@dataclass(frozen=True, eq=False)
class Noise:
    """What is known of the pixels of a cover; planes in the order in which they are written.

    Attributes:
        up: float16 (pixels,) each, what one more costs in this plane alone; infinite where it must
            not change.
        down: The same of one less; the same arrays if both cost the same.
        correlations: float16 (pixels,) each, of the noise of the first and second plane, the first
            and third, the second and third; above -1 and below 1.
    """

    up: tuple[Halves, ...]
    down: tuple[Halves, ...]
    correlations: tuple[Halves, ...]

    def __len__(self) -> int:
        return len(self.up[0])

    def at(self, which: slice) -> Noise:
        """Of some pixels."""
        up = _some(self.up, which)
        down = up if self.down is self.up else _some(self.down, which)
        return Noise(up, down, _some(self.correlations, which))


@dataclass(frozen=True, eq=False)
class Choice:
    """How a plane is best written.

    Attributes:
        base: int8 (pixels,), the likeliest change of each sample.
        costs: Of one more and one less than that, in nats.
    """

    base: Changes
    costs: Costs


def least_factor(noise: Noise, bits: float) -> float:
    """The factor at which the best changes carry so many bits, or the largest tried."""
    step, some = _sampled(noise)
    energies = _energies(some)
    low, high = 1e-6, 1e6
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        is_more = step * _bits(_weights(energies, middle), _PLANES) > bits
        low, high = (middle, high) if is_more else (low, middle)
    return low


def carried(noise: Noise, factor: float) -> list[float]:
    """About how many bits each plane carries by the best changes, given those before it."""
    step, some = _sampled(noise)
    weights = _weights(_energies(some), factor)
    bits = [step * _bits(weights, planes) for planes in range(_PLANES + 1)]
    return np.diff(bits).tolist()


def choice(noise: Noise, factor: float, made: Sequence[Changes]) -> Choice:
    """How the next plane is best written.

    Args:
        noise: Of all pixels.
        factor: See `least_factor`.
        made: Changes of the planes before, int8 (pixels,) each.
    """
    base = np.empty(len(noise), np.int8)
    up, down = np.empty((2, len(noise)), np.float16)
    for start in range(0, len(noise), _CHUNK):
        some = slice(start, start + _CHUNK)
        part = noise.at(some)
        below, same, above = _shares(part, factor, [changes[some] for changes in made])
        # After a change that is next to impossible, nothing else is likelier than no other.
        same = np.where((below == 0) & (same == 0) & (above == 0), np.float32(1), same)
        raised, lowered = above > np.maximum(same, below), below > np.maximum(same, above)
        base[some] = raised.astype(np.int8) - lowered
        best = np.log(np.maximum(np.maximum(below, above), same))
        less, none, more = (best - np.log(np.maximum(x, _LEAST)) for x in (below, same, above))
        never = np.isinf(part.up[len(made)])
        up[some] = np.where(never | raised, np.inf, np.where(lowered, none, more))
        down[some] = np.where(never | lowered, np.inf, np.where(raised, none, less))
    return Choice(base, Costs(up, down))


def changing(noise: Noise, factor: float) -> list[Floats]:
    """The probability that the best changes change each sample, float32 (pixels,) a plane."""
    found = np.empty((_PLANES, len(noise)), np.float32)
    for start in range(0, len(noise), _CHUNK):
        some = slice(start, start + _CHUNK)
        weights = _weights(_energies(noise.at(some)), factor)
        total = weights.sum((0, 1, 2, 3))
        for plane in range(_PLANES):
            found[plane, some] = weights.take(1, axis=1 + plane).sum((0, 1, 2)) / total
    return list(found)


def _shares(part: Noise, factor: float, made: list[Changes]) -> tuple[Floats, Floats, Floats]:
    """In which proportion the next plane has one less, no change and one more."""
    rising, falling = _weights(_energies(part), factor)
    for changes in made:
        rising = np.where(changes > 0, rising[1], np.where(changes < 0, 0, rising[0]))
        falling = np.where(changes < 0, falling[1], np.where(changes > 0, 0, falling[0]))
    later = tuple(range(1, rising.ndim - 1))
    rising, falling = rising.sum(later), falling.sum(later)
    return falling[1], rising[0] + falling[0], rising[1]


def _weights(energies: Floats, factor: float) -> Floats:
    """exp(-factor cost), float32 (2, 2, 2, 2, pixels); that of no change at all is counted once."""
    weights = np.empty((2, *energies.shape[1:]), np.float32)
    np.exp(np.float32(-factor) * energies, out=weights[: len(energies)])
    if len(energies) == 1:
        weights[1] = weights[0]
    weights[1, 0, 0, 0] = 0
    return weights


def _energies(part: Noise) -> Floats:
    """What changes cost, float32 (1 or 2, 2, 2, 2, pixels).

    First upwards, then downwards, unless that costs the same; then whether the first, second and
    third plane change.
    """
    inverse, crossed = _inverse(part.correlations)
    both_ways = (part.up,) if part.down is part.up else (part.up, part.down)
    found = np.empty((len(both_ways), 2, 2, 2, len(part)), np.float32)
    for direction, costs in enumerate(both_ways):
        never = [np.isinf(cost) for cost in costs]
        dry = [
            np.where(no, 0, cost).astype(np.float32) for no, cost in zip(never, costs, strict=True)
        ]
        squares = [cost * cost * own for cost, own in zip(dry, inverse, strict=True)]
        for square, no in zip(squares, never, strict=True):
            square[no] = np.inf
        products = [
            2 * dry[one] * dry[other] * both
            for (one, other), both in zip(_PAIRS, crossed, strict=True)
        ]
        for changed in product((0, 1), repeat=_PLANES):
            total = found[direction, *changed]
            total[:] = 0
            for plane, square in enumerate(squares):
                if changed[plane]:
                    total += square
            for (one, other), both in zip(_PAIRS, products, strict=True):
                if changed[one] and changed[other]:
                    total += both
            np.sqrt(np.maximum(total, 0, out=total), out=total)
    return found


def _inverse(correlations: tuple[Halves, ...]) -> tuple[list[Floats], list[Floats]]:
    """The inverse of their matrix: its diagonal, and what is beside it in the order of pairs."""
    a, b, c = (some.astype(np.float32) for some in correlations)
    determinant = np.maximum(1 + 2 * a * b * c - a * a - b * b - c * c, _LEAST_DETERMINANT)
    own = [(1 - x * x) / determinant for x in (c, b, a)]
    return own, [x / determinant for x in (b * c - a, a * c - b, a * b - c)]


def _bits(weights: Floats, planes: int) -> float:
    """The entropy of the changes of the first planes, in bits, of all pixels together."""
    later = tuple(range(1 + planes, 1 + _PLANES))
    shares = weights.sum(later).reshape(2, 1 << planes, -1)
    shares[0, 0] += shares[1, 0]
    shares[1, 0] = 0
    shares /= shares.sum((0, 1))
    return float(-(shares * np.log2(np.maximum(shares, _LEAST))).sum(dtype=np.float64))


def _sampled(noise: Noise) -> tuple[int, Noise]:
    """One of how many pixels, and these."""
    step = max(1, len(noise) // _LOOKED_AT)
    return step, noise.at(slice(None, None, step))


def _some(planes: tuple[Halves, ...], which: slice) -> tuple[Halves, ...]:
    return tuple(plane[which] for plane in planes)
