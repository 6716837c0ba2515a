"""What the restoring network gets of the codec: a decoded picture as floats, and the step."""

from __future__ import annotations

import numpy as np

from training.clear import layout
from training.clear.codec import Code, Codec
from training.clear.layout import Floats, Pictures


def decode(codec: Codec, code: Code) -> Floats:
    """The picture of a code, float32 (rows, columns, 3), whole quads, not rounded nor clipped."""
    return layout.synthesis(codec.dequantise(code))


def step_of(code: Code) -> np.float32:
    """The quantiser's step of a code."""
    return np.float32(layout.step_sizes()[code.rung])


def quantised(codec: Codec, secret: Pictures, rung: int) -> Floats:
    """A secret as it would be decoded, had it been coded at an operating point."""
    return decode(codec, codec.quantise(layout.transform(secret), rung, own=True))


# Mean of log2(1 + |coefficient| / step) at which the code takes `payload` bits a sample: measured
# on validation photographs, at most 0.1 off (one standard deviation).
_RATE_OFFSET, _RATE_SLOPE = 0.08, 0.434


def rung_for(coefficients: Floats, payload: float) -> int:
    """About the operating point at which a picture takes `payload` bits a sample.

    Close enough to draw training examples; `Codec.choose` is exact, and takes a second.

    Args:
        coefficients: Of the picture, or a sample of its blocks, float32 (192, ...).
        payload: Bits a sample.
    """
    magnitudes = np.abs(coefficients)
    steps = layout.step_sizes()
    low, high = 0, layout.RUNGS - 1
    while low < high:
        middle = (low + high) // 2
        rate = np.log2(1.0 + magnitudes / steps[middle]).mean()
        if rate <= _RATE_OFFSET + _RATE_SLOPE * payload:
            high = middle
        else:
            low = middle + 1
    return low
