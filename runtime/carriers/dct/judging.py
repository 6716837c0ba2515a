"""How far to trust each place: what is left of each coefficient, and how much noise it has.

Both are found in the picture itself, from its pilots, from the description once it is decoded, and
from all other places, whose bits are unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct.networks import Floats
from runtime.carriers.dct.strengths import Strength

# Deviations of noise that are tried, in turns, and the share of places that are far off.
_NOISES = np.geomspace(0.02, 0.5, 24)
_FAR_OFF = 0.01
_BINS = 256
# How many coefficients the mean over all places counts as.
_SMOOTH = 300.0
# How many classes of blocks have noise of their own, and the least of a class.
_CLASSES, _LEAST_IN_CLASS = 3, 100
# Blurs that are tried, and where no bit is known, those near the best of them and how far from its
# contrast others are tried: the first with a few blocks, these with more.
_BLURS, _NEAR_BLURS, _NEAR = np.linspace(-4.0, 16.0, 21), np.linspace(-0.75, 0.75, 7), 0.0075
_FEW_BLOCKS, _BLOCKS = 384, 1024


@dataclass(frozen=True)
class _Inverses:
    """Contrasts that are tried, as what coefficients are multiplied by to undo them.

    Attributes:
        first: The least.
        step: How far they are from each other.
        count: How many.
    """

    first: float
    step: float
    count: int

    @property
    def values(self) -> NDArray[np.float64]:
        """All of them, float64 (count,)."""
        return np.asarray(self.first + self.step * np.arange(self.count))

    def closeness(self, values: Floats, turns: Floats, share: Floats) -> Floats:
        """Mean cosine of how many turns coefficients are from where they should be, by contrast.

        A few cosines give all, as angles of sums are products of complex numbers.

        Args:
            values: Coefficients in turns, float32 (n,).
            turns: Where they should be, float32 (n,).
            share: What each counts, float32 (n,).
        """
        fine = isqrt(self.count - 1) + 1
        coarse = -(-self.count // fine)
        none = np.ones(len(values), np.complex64)
        steps = _turning(none, _rotations(self.step * values), fine + 1)
        first = share * _rotations(self.first * values - turns)
        jumps, steps = _turning(first, steps[-1], coarse), steps[:-1]
        means = jumps.real @ steps.real.T - jumps.imag @ steps.imag.T
        return np.asarray(means.reshape(-1)[: self.count])


# Those of gain and contrast, which include 1.
_INVERSES = _Inverses(0.8, 0.005, 91)


def _turning(
    first: NDArray[np.complex64], step: NDArray[np.complex64], count: int
) -> NDArray[np.complex64]:
    """Numbers on from the first, each a step further than the last, (count, n)."""
    every = np.empty((count, len(first)), np.complex64)
    every[0] = first
    for number in range(1, count):
        np.multiply(every[number - 1], step, out=every[number])
    return every


def _rotations(turns: Floats) -> NDArray[np.complex64]:
    angles = np.float32(2 * np.pi) * (turns - np.rint(turns)).astype(np.float32)
    return np.asarray(np.cos(angles) + np.complex64(1j) * np.sin(angles), np.complex64)


def turned(read: Floats, phases: NDArray[np.uint8], steps: Floats) -> NDArray[np.int64]:
    """How far coefficients are from the lattice of zero: 0 on it, 128 on that of one, below 256.

    Args:
        read: Coefficients, float32 (blocks, places).
        phases: uint8 (blocks, places).
        steps: Steps, times what the channel left of each coefficient, float32 (places,).
    """
    turns = read / steps - phases.astype(np.float32) * np.float32(1 / 256)
    return (turns * np.float32(_BINS)).astype(np.int64) & (_BINS - 1)


@cache
def _densities(stride: float) -> NDArray[np.float64]:
    """How probable it is to be so far off, by noise, (noises, 256); 1 on the mean.

    Hiding leaves coefficients evenly spread around their lattice point, as far as its stride is
    less than one. Noise is normal.
    """
    wave = np.arange(1, 65)[:, None]
    turn = (np.arange(_BINS) + 0.5) / _BINS
    spread = np.sinc(wave * (1 - stride)) * 2 * np.cos(2 * np.pi * wave * turn)
    fading = np.exp(-2 * (np.pi * _NOISES[:, None] * wave[:, 0]) ** 2)
    return np.asarray((1 - _FAR_OFF) * np.maximum(1 + fading @ spread, 0.0) + _FAR_OFF)


@cache
def _logarithms(strength: Strength) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logarithms of these, by place, and of their mean over both bits: (places, noises, 256)."""
    density = np.stack([_densities(float(stride)) for stride in strength.strides])
    other = np.roll(density, _BINS // 2, axis=2)
    return np.log(density), np.log((density + other) / 2)


@dataclass(frozen=True, eq=False)
class Noise:
    """What is known of the noise of each place.

    Attributes:
        ratios: Logarithms of how much more probable 0 is than 1, by place and how far off a
            coefficient is, float32 (places, 256).
    """

    ratios: Floats

    def soft_bits(self, turns: NDArray[np.int64], places: NDArray[np.int64]) -> Floats:
        """These logarithms for coefficients of some places; both arrays as `turned` gives them."""
        return np.asarray(self.ratios.reshape(-1)[places * _BINS + turns])


def noise_of(
    strength: Strength,
    known: tuple[NDArray[np.int64], NDArray[np.int64]],
    unknown: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
) -> Noise:
    """The noise that fits best.

    Args:
        strength: The strength.
        known: How far off coefficients are whose bit is known, and their places.
        unknown: The same where it is not.
    """

    def counts(of: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[np.int64]:
        turns, places = (array.reshape(-1) for array in of)
        total = np.bincount(places * _BINS + turns, minlength=strength.places * _BINS)
        return total.reshape(strength.places, _BINS)

    of_known, of_unknown = _logarithms(strength)
    seen = counts(known)
    scores = np.einsum("pb,pnb->pn", seen, of_known)
    if unknown is not None:
        unsure = counts(unknown)
        seen = seen + unsure
        scores += np.einsum("pb,pnb->pn", unsure, of_unknown)
    scores += _SMOOTH * scores.sum(axis=0) / max(int(seen.sum()), 1)
    right = of_known[np.arange(strength.places), scores.argmax(axis=1)]
    ratios = right - np.roll(right, _BINS // 2, axis=1)
    return Noise(ratios.astype(np.float32))


def busyness(read: Floats, of: Floats) -> NDArray[np.int64]:
    """Which of a few classes each block is of, by how large its coefficients are, int64 (blocks,).

    JPEG and resizing change more where a picture is busy, so each class has noise of its own.

    Args:
        read: Coefficients, float32 (blocks, places).
        of: All that are judged together, which are parted into classes of one size.
    """

    def size(blocks: Floats) -> Floats:
        return np.asarray(np.log1p(np.abs(blocks)).mean(axis=1), np.float32)

    classes = max(1, min(_CLASSES, len(of) // _LEAST_IN_CLASS))
    edges = np.quantile(size(of), np.arange(1, classes) / classes)
    return np.asarray(np.searchsorted(edges, size(read)), np.int64)


def gains(
    strength: Strength,
    read: Floats,
    turns: Floats,
    blocks: NDArray[np.int64],
    places: NDArray[np.int64],
) -> Floats:
    """What the channel left of each coefficient, float32 (places,), by known coefficients.

    Contrast and blur are tried together, contrast * exp(-blur * frequency**2), for the greatest
    closeness.

    Args:
        strength: The strength.
        read: Coefficients, float32 (blocks, places).
        turns: Known phases in turns, float32 (n,).
        blocks: Which blocks they are of, int64 (n,).
        places: Which places, int64 (n,).
    """
    values = read[blocks, places] / strength.steps[places]
    # Each place counts alike, though a few are known far more often.
    share = 1.0 / np.bincount(places, minlength=strength.places)[places]
    share = (share / share.sum()).astype(np.float32)
    squares = strength.frequencies[places] ** 2
    best, found = -2.0, (1.0, 0.0)
    # What is best by chance is not better.
    doubt = 1.5 * np.sqrt(0.5 * (share**2).sum())
    for blur in _BLURS:
        divided = values * np.exp(blur * squares)
        means = _INVERSES.closeness(divided, turns, share)
        doubts = np.abs(np.log(_INVERSES.values)) * 20 + np.abs(blur) / 4
        means -= doubt * np.minimum(doubts, 1.0)
        if means.max() > best:
            best, found = float(means.max()), (1 / _INVERSES.values[means.argmax()], float(blur))
    return left_by(strength, *found)


def blind_gains(strength: Strength, read: Floats, phases: NDArray[np.uint8]) -> list[Floats]:
    """The same as `gains` where no bit is known, by all coefficients; several guesses.

    Coefficients are close to the lattice of zero or that of one, which together repeat twice as
    often. The blur at which they are closest is too large where a cover is smooth, since hiding
    moves coefficients less than all the way, and to the side of zero. So two guesses have less.

    Args:
        strength: The strength.
        read: Coefficients, float32 (blocks, places).
        phases: Of zeros, uint8 (blocks, places).
    """
    some = slice(None, None, max(1, len(read) // _BLOCKS))
    values = read[some] / strength.steps
    turns = phases[some].astype(np.float32) * np.float32(1 / 256)
    few = slice(None, None, max(1, len(values) // _FEW_BLOCKS))

    def closest(
        blurs: NDArray[np.float64], inverses: _Inverses, part: slice[None, None, int | None]
    ) -> tuple[float, float]:
        found, twice = (-2.0, 1.0, 0.0), 2 * turns[part].reshape(-1)
        share = np.full(twice.shape, 1 / twice.size, np.float32)
        for blur in blurs:
            divided = 2 * (values[part] / left_by(strength, 1.0, blur)).reshape(-1)
            means = inverses.closeness(divided, twice, share)
            found = max(found, (float(means.max()), inverses.values[means.argmax()], float(blur)))
        return found[1:]

    inverse, blur = closest(_BLURS, _INVERSES, few)
    near = _Inverses(inverse - _NEAR, _NEAR / 3, 7)
    inverse, blur = closest(blur + _NEAR_BLURS, near, slice(None, None, None))
    contrast = 1 / inverse
    guesses = (1.0, 0.8 * blur), (1.0, 0.6 * blur), (contrast, blur)
    return [left_by(strength, *guess) for guess in guesses]


def left_by(strength: Strength, contrast: float, blur: float) -> Floats:
    """What a contrast and a blur leave of each coefficient, float32 (places,)."""
    return np.asarray(contrast * np.exp(-blur * strength.frequencies**2), np.float32)
