"""PSNR and SSIM of 8-bit pictures, by scikit-image: independent of the runtime that is measured."""

from __future__ import annotations

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from runtime.images.image import Picture

MAX_PSNR = 108.0
"""Stands for equal pictures, which have no PSNR: about one sample in a million off by one level."""


def psnr(picture: Picture, estimate: Picture) -> float:
    """PSNR in dB over RGB, rounded to 0.001 dB; 108 for equal pictures."""
    with np.errstate(divide="ignore"):
        return round(min(float(peak_signal_noise_ratio(picture, estimate)), MAX_PSNR), 3)


def compare(picture: Picture, estimate: Picture) -> tuple[float, float]:
    """PSNR in dB and SSIM (at most 1), both over RGB."""
    ssim = structural_similarity(picture, estimate, channel_axis=2)
    return psnr(picture, estimate), round(float(ssim), 5)
