"""The training objective of the restoring network of `robust`: PSNR."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.robust.network import build_restore
from training.robust.shape import RestoreConfig
from training.trainer import Trainer

_ROUNDING = 1.0 / 12.0  # rounding to 8 bits adds this to the squared error
_DECIBELS = 4.342944819  # dB per unit of natural logarithm


class RobustTrainer(Trainer):
    """Trains the restoring network on pictures that were saved as AVIF files.

    The loss is minus the mean PSNR of the examples in dB, so that all qualities count equally.

    Args:
        config: Shape of the network.
        seed: Seed of its initial weights.
    """

    def __init__(self, config: RestoreConfig, seed: int) -> None:
        super().__init__(name="robust")
        self.restore = build_restore(config, seed)
        self.gain = keras.metrics.Mean(name="gain")

    def call(self, inputs: dict[str, Any], training: bool = False) -> Any:
        """Restores pictures.

        Args:
            inputs: `coded`, uint8 (batch, height, width, 3), and `quality`, float32 (batch, 1, 1,
                1).
            training: Not used.

        Returns:
            float32 with the shape of `coded`, in 8-bit levels.
        """
        coded = ops.cast(inputs["coded"], "float32")
        return self.restore([coded, inputs["quality"]], training=training)

    def loss_of(self, inputs: dict[str, Any], outputs: Any) -> Any:
        """The loss; updates `gain`, the improvement over AVIF alone in dB."""
        secret, coded = (ops.cast(inputs[name], "float32") for name in ("secret", "coded"))
        psnr = _psnr(secret, outputs)
        self.gain.update_state(psnr - _psnr(secret, coded))
        return -psnr


def _psnr(picture: Any, estimate: Any) -> Any:
    error = ops.mean(ops.square(picture - ops.clip(estimate, 0.0, 255.0)), axis=(1, 2, 3))
    return ops.mean(_DECIBELS * (2.0 * ops.log(255.0) - ops.log(error + _ROUNDING)))
