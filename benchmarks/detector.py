"""A small trained detector: fixed high-pass residuals, then a few learned layers, in Keras.

The filters are of the kind of the spatial rich model (J. Fridrich, J. Kodovsky, IEEE TIFS 2012),
the 5x5 one being the KV filter; networks for steganalysis start from them since Qian et al. 2015.
Residuals of red, green and blue stand side by side, so that the layers can tell noise that the
three share, as a photograph's, from noise that they do not.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime._pictures import Picture

# Residuals are cut off here: content makes large ones, hiding small ones.
_LARGEST = 16.0
_PATCH = 96
_BATCH_PAIRS = 8
_WIDTH = 24

_FILTERS = (
    (np.array([[-1, 1]]), 1.0),
    (np.array([[1, -2, 1]]), 2.0),
    (np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]]), 4.0),
    (
        np.array(
            [
                [-1, 2, -2, 2, -1],
                [2, -6, 8, -6, 2],
                [-2, 8, -12, 8, -2],
                [2, -6, 8, -6, 2],
                [-1, 2, -2, 2, -1],
            ]
        ),
        12.0,
    ),
)


def import_keras() -> Any:
    """Keras on the backend that KERAS_BACKEND names, else TensorFlow, else JAX.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if find_spec("tensorflow") is None:
        # What the extra of these benchmarks installs, as it is far smaller than TensorFlow.
        os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    return keras


def residuals(picture: Picture) -> NDArray[np.int8]:
    """High-pass residuals, int8 (height, width, 12), in quarters of a level, up to 4 levels."""
    samples = picture.astype(np.float32)
    found = []
    for kernel, norm in _FILTERS:
        # Up to a gain of four for the filters that sum many samples, so that all fit one range.
        filtered = cv2.filter2D(samples, cv2.CV_32F, kernel.astype(np.float32) * (4 / norm))
        found.append(np.clip(np.rint(filtered), -_LARGEST, _LARGEST))
    return np.concatenate(found, axis=2).astype(np.int8)


class Detector:
    """Learns to tell containers from covers.

    Args:
        seed: Of its first weights and of the order of training.
    """

    def __init__(self, seed: int = 0) -> None:
        keras = import_keras()
        keras.utils.set_random_seed(seed)
        self._generator = np.random.default_rng(seed)
        layers = keras.layers
        self._model = keras.Sequential(
            [
                layers.Input((None, None, 3 * len(_FILTERS))),
                layers.Rescaling(1 / 8),
                layers.Conv2D(_WIDTH, 1, activation="relu"),
                layers.Conv2D(_WIDTH, 1, activation="relu"),
                layers.AveragePooling2D(8),
                layers.Conv2D(_WIDTH, 3, activation="relu"),
                layers.GlobalAveragePooling2D(),
                layers.Dense(1),
            ]
        )
        self._model.compile(
            optimizer=keras.optimizers.Adam(2e-3),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            # TensorFlow takes longer to compile than to learn; JAX is slow without.
            jit_compile=keras.backend.backend() == "jax",
        )

    def train(
        self, covers: NDArray[np.int8], containers: NDArray[np.int8], steps: int
    ) -> list[float]:
        """Trains on pairs, each cover with its own container in one batch.

        Args:
            covers: Residuals, int8 (pairs, height, width, channels).
            containers: Those of the containers, in the same order.
            steps: Of eight pairs each.

        Returns:
            The loss of each step.
        """
        losses = []
        rate = self._model.optimizer.learning_rate
        first = float(np.asarray(rate))
        for step in range(steps):
            rate.assign(first * 0.5 * (1 + np.cos(np.pi * step / steps)))
            chosen = self._generator.choice(len(covers), min(_BATCH_PAIRS, len(covers)), False)
            batch = [
                patch
                for index in chosen
                for patch in self._patches(covers[index], containers[index])
            ]
            truth = np.tile([0.0, 1.0], len(chosen)).astype(np.float32)[:, None]
            losses.append(float(self._model.train_on_batch(_float(batch), truth)))
        return losses

    def scores(self, pictures: NDArray[np.int8]) -> NDArray[np.float64]:
        """A score for each picture's residuals; above nought it is taken for a container."""
        found: list[Any] = [
            self._model.predict_on_batch(_float(pictures[start : start + 16]))
            for start in range(0, len(pictures), 16)
        ]
        return np.concatenate(found)[:, 0].astype(np.float64)

    def _patches(self, *pictures: NDArray[np.int8]) -> list[NDArray[np.int8]]:
        """The same patch of each, turned and mirrored at random."""
        height, width, _ = pictures[0].shape
        top = int(self._generator.integers(0, height - _PATCH + 1))
        left = int(self._generator.integers(0, width - _PATCH + 1))
        mirrored = self._generator.random() < 0.5
        patches = []
        for picture in pictures:
            patch = picture[top : top + _PATCH, left : left + _PATCH]
            patches.append(patch[:, ::-1] if mirrored else patch)
        return patches


def _float(pictures: Any) -> NDArray[np.float32]:
    return np.stack(list(pictures)).astype(np.float32)
