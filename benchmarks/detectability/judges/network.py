"""A trained detector of our own, a convolutional network that is told where `quiet` would hide.

It begins with fixed high-pass filters, as such networks do since Qian et al. 2015, and its first
layers keep the size of the picture, as what they look for is weak (Boroumand, Chen, Fridrich, "Deep
Residual Network for Steganalysis of Digital Images", IEEE TIFS 2019). It learns what is easiest
first, LSB matching at the largest payload, and goes on from there to other ways of hiding and to
smaller payloads, which it would learn hardly or not at all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectability.detector import import_keras
from benchmarks.detectability.judges.ensemble import summary
from benchmarks.detectability.judges.shown import Shown, ShownPairs

_BATCH_PAIRS = 16
_SIDE = 256
_RATE = 1e-3
_WIDTH = 32
_CLIP = 4.0
_KERNEL = 5

# The filters of the spatial rich model (Fridrich, Kodovsky, IEEE TIFS 2012), each with the weight
# that its middle has there.
_FILTERS = (
    ([[-1, 1]], 1),
    ([[-1], [1]], 1),
    ([[1, -2, 1]], 2),
    ([[1], [-2], [1]], 2),
    ([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], 4),
    (
        [
            [-1, 2, -2, 2, -1],
            [2, -6, 8, -6, 2],
            [-2, 8, -12, 8, -2],
            [2, -6, 8, -6, 2],
            [-1, 2, -2, 2, -1],
        ],
        12,
    ),
)
_SYMMETRIES = tuple(product((False, True), range(4)))
"""Whether to mirror, and quarter turns."""


class Network:
    """Learns to tell containers from covers.

    Args:
        seed: Determines the initial weights and the order of training.
    """

    def __init__(self, seed: int = 0) -> None:
        keras = import_keras()
        keras.utils.set_random_seed(seed)
        self._generator = np.random.default_rng(seed)
        self._model = _layers(keras)
        self._model.compile(
            optimizer=keras.optimizers.AdamW(_RATE, weight_decay=1e-3),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            # TensorFlow takes longer to compile than to train; JAX is slow without compilation.
            jit_compile=keras.backend.backend() == "jax",
        )

    def copy(self) -> Network:
        """Another that has learned the same."""
        other = Network()
        other._model.set_weights(self._model.get_weights())
        return other

    def learn(self, pairs: ShownPairs, steps: int) -> list[float]:
        """Goes on learning; a cover and its container are always in the same batch.

        Args:
            pairs: What it learns from.
            steps: Number of batches, each of sixteen pairs or all there are.

        Returns:
            The loss of each step.
        """
        size = min(_BATCH_PAIRS, len(pairs))
        truth = np.tile(np.array([0, 1], np.float32), size)[:, None]
        losses = []
        # Batches are made beside the work on an accelerator.
        with ThreadPoolExecutor(1) as beside:
            following = beside.submit(self._batch, pairs, size)
            for step in range(steps):
                batch = following.result()
                following = beside.submit(self._batch, pairs, size)
                rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
                self._model.optimizer.learning_rate.assign(rate)
                losses.append(float(self._model.train_on_batch(batch, truth)))
        return losses

    def votes(self, pairs: ShownPairs) -> NDArray[np.float64]:
        """Of covers and of containers, float64 (2, pairs); positive for a container.

        Pictures larger than those it learned from are divided into parts, which vote together.
        """
        side = _side_of(pairs.covers)
        return np.array(
            [[self._vote(each, side) for each in some] for some in (pairs.covers, pairs.containers)]
        )

    def _vote(self, picture: Shown, side: int) -> float:
        height, width, _ = picture.shape
        parts = [
            picture[top : top + side, left : left + side]
            for top in _evenly(height, side)
            for left in _evenly(width, side)
        ]
        # All at once of each part, so that shapes do not vary.
        found = [
            self._model.predict_on_batch(np.stack([_turned(part, *how) for how in _SYMMETRIES]))
            for part in parts
        ]
        return float(np.mean(found))

    def _batch(self, pairs: ShownPairs, size: int) -> Shown:
        side = _side_of(pairs.covers)
        chosen = self._generator.choice(len(pairs), size, replace=False)
        return np.stack(
            [
                part
                for number in chosen
                for part in self._parts(side, pairs.covers[number], pairs.containers[number])
            ]
        )

    def _parts(self, side: int, *pictures: Shown) -> list[Shown]:
        """The same part of each picture, at a random place, turned and mirrored at random."""
        height, width, _ = pictures[0].shape
        top = int(self._generator.integers(0, height - side + 1))
        left = int(self._generator.integers(0, width - side + 1))
        how = _SYMMETRIES[self._generator.integers(len(_SYMMETRIES))]
        return [
            _turned(picture[top : top + side, left : left + side], *how) for picture in pictures
        ]


def verdicts(
    network: Network, stages: Iterable[Sequence[ShownPairs]], steps: int
) -> Iterator[dict[str, Any]]:
    """How often a network is right on pictures that it did not learn from, stage by stage.

    Args:
        network: What has learned before; it goes on learning.
        stages: Pairs to learn from and pairs to test on, at payloads from the largest down.
        steps: Training steps of each stage.
    """
    for training, test in stages:
        losses = network.learn(training, steps)
        yield {
            **summary(network.votes(test)),
            "training_pairs": len(training),
            "test_pairs": len(test),
            "steps": steps,
            "loss": round(float(np.mean(losses[-100:])), 4),
        }


def _side_of(pictures: list[Shown]) -> int:
    return int(min(_SIDE, *(side for picture in pictures for side in picture.shape[:2])))


def _evenly(length: int, side: int) -> list[int]:
    """Where parts begin that cover a length and overlap as little as possible."""
    return [int(at) for at in np.linspace(0, length - side, -(-length // side))]


def _turned(picture: Shown, is_mirrored: bool, quarters: int) -> Shown:
    turned = np.rot90(picture, quarters)
    return turned[:, ::-1] if is_mirrored else turned


def _layers(keras: Any) -> Any:
    """From what is shown of pictures, uint8 (pictures, height, width, 6), to a logit for each."""
    layers, ops = keras.layers, keras.ops
    shown = layers.Input((None, None, 6), dtype="uint8")
    values = ops.cast(shown, "float32")
    # Whole weights are exact in every number format that accelerators multiply in.
    middles = np.tile([middle for _, middle in _FILTERS], 3).astype(np.float32)
    residuals = _high_pass(keras)(values[..., :3]) / middles
    likely = layers.Cropping2D(_KERNEL // 2)(values[..., 3:]) / 255
    # Of a pixel, up to 2.
    weight = ops.mean(likely, axis=-1, keepdims=True) * 2

    def convolved(found: Any, width: int) -> Any:
        found = layers.Conv2D(width, 3, padding="same", use_bias=False)(found)
        return layers.BatchNormalization(momentum=0.95)(found)

    def block(found: Any, width: int) -> Any:
        return layers.ReLU()(convolved(found, width))

    found = layers.Concatenate()([ops.clip(residuals, -_CLIP, _CLIP), likely])
    found = block(block(found, _WIDTH), _WIDTH)
    for _ in range(2):
        found = found + convolved(block(found, _WIDTH), _WIDTH)
    found = layers.Concatenate()([found, found * weight])
    for width in (2 * _WIDTH, 2 * _WIDTH, 3 * _WIDTH):
        found = layers.AveragePooling2D(2)(block(found, width))
        weight = layers.AveragePooling2D(2)(weight)
    found = block(found, 4 * _WIDTH)
    means = layers.GlobalAveragePooling2D()
    pooled = layers.Concatenate()([means(found), means(found * weight)])
    return keras.Model(shown, layers.Dense(1)(pooled))


def _high_pass(keras: Any) -> Any:
    """A layer of the fixed filters, of each channel alone."""
    kernels = np.zeros((_KERNEL, _KERNEL, 3, len(_FILTERS)), np.float32)
    for number, (weights, _) in enumerate(_FILTERS):
        filter_ = np.array(weights, np.float32)
        top, left = ((_KERNEL - length) // 2 for length in filter_.shape)
        place = slice(top, top + filter_.shape[0]), slice(left, left + filter_.shape[1])
        kernels[*place, :, number] = filter_[..., None]
    return keras.layers.DepthwiseConv2D(
        _KERNEL,
        depth_multiplier=len(_FILTERS),
        use_bias=False,
        depthwise_initializer=keras.initializers.Constant(kernels),
        trainable=False,
    )
