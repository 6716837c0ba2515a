"""A trained detector of our own that is told where `quiet` would change a picture.

It sees high-pass residuals and, for each sample, the probability with which the best changes at the
payload would meet it, from the costs of the picture that is tested: those of a container are
almost those of its cover. Detectors know so where to look (Ye, Ni, Yi, "Deep Learning Hierarchical
Representations for Image Steganalysis", IEEE TIFS 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectability.detector import RESIDUALS, Detector, residuals
from benchmarks.detectability.judges.covers import Cover
from benchmarks.detectability.judges.ensemble import summary
from benchmarks.detectability.judges.kinds import Setting, quiet_planes
from runtime.images.image import Picture
from runtime.schemes.quiet import joint
from runtime.schemes.quiet.costs import PLANES

_WIDTH = 16
_SAMPLES = 3
_MOST = 2 / 3  # of the probability of a change by one
_SCALE = 127


def verdict(
    setting: Setting, training: Sequence[Cover], test: Sequence[Cover], first: int, steps: int
) -> dict[str, Any]:
    """How often a network is right on photographs that it was not trained on.

    Args:
        setting: What it is trained and tested against.
        training: Covers to learn from, numbered from 0 on.
        test: Covers to test on.
        first: Number of the first of these.
        steps: Training steps of eight pairs.
    """
    detector = Detector(layers=_layers)
    losses = detector.train(*_both(setting, training, 0), steps)
    # One after the other, as whole photographs differ in size.
    scores = [
        [float(detector.scores([planes])[0]) for planes in some]
        for some in _both(setting, test, first)
    ]
    return {
        **summary(np.array(scores)),
        "training_pairs": len(training),
        "test_pairs": len(test),
        "steps": steps,
        "loss": round(float(np.mean(losses[-100:])), 4),
    }


def _both(
    setting: Setting, covers: Sequence[Cover], first: int
) -> tuple[list[NDArray[np.int8]], list[NDArray[np.int8]]]:
    """What the network sees of covers, and of their containers."""
    containers = (setting.container(cover, n) for n, cover in enumerate(covers, first))
    return (
        [seen(cover.picture, setting.payload) for cover in covers],
        [seen(container, setting.payload) for container in containers],
    )


def seen(picture: Picture, payload: float) -> NDArray[np.int8]:
    """Residuals and probabilities of a picture, int8 (height, width, 15).

    Args:
        picture: uint8 (height, width, 3), RGB.
        payload: Bits per sample.
    """
    height, width, _ = picture.shape
    noise = quiet_planes(Cover(picture)).noise
    shares = np.array(joint.changing(noise, joint.least_factor(noise, payload * picture.size)))
    # The root, as most shares are small.
    levels = np.rint(_SCALE * np.sqrt(np.minimum(shares / _MOST, 1))).astype(np.int8)
    by_channel = np.empty((height, width, _SAMPLES), np.int8)
    for channel, plane in zip(PLANES, levels.reshape(_SAMPLES, height, width), strict=True):
        by_channel[..., channel] = plane
    return np.concatenate([residuals(picture), by_channel], axis=2)


def _layers(keras: Any) -> Any:
    """Layers over residuals; what they find is averaged twice, alike and by probability."""
    layers = keras.layers
    planes = layers.Input((None, None, RESIDUALS + _SAMPLES))
    found = layers.Rescaling([1 / 8] * RESIDUALS + [2 / _SCALE] * _SAMPLES)(planes)
    likely = keras.ops.mean(planes[..., RESIDUALS:], axis=-1, keepdims=True) * (4 / _SCALE)
    found = layers.Conv2D(_WIDTH, 3, activation="relu")(found)
    likely = layers.Cropping2D(1)(likely)
    found = layers.Conv2D(_WIDTH, 1, activation="relu")(found)
    found = layers.Concatenate()([found, layers.Multiply()([found, likely])])
    found = layers.AveragePooling2D(8)(found)
    found = layers.Conv2D(_WIDTH, 3, activation="relu")(found)
    found = layers.GlobalAveragePooling2D()(found)
    return keras.Model(planes, layers.Dense(1)(found))
