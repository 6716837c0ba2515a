"""What a picture's pixels say of its past: whether it was a JPEG, and whether it was enlarged."""

from __future__ import annotations

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
_OUTSTANDING = 7.0
"""Deviations by which the true position of the blocks stands out, at least."""

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
    scores = np.stack(
        [_periods(luma, top, left) for top in range(_BLOCK) for left in range(_BLOCK)]
    )
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


def _periods(luma: Floats, top: int, left: int) -> Floats:
    """How periodic coefficients are, float32 (frequencies, steps), with blocks from there on."""
    rows = _starts(luma.shape[0] - top)
    columns = _starts(luma.shape[1] - left)
    height, width = len(rows), len(columns)
    down = (top + rows[:, None] + np.arange(_BLOCK)).reshape(-1)
    along = (left + columns[:, None] + np.arange(_BLOCK)).reshape(-1)
    blocks = luma[np.ix_(down, along)].reshape(height, _BLOCK, width, _BLOCK)
    waves = _waves()[: 1 + max(map(max, _FREQUENCIES))]
    values = np.moveaxis(blocks @ waves.T, 1, 3) @ waves.T
    return np.stack(
        [
            _characteristic(values[..., horizontal, vertical].reshape(-1))
            for vertical, horizontal in _FREQUENCIES
        ]
    )


def _characteristic(values: Floats) -> Floats:
    # Coefficients of zero are multiples of any step.
    far = values[np.abs(values) > 0.75]
    if len(far) < _BLOCK:
        return np.zeros(len(_STEPS), np.float32)
    phases = (2 * np.pi / _STEPS)[:, None] * far
    is_large = np.abs(far) > 0.75 * _STEPS[:, None]
    counts = is_large.sum(axis=1)
    sums = np.where(is_large, np.cos(phases), 0).sum(axis=1)
    return np.asarray(
        np.where(counts > _BLOCK, sums / np.sqrt(np.maximum(counts, 1)), 0), np.float32
    )


def _starts(length: int) -> NDArray[np.intp]:
    """First pixels of evenly spaced blocks."""
    blocks = length // _BLOCK
    return np.unique(np.linspace(0, blocks - 1, min(blocks, _ACROSS)).astype(np.intp)) * _BLOCK


@cache
def _waves() -> Floats:
    """The orthonormal DCT of 8 samples, float32 (frequency, sample)."""
    of_samples = cv2.dct(np.eye(_BLOCK, dtype=np.float32), flags=cv2.DCT_ROWS)
    return np.asarray(of_samples.T, np.float32)


def _halved(luma: Floats) -> Floats:
    size = luma.shape[1] // 2, luma.shape[0] // 2
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.float32)


def _detail(luma: Floats, half: Floats) -> float:
    """Mean square of what is lost at half the size."""
    size = luma.shape[1], luma.shape[0]
    back = cv2.resize(half, size, interpolation=cv2.INTER_CUBIC)
    return float(np.mean((luma - back) ** 2))
