"""The restoring network of `robust`: removes some of what AVIF did to a secret.

3x3 convolutions at half resolution, told the quality, whose result is added to the picture
(residual learning: Zhang et al., "Beyond a Gaussian Denoiser", arXiv:1608.03981). Outside the
picture there are zeros, so that a part of it with enough margin gives the same. With plain
rectifiers, all but one filter of the last layer died in the first thousand steps, as the readout
starts at zero.
"""

from __future__ import annotations

import keras
from keras import layers, ops

from training.robust.shape import DAMPING, HALF, LEVELS, MOST_QUALITY, RestoreConfig

_MIDDLE = 128.0


def build_restore(config: RestoreConfig, seed: int = 0) -> keras.Model:
    """Builds the network. Its readout starts at zero, so that it is the identity at first.

    Inputs are `picture`, float32 (batch, height, width, 3), in 8-bit levels, with even sides, and
    `quality`, float32 (batch, 1, 1, 1), that of the AVIF encoder, in 0 .. 100. The output is like
    `picture`, neither rounded nor clipped.
    """
    picture = keras.Input((None, None, 3), name="picture")
    quality = keras.Input((1, 1, 1), name="quality")
    cells = ops.space_to_depth((picture - _MIDDLE) / LEVELS, HALF, data_format="channels_last")
    plane = ops.zeros_like(cells[..., :1]) + quality / MOST_QUALITY
    x = ops.concatenate([cells, plane], axis=-1)
    for number in range(config.hidden):
        start = keras.initializers.HeNormal(seed + number)
        x = layers.Conv2D(
            config.filters,
            3,
            padding="same",
            activation="leaky_relu",
            kernel_initializer=start,
            name=f"hidden_{number}",
        )(x)
    readout = layers.Conv2D(
        3 * HALF**2, 3, padding="same", kernel_initializer="zeros", name="readout"
    )
    change = readout(x) * (LEVELS / DAMPING)
    change = ops.depth_to_space(change, HALF, data_format="channels_last")
    return keras.Model([picture, quality], picture + change, name="restore")
