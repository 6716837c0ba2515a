"""The restoring network of `clear`: removes some of the quantization error of decoded pictures.

It works on the picture divided by the quantizer step, so that one set of weights serves all
quantizer indices. Its first filters have no mean, and are clipped so that only differences of about
one step pass (trainable influence functions; Chen and Pock, "Trainable Nonlinear Reaction
Diffusion", 2017). The readout writes a whole 8x8 block at once, because the error depends on the
position in the block. No sample is changed by more than half a step.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from codec.blocks import BLOCK
from training.clear.shape import CELLS, DAMPING, HALF, KNOTS, RestoreConfig


class Differences(layers.Layer):  # type: ignore[misc]
    """A 3x3 convolution whose filters have zero mean in each colour; edges are repeated.

    With zero mean it does not see the brightness, so that small steps and large steps can share
    weights.
    """

    def __init__(self, filters: int, seed: int, **settings: Any) -> None:
        super().__init__(**settings)
        self._filters = filters
        self._seed = seed

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Creates the weights; the input is the result of space_to_depth on 2x2 pixels."""
        colours = int(shape[-1] or 0) // HALF**2
        normal = keras.initializers.RandomNormal(0.0, 0.12, self._seed)
        shape = (3, 3, HALF**2, colours, self._filters)
        self.free = self.add_weight(shape=shape, initializer=normal, name="free")
        self.bias = self.add_weight(shape=(self._filters,), initializer="zeros", name="bias")

    def kernel(self) -> Any:
        """The filters without their means, (3, 3, inputs, filters)."""
        mean = ops.mean(self.free, axis=(0, 1, 2), keepdims=True)
        return ops.reshape(self.free - mean, (3, 3, -1, self._filters))

    def call(self, x: Any) -> Any:
        """(batch, rows, columns, inputs) -> (batch, rows, columns, filters)."""
        padded = ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
        return ops.conv(padded, self.kernel(), padding="valid") + self.bias


class Gain(layers.Layer):  # type: ignore[misc]
    """How far to trust the network: a learned function of the logarithm of the step."""

    def build(self, _shape: tuple[int | None, ...]) -> None:
        """Creates the weights, one for each power of two."""
        self.knots = self.add_weight(shape=(KNOTS,), initializer="ones", name="knots")

    def call(self, step: Any) -> Any:
        """The gains, (batch, 1, 1, 1), of steps (batch, 1, 1, 1)."""
        position = ops.clip(ops.log(step) / ops.log(2.0) + 1.0, 0.0, KNOTS - 1.0)
        near = ops.relu(1.0 - ops.abs(position - ops.arange(KNOTS, dtype="float32")))
        return ops.sum(near * self.knots, axis=-1, keepdims=True)


def clip(x: Any) -> Any:
    """The activation: clips to -1 .. 1."""
    return ops.clip(x, -1.0, 1.0)


def build_restore(config: RestoreConfig, seed: int = 0) -> keras.Model:
    """Builds the network. Its readout starts at zero, so that it is the identity at first.

    Inputs are `picture`, float32 (batch, height, width, 3), as decoded, in 8-bit levels, neither
    rounded nor clipped, with sides that are multiples of 8; and `step`, float32 (batch, 1, 1, 1),
    the quantizer step. The output is like `picture`.
    """
    picture = keras.Input((None, None, 3), name="picture")
    step = keras.Input((1, 1, 1), name="step")
    x = ops.space_to_depth(picture / step, HALF, data_format="channels_last")
    outputs = []
    for index, filters in enumerate(config.filters):
        if index == 0:
            layer = Differences(filters, 1000 * seed, name="restore_1")
        else:
            layer = layers.Conv2D(
                filters,
                3,
                padding="same",
                data_format="channels_last",
                kernel_initializer=keras.initializers.HeNormal(1000 * seed + index),
                name=f"restore_{index + 1}",
            )
        x = clip(layer(x))
        outputs.append(x)
    x = layers.Concatenate(name="features")(outputs) if len(outputs) > 1 else x
    if config.reach:
        x = layers.ZeroPadding2D(config.reach, data_format="channels_last")(x)
    x = layers.Conv2D(
        3 * BLOCK**2,
        CELLS + 2 * config.reach,
        strides=CELLS,
        data_format="channels_last",
        kernel_initializer="zeros",
        name="readout",
    )(x)
    correction = ops.tanh(x / DAMPING) * (0.5 * step * Gain(name="gain")(step))
    correction = ops.depth_to_space(correction, BLOCK, data_format="channels_last")
    return keras.Model([picture, step], picture + correction, name="restore")
