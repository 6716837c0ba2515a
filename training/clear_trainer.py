"""The training objective of `clear`'s restoring network: its pictures' PSNR."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.clear.networks.restore import build_restore
from training.clear.networks.shape import RestoreConfig

# Rounding to 8 bits adds this to the error, in levels squared; it keeps examples that are decoded
# nearly exactly from outweighing the others, too.
ROUNDING = 1.0 / 12.0
DECIBELS = 4.342944819  # of a natural logarithm


class ClearTrainer(keras.Model):  # type: ignore[misc]
    """The restoring network, trained on what the codec decoded.

    The loss is minus the mean PSNR of the examples in dB, so that each payload counts alike: an
    error halved is worth the same at 1 bit a sample as at 3.

    Args:
        config: Shape of the network.
        seed: Seed of its initial weights.
    """

    def __init__(self, config: RestoreConfig, seed: int) -> None:
        super().__init__(name="clear")
        self.restore = build_restore(config, seed)
        self.gain = keras.metrics.Mean(name="gain")

    def restore_random_state(self, step: int) -> None:
        """Nothing here is random but the batches, which follow from the step."""

    def call(self, inputs: dict[str, Any], training: bool = False) -> Any:
        """Restores decoded pictures.

        Args:
            inputs: `decoded`, float32 (batch, height, width, 3), in 8-bit levels but neither
                rounded nor clipped, and `step`, float32 (batch, 1, 1, 1).
            training: Ignored.

        Returns:
            Pictures as `decoded`.
        """
        return self.restore([inputs["decoded"], inputs["step"]], training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,  # noqa: ARG002
        y_pred: Any = None,
        sample_weight: Any = None,  # noqa: ARG002
        training: bool = True,  # noqa: ARG002
    ) -> Any:
        """The loss, from the pictures themselves; `gain` is by how many dB decoding is bettered."""
        secret = ops.cast(x["secret"], "float32")
        psnr = _psnr(secret, y_pred)
        self.gain.update_state(psnr - _psnr(secret, x["decoded"]))
        return -psnr


def _psnr(picture: Any, estimate: Any) -> Any:
    error = ops.mean(ops.square(picture - ops.clip(estimate, 0.0, 255.0)), axis=(1, 2, 3))
    return ops.mean(DECIBELS * (2.0 * ops.log(255.0) - ops.log(error + ROUNDING)))
