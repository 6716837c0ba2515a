"""Differentiable versions of what happens to a container between hide and reveal."""

from __future__ import annotations

from typing import Any

from keras import ops


def to_8_bits(picture: Any) -> Any:
    """Clips to 0 .. 1 and rounds to multiples of 1/255, as writing a PNG does.

    The gradient is passed straight through (Bengio, Léonard and Courville, "Estimating or
    Propagating Gradients Through Stochastic Neurons", 2013, section 4). This includes clipped
    samples, which could never return into the range otherwise.
    """
    written = ops.round(ops.clip(picture, 0.0, 1.0) * 255.0) / 255.0
    return picture + ops.stop_gradient(written - picture)
