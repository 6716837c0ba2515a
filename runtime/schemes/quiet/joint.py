"""What changes of a pixel's three samples cost together, and how often each is best.

The noise of a photograph moves its channels together, as they were interpolated from each other, so
that a change of all three is often harder to tell from it than a change of one. Changes of a pixel
all go in one direction, and cost sqrt(x R^-1 x): x are the costs of each alone, which are inverse
to the deviation of the noise, R its correlations. This is the length of the change, measured in
deviations of that noise.

Best are changes with probabilities in proportion to exp(-factor cost) (Filler, Fridrich, "Gibbs
Construction in Steganography", IEEE TIFS 2010). Which samples change is written plane by plane,
each with costs that follow from these probabilities and the changes that were made before. Both
directions of a pixel are open if they cost about the same, so that the direction carries a bit;
else it goes where it costs less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome.plane import Flags, Floats

Halves = NDArray[np.float16]
"""Precise enough here, and half of what large pictures need."""

_CHUNK = 1 << 15
# Pixels whose energies are kept: of a larger picture they would take too much memory.
_KEPT = 1 << 21
_LOOKED_AT = 1 << 14
_STEPS = 25
_PLANES = 3
_PAIRS = ((0, 1), (0, 2), (1, 2))
_LEAST_DETERMINANT = 1e-3
_LEAST = np.float32(1e-37)
# Nats that a bit is worth: what either of two directions costs more on average than the better one.
_BIT = np.float32(np.log(2))


@dataclass(frozen=True, eq=False)
class Noise:
    """What is known of the pixels of a cover; planes in the order in which they are written.

    Attributes:
        up: float16 (pixels,) each, what one more costs in this plane alone; infinite where it must
            not change.
        down: The same of one less; the same arrays if both cost the same.
        correlations: float16 (pixels,) each, of the noise of the first and second plane, the first
            and third, the second and third; above -1 and below 1.
        kept: Energies that are needed again, by the first pixel of a chunk.
    """

    up: tuple[Halves, ...]
    down: tuple[Halves, ...]
    correlations: tuple[Halves, ...]
    kept: dict[int, Floats] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.up[0])

    def at(self, which: slice) -> Noise:
        """Of some pixels."""
        up = _some(self.up, which)
        down = up if self.down is self.up else _some(self.down, which)
        return Noise(up, down, _some(self.correlations, which))


@dataclass(frozen=True)
class Carried:
    """About how many bits the best changes carry.

    Attributes:
        planes: By which samples change, of each plane, given those before it.
        directions: By the directions of pixels whose first change is in each plane.
    """

    planes: tuple[float, ...]
    directions: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Directions:
    """Which way pixels that change best go.

    Attributes:
        are_open: Either way is as good, bool (pixels,); only where something changes.
        up: Where up is better, bool (pixels,).
    """

    are_open: Flags
    up: Flags


def least_factor(noise: Noise, bits: float) -> float:
    """The factor at which the best changes carry so many bits, or the largest tried."""
    step, some = _sampled(noise)
    energies = _energies(some)
    low, high = 1e-6, 1e6
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        weights, are_open = _weights(energies, middle)
        is_more = step * (_bits(weights, _PLANES) + sum(_open(weights, are_open))) > bits
        low, high = (middle, high) if is_more else (low, middle)
    return low


def carried(noise: Noise, factor: float) -> Carried:
    """About how many bits the best changes carry."""
    step, some = _sampled(noise)
    weights, are_open = _weights(_energies(some), factor)
    bits = [step * _bits(weights, planes) for planes in range(_PLANES + 1)]
    return Carried(
        tuple(np.diff(bits).tolist()), tuple(step * part for part in _open(weights, are_open))
    )


def costs(noise: Noise, factor: float, changed: Sequence[Flags]) -> Halves:
    """What changes of the next plane cost, float16 (pixels,), in nats.

    That is the logarithm of how much likelier none is, so that it is below 0 where one is likelier.

    Args:
        noise: Of all pixels.
        factor: See `least_factor`.
        changed: Where planes before change, bool (pixels,) each.
    """
    result = np.empty(len(noise), np.float16)
    for some, energies in _chunks(noise):
        weights, _ = _weights(_given(energies, changed, some), factor, _none(changed, some))
        stays, changes = weights.sum(tuple(range(1, weights.ndim - 1)))
        # After a change that is next to impossible, no other is likelier than any.
        stays = np.where((stays == 0) & (changes == 0), np.float32(1), stays)
        nats = np.log(np.maximum(stays, _LEAST)) - np.log(np.maximum(changes, _LEAST))
        result[some] = np.where(np.isinf(noise.up[len(changed)][some]), np.inf, nats)
    return result


def directions(noise: Noise, factor: float, changed: Sequence[Flags]) -> Directions:
    """Which way pixels go whose samples change so, bool (pixels,) for each plane."""
    are_open, up = np.empty((2, len(noise)), bool)
    for some, of_all in _chunks(noise):
        energies = _given(of_all, changed, some)
        up[some] = energies[0] < energies[-1]
        are_open[some] = _are_open(energies, factor)
    are_open &= np.any(changed, axis=0)
    return Directions(are_open, up)


def changing(noise: Noise, factor: float) -> list[Floats]:
    """The probability that the best changes change each sample, float32 (pixels,) a plane."""
    found = np.empty((_PLANES, len(noise)), np.float32)
    for some, energies in _chunks(noise):
        weights, _ = _weights(energies, factor)
        total = weights.sum((0, 1, 2))
        for plane in range(_PLANES):
            found[plane, some] = weights.take(1, axis=plane).sum((0, 1)) / total
    return list(found)


def _given(energies: Floats, changed: Sequence[Flags], some: slice) -> Floats:
    """Those that are left of the next planes, where planes before change so."""
    for flags in changed:
        energies = np.where(flags[some], energies[:, 1], energies[:, 0])
    return energies


def _none(changed: Sequence[Flags], some: slice) -> Flags | None:
    """Pixels of which no plane before changes; None if none is before."""
    return ~np.any([flags[some] for flags in changed], axis=0) if changed else None


def _weights(
    energies: Floats, factor: float, unchanged: Flags | None = None
) -> tuple[Floats, Flags]:
    """How likely samples change, and where directions are open.

    Args:
        energies: float32 (1 or 2, 2, ..., pixels): of changes of the next planes.
        factor: See `least_factor`.
        unchanged: bool (pixels,), where no plane before changes; None for all.

    Returns:
        float32 and bool (2, ..., pixels).
    """
    are_open = _are_open(energies, factor)
    costs = np.where(are_open, energies.mean(0), energies.min(0))
    weights = np.where(are_open, np.float32(2), np.float32(1)) * np.exp(np.float32(-factor) * costs)
    stays = (0,) * (weights.ndim - 1)
    weights[stays] = 1 if unchanged is None else np.where(unchanged, 1, weights[stays])
    are_open[stays] &= False if unchanged is None else ~unchanged
    return weights, are_open


def _are_open(energies: Floats, factor: float) -> Flags:
    may_change: Flags = np.isfinite(energies[0])
    if len(energies) == 1:
        return may_change
    up, down = energies
    apart = np.zeros_like(up)
    np.subtract(up, down, out=apart, where=may_change)
    is_little: Flags = np.float32(factor / 2) * np.abs(apart) < _BIT
    return may_change & is_little


def _chunks(noise: Noise) -> Iterator[tuple[slice, Floats]]:
    """Some pixels after others, and their energies."""
    for start in range(0, len(noise), _CHUNK):
        some = slice(start, start + _CHUNK)
        energies = noise.kept.get(start)
        if energies is None:
            energies = _energies(noise.at(some))
            if len(noise) <= _KEPT:
                noise.kept[start] = energies
        yield some, energies


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
    """The entropy of which samples of the first planes change, in bits, of all pixels together."""
    shares = weights.sum(tuple(range(planes, _PLANES))).reshape(1 << planes, -1)
    shares = shares / shares.sum(0)
    return float(-(shares * np.log2(np.maximum(shares, _LEAST))).sum(dtype=np.float64))


def _open(weights: Floats, are_open: Flags) -> list[float]:
    """How many pixels have an open direction, by the plane that changes first."""
    shares = np.where(are_open, weights, 0) / weights.sum((0, 1, 2))
    first = shares[1], shares[0, 1], shares[0, 0, 1]
    return [float(some.sum(dtype=np.float64)) for some in first]


def _sampled(noise: Noise) -> tuple[int, Noise]:
    """One of how many pixels, and these."""
    step = max(1, len(noise) // _LOOKED_AT)
    return step, noise.at(slice(None, None, step))


def _some(planes: tuple[Halves, ...], which: slice) -> tuple[Halves, ...]:
    return tuple(plane[which] for plane in planes)
