"""A small trained detector: fixed high-pass residuals, then a few learned layers, in Keras.

The filters are those of the spatial rich model (J. Fridrich, J. Kodovsky, IEEE TIFS 2012); the
5x5 one is the KV filter. Steganalysis networks have started from them since Qian et al. 2015. The
residuals of red, green and blue are stacked, so that the layers can tell noise that all share, as
in a photograph, from noise that they do not share.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Picture

# Residuals are clipped here: image content makes large ones, hiding makes small ones.
_CLIP = 16.0
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
    """Imports Keras, with the backend named by KERAS_BACKEND, else TensorFlow, else JAX.

    Raises:
        ModuleNotFoundError: Keras or the backend is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if find_spec("tensorflow") is None:
        # The extra `bench` installs JAX, which is far smaller than TensorFlow.
        os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    return keras


def residuals(picture: Picture) -> NDArray[np.int8]:
    """High-pass residuals, int8 (height, width, 12), in quarters of a level, clipped at 4 levels.

    Args:
        picture: uint8 (height, width, 3), RGB.
    """
    samples = picture.astype(np.float32)
    filtered = []
    for kernel, norm in _FILTERS:
        # Filters that sum many samples are scaled down, so that all residuals have one range.
        response = cv2.filter2D(samples, cv2.CV_32F, kernel.astype(np.float32) * (4 / norm))
        filtered.append(np.clip(np.rint(response), -_CLIP, _CLIP))
    return np.concatenate(filtered, axis=2).astype(np.int8)


class Detector:
    """Learns to tell containers from covers.

    Args:
        seed: Determines the initial weights and the order of training.
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
            # TensorFlow takes longer to compile than to train; JAX is slow without compilation.
            jit_compile=keras.backend.backend() == "jax",
        )

    def train(
        self, covers: NDArray[np.int8], containers: NDArray[np.int8], steps: int
    ) -> list[float]:
        """Trains on pairs; a cover and its container are always in the same batch.

        Args:
            covers: Residuals of the covers, int8 (pairs, height, width, 12).
            containers: Residuals of the containers, in the same order.
            steps: Number of batches, each of eight pairs.

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
        """A score for each picture; above zero it is taken for a container.

        Args:
            pictures: Residuals, int8 (pictures, height, width, 12).
        """
        scores: list[Any] = [
            self._model.predict_on_batch(_float(pictures[start : start + 16]))
            for start in range(0, len(pictures), 16)
        ]
        return np.concatenate(scores)[:, 0].astype(np.float64)

    def _patches(self, *pictures: NDArray[np.int8]) -> list[NDArray[np.int8]]:
        """The same patch of each picture, at a random place and mirrored at random."""
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
