"""What a picture's pixels say of its past: whether it was a JPEG, and whether it was enlarged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Picture

Floats = NDArray[np.float32]

_BLOCK = 8
_ACROSS = 48  # blocks that are looked at, per side
_STEPS = np.array([*range(1, 21), 22, 24, 26, 28, 32, 36, 40], np.float32)
"""Steps of quantization that are looked for."""

_FREQUENCIES = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (2, 1))
_OUTSTANDING = 8.0
"""Deviations by which the true position of the blocks stands out, at least."""

_LARGE = 0.75
"""Of a step, what a coefficient has to be larger than."""

_SMOOTH = 0.2
_LEAST_SIDE = 64


def was_jpeg(picture: Picture) -> bool:
    """Whether luma shows traces of quantization in blocks of 8x8, at any position of the blocks.

    Rounded multiples of a step make the coefficients of one frequency periodic. How strongly is
    the magnitude of their characteristic function at that period (as in Fan and de Queiroz,
    "Identification of Bitmap Compression History", IEEE TIP 2003, by other means). At the position
    of the blocks it is larger than at the 63 others, whatever the picture shows.
    """
    if min(picture.shape[:2]) < _LEAST_SIDE:
        return False
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    luma = picture.astype(np.float32) @ weights
    scores = np.stack([_periods(values) for values in _coefficients(luma)], axis=1)
    # By period, against the other positions; then the best period of each frequency.
    middle = np.median(scores, axis=0)
    excess = (scores - middle).max(axis=2).sum(axis=1)
    typical = np.median(excess)
    spread = 1.4826 * np.median(np.abs(excess - typical)) + 1e-3
    return bool((excess.max() - typical) / spread > _OUTSTANDING)


def was_enlarged(picture: Picture) -> bool:
    """Whether a picture has next to no detail at its own size, as one that was doubled."""
    if min(picture.shape[:2]) < _LEAST_SIDE:
        return False
    luma = picture.astype(np.float32).mean(axis=2)
    half = _halved(luma)
    fine, coarse = _detail(luma, half), _detail(half, _halved(half))
    return bool(coarse > 0 and fine < _SMOOTH * coarse)


def _coefficients(luma: Floats) -> Iterator[Floats]:
    """Of each frequency, float32 (positions, blocks): of the same blocks at all positions."""
    rows, columns = (_starts(length - _BLOCK + 1) for length in luma.shape)
    span = np.arange(2 * _BLOCK - 1)
    down, along = ((starts[:, None] + span).reshape(-1) for starts in (rows, columns))
    tiles = luma[np.ix_(down, along)].reshape(len(rows), len(span), len(columns), len(span))
    waves = _waves_at_all_positions()
    found = np.moveaxis(tiles @ waves.T, 1, 3) @ waves.T
    found = found.reshape(len(rows) * len(columns), _BLOCK, -1, _BLOCK, waves.shape[0] // _BLOCK)
    for vertical, horizontal in _FREQUENCIES:
        values = found[:, :, horizontal, :, vertical]
        yield np.ascontiguousarray(values.reshape(len(found), -1).T)


def _periods(values: Floats) -> Floats:
    """How periodic coefficients are, float32 (positions, steps)."""
    found = np.zeros((len(values), len(_STEPS)), np.float32)
    for position, sizes in enumerate(np.sort(np.abs(values), axis=1)):
        # Coefficients of zero are multiples of any step.
        firsts = np.searchsorted(sizes, _LARGE * _STEPS, side="right")
        for number, (step, first) in enumerate(zip(_STEPS, firsts, strict=True)):
            count = len(sizes) - first
            if count > _BLOCK:
                waves = np.cos(np.float32(2 * np.pi / step) * sizes[first:])
                found[position, number] = waves.sum() / np.sqrt(count)
    return found


def _starts(length: int) -> NDArray[np.intp]:
    """First pixels of evenly spaced blocks."""
    blocks = length // _BLOCK
    return np.unique(np.linspace(0, blocks - 1, min(blocks, _ACROSS)).astype(np.intp)) * _BLOCK


@cache
def _waves_at_all_positions() -> Floats:
    """The DCT of 8 samples from each of the first 8 of 15 on, float32 (positions * waves, 15)."""
    of_samples = cv2.dct(np.eye(_BLOCK, dtype=np.float32), flags=cv2.DCT_ROWS)
    waves = of_samples.T[: 1 + max(map(max, _FREQUENCIES))]
    return np.concatenate(
        [np.pad(waves, ((0, 0), (first, _BLOCK - 1 - first))) for first in range(_BLOCK)]
    )


def _halved(luma: Floats) -> Floats:
    size = luma.shape[1] // 2, luma.shape[0] // 2
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.float32)


def _detail(luma: Floats, half: Floats) -> float:
    """Mean square of what is lost at half the size."""
    size = luma.shape[1], luma.shape[0]
    back = cv2.resize(half, size, interpolation=cv2.INTER_CUBIC)
    return float(np.mean((luma - back) ** 2))
