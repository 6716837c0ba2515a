"""The training objective of the restoring network of `clear`: PSNR."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.clear.network import build_restore
from training.clear.shape import RestoreConfig
from training.trainer import Trainer

# Rounding to 8 bits adds this to the squared error. It also keeps examples that are decoded almost
# exactly from outweighing all others.
ROUNDING = 1.0 / 12.0
DECIBELS = 4.342944819  # dB per unit of natural logarithm


class ClearTrainer(Trainer):
    """Trains the restoring network on pictures that the codec decoded.

    The loss is minus the mean PSNR of the examples in dB, so that all rates count equally: halving
    the error is worth the same at 1 bit per sample as at 3.

    Args:
        config: Shape of the network.
        seed: Seed of its initial weights.
    """

    def __init__(self, config: RestoreConfig, seed: int) -> None:
        super().__init__(name="clear")
        self.restore = build_restore(config, seed)
        self.gain = keras.metrics.Mean(name="gain")

    def call(self, inputs: dict[str, Any], training: bool = False) -> Any:
        """Restores decoded pictures.

        Args:
            inputs: `decoded`, float32 (batch, height, width, 3), in 8-bit levels, neither rounded
                nor clipped, and `step`, float32 (batch, 1, 1, 1).
            training: Not used.

        Returns:
            Pictures with the shape and range of `decoded`.
        """
        return self.restore([inputs["decoded"], inputs["step"]], training=training)

    def loss_of(self, inputs: dict[str, Any], outputs: Any) -> Any:
        """The loss; updates `gain`, the improvement over the decoded pictures in dB."""
        secret = ops.cast(inputs["secret"], "float32")
        psnr = _psnr(secret, outputs)
        self.gain.update_state(psnr - _psnr(secret, inputs["decoded"]))
        return -psnr


def _psnr(picture: Any, estimate: Any) -> Any:
    error = ops.mean(ops.square(picture - ops.clip(estimate, 0.0, 255.0)), axis=(1, 2, 3))
    return ops.mean(DECIBELS * (2.0 * ops.log(255.0) - ops.log(error + ROUNDING)))
