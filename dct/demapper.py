"""How far to trust each place: what is left of each coefficient, and how much noise it has.

Both are found in the picture itself, from its pilots, from the description once it is decoded, and
from all other places, whose bits are unknown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dct.blocks import Floats
from dct.strengths import Strength

# Concentrations that are tried: of an angle's von Mises distribution around its lattice point.
_TRIED = np.concatenate([[0.0], np.geomspace(0.1, 10.0, 23)]).astype(np.float32)


def _log_bessel() -> NDArray[np.float64]:
    angle = np.linspace(0.0, np.pi, 2001)
    return np.asarray(np.log(np.exp(_TRIED[:, None] * (np.cos(angle) - 1)).mean(axis=1)) + _TRIED)


_LOG_BESSEL = _log_bessel()
# Of these, the ones by which gains are judged.
_FITTED = (1, 6, 11, 16, 21)


MOST_TRUSTED = np.float32(5.0)
"""Most that a place counts, as a log ratio: some are far off, as where clipping took all."""


def soft_bits(trusted: Floats, near: Floats) -> Floats:
    """Logarithms of how much more probable 0 is than 1, float32, of closeness, (..., places)."""
    return np.asarray(np.clip(2 * trusted * near, -MOST_TRUSTED, MOST_TRUSTED))


def trust(known: list[Floats], unknown: list[Floats], smooth: float = 30.0) -> Floats:
    """Concentration of each place, float32 (places,): twice it times closeness is the log ratio.

    Args:
        known: For each place, closeness of coefficients to the lattice point of their known bit.
        unknown: For each place, closeness where the bit is not known.
        smooth: How many coefficients the mean over all places counts as.
    """
    scores = np.empty((len(known), len(_TRIED)))
    counts = np.empty(len(known))
    for place, (sure, unsure) in enumerate(zip(known, unknown, strict=True)):
        size = np.abs(unsure)[:, None] * _TRIED
        of_unknown = (size + np.log1p(np.exp(-2 * size)) - np.log(2.0)).sum(axis=0)
        counts[place] = len(sure) + len(unsure)
        scores[place] = sure.sum() * _TRIED + of_unknown - counts[place] * _LOG_BESSEL
    mean = scores.sum(axis=0) / max(counts.sum(), 1.0)
    best = (scores + smooth * mean).argmax(axis=1)
    return np.asarray(_TRIED[best])


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
    share /= share.sum()
    squares = strength.frequencies[places] ** 2
    best, found = -2.0, (1.0, 0.0)
    contrasts = np.unique(np.r_[np.linspace(0.8, 1.25, 91), 1.0])
    # What is best by chance is not better.
    doubt = 1.5 * np.sqrt(0.5 * (share**2).sum())
    for blur in np.linspace(-4.0, 16.0, 21):
        divided = values * np.exp(blur * squares)
        turned = divided[:, None] / contrasts - turns[:, None]
        means = share @ np.cos(2 * np.pi * turned)
        means -= doubt * np.minimum(np.abs(np.log(contrasts)) * 20 + np.abs(blur) / 4, 1.0)
        if means.max() > best:
            best, found = means.max(), (contrasts[means.argmax()], blur)
    contrast, blur = found
    return np.asarray(contrast * np.exp(-blur * strength.frequencies**2), np.float32)


def refined(strength: Strength, read: Floats, turns: Floats, gain: Floats) -> Floats:
    """Gains that fit coefficients whose bits are not known, near gains that are given.

    First contrast and blur of all places, then each place by itself, for the coefficients that lie
    nearest to either lattice.

    Args:
        strength: The strength.
        read: Coefficients, float32 (blocks, places).
        turns: Dither in turns, float32 (blocks, places).
        gain: What is left of each coefficient, about, float32 (places,).
    """
    values = read / strength.steps

    def fit(tried: Floats) -> Floats:
        near = np.abs(np.cos(np.float32(2 * np.pi) * (values / tried - turns)))
        fits = []
        for number in _FITTED:
            size = near * _TRIED[number]
            fits.append((size + np.log1p(np.exp(-2 * size))).mean(axis=0) - _LOG_BESSEL[number])
        return np.asarray(np.max(fits, axis=0) - np.log(2.0))

    squares = strength.frequencies**2
    for blur in (4.0, 2.0, 1.0):
        for contrast in (0.02, 0.01, 0.005):
            options = [gain, np.ones_like(gain)]
            for more in (-blur, 0.0, blur):
                for less in (-contrast, 0.0, contrast):
                    if more or less:
                        options.append((gain * np.exp(less - more * squares)).astype(np.float32))
            gain = max(options, key=lambda tried: float(fit(tried).sum()))
    for change in (0.04, 0.02, 0.01):
        tried = [gain, gain * np.float32(1 - change), gain * np.float32(1 + change)]
        fits = np.stack([fit(one) for one in tried])
        # What is best by chance is not better.
        fits[0] += 1.0 / np.sqrt(len(read))
        gain = np.take_along_axis(np.stack(tried), fits.argmax(axis=0)[None], axis=0)[0]
    return gain
