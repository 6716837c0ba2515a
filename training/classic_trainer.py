"""The training objective of `classic`: prep, hide, an 8-bit channel, reveal, and the two errors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.channel import to_8_bits
from training.classic import ClassicConfig, build_hide, build_prep, build_reveal


class ClassicTrainer(keras.Model):  # type: ignore[misc]
    """prep, hide and reveal trained together.

    The loss is MSE(cover, container) + beta * MSE(secret, revealed) (Baluja 2017, equation 1), on
    samples in 0 .. 1, with the container clipped and rounded to 8 bits first.

    Args:
        config: Shape of the networks.
        beta: Weight of the secret's error.
        noise: Standard deviation, in 8-bit levels, of Gaussian noise that is added to the
            container before reveal sees it.
        seed: Seed of the initial weights and of the noise.
    """

    def __init__(self, config: ClassicConfig, beta: float, noise: float, seed: int) -> None:
        super().__init__(name="classic")
        self.prep = build_prep(config, seed)
        self.hide = build_hide(config, seed)
        self.reveal = build_reveal(config, seed)
        self.beta = beta
        self.cover_mse = keras.metrics.Mean(name="cover_mse")
        self.secret_mse = keras.metrics.Mean(name="secret_mse")
        self.noise = keras.layers.GaussianNoise(noise / 255.0, seed=seed)
        self._seed = seed

    def restore_random_state(self, step: int) -> None:
        """Sets the noise to what it was after `step` steps; Keras does not save it."""
        # A generator's state is its seed and how often it was drawn from: once a step.
        if self.noise.stddev > 0:
            self.noise.seed_generator.state.assign([self._seed, step])

    def call(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Hides and reveals.

        Args:
            inputs: `cover` and `secret`, (batch, height, width, 3), 8-bit levels 0 .. 255.
            training: Whether noise is added.

        Returns:
            `container` and `revealed`, likewise, in 0 .. 1; the container is on multiples of
            1/255, the revealed secret is as it leaves the network.
        """
        cover = ops.cast(inputs["cover"], "float32") / 255.0
        secret = ops.cast(inputs["secret"], "float32") / 255.0
        container = to_8_bits(self.hide([cover, self.prep(secret)]))
        received = self.noise(container, training=training)
        return {"container": container, "revealed": self.reveal(received)}

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,  # noqa: ARG002
        y_pred: Any = None,
        sample_weight: Any = None,  # noqa: ARG002
        training: bool = True,  # noqa: ARG002
    ) -> Any:
        """The loss, from the pictures themselves: `y` and `sample_weight` are not used."""
        cover_error = _mean_squared_error(x["cover"], y_pred["container"])
        secret_error = _mean_squared_error(x["secret"], y_pred["revealed"])
        self.cover_mse.update_state(cover_error)
        self.secret_mse.update_state(secret_error)
        return cover_error + self.beta * secret_error


def _mean_squared_error(picture: Any, estimate: Any) -> Any:
    return ops.mean(ops.square(ops.cast(picture, "float32") / 255.0 - estimate))
