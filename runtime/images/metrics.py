"""How much two pictures differ."""

from __future__ import annotations

import math

import numpy as np

from runtime.images.image import Picture

_STRIP = 256


def psnr(picture: Picture, estimate: Picture) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures of one shape, in dB over all samples."""
    total = 0
    # In strips: whole pictures in wider integers would set the peak of a run's memory.
    for top in range(0, picture.shape[0], _STRIP):
        strip = slice(top, top + _STRIP)
        difference = picture[strip].astype(np.int32) - estimate[strip]
        total += int(np.sum(difference * difference, dtype=np.int64))
    return 10.0 * math.log10(255.0**2 * picture.size / total) if total else math.inf
