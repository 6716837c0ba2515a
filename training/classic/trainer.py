"""The training objective of `classic`: prep, hide, an 8-bit channel, reveal and two errors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.channel import to_8_bits
from training.classic import single_square
from training.classic.networks import build_hide, build_prep, build_reveal
from training.classic.shape import ClassicConfig
from training.classic.squares import SIDE
from training.trainer import Trainer

# Most that one pixel asks its container to change, as a share of the range of samples.
_MOST = 0.3


class ClassicTrainer(Trainer):
    """Trains prep, hide and reveal together.

    The loss is MSE(cover, container) + beta * MSE(secret, revealed) (Baluja 2017, equation 1), on
    samples in 0 .. 1, with the container clipped and rounded to 8 bits first.

    Args:
        config: Shape of the networks.
        beta: Weight of the secret's error in the end.
        noise: Standard deviation, in 8-bit levels, of Gaussian noise added to the container
            before reveal.
        seed: Seed of the initial weights and of the noise.
        learned_change: See `build_hide`.
        beta_start: Weight of the secret's error at the first step; None for `beta`. It goes to
            `beta` geometrically: with much weight at first, hiding is learned before restraint.
        beta_steps: Steps until it is `beta`.
    """

    def __init__(
        self,
        config: ClassicConfig,
        beta: float,
        noise: float,
        seed: int,
        *,
        learned_change: bool = False,
        beta_start: float | None = None,
        beta_steps: int = 1,
    ) -> None:
        super().__init__(name="classic")
        self.prep = build_prep(config, seed, learned_change=learned_change)
        self.hide = build_hide(config, seed, learned_change=learned_change)
        self.reveal = build_reveal(config, seed, learned_change=learned_change)
        self.beta = beta
        self.beta_start = beta_start or beta
        self.beta_steps = beta_steps
        self.cover_mse = keras.metrics.Mean(name="cover_mse")
        self.secret_mse = keras.metrics.Mean(name="secret_mse")
        self.noise = keras.layers.GaussianNoise(noise / 255.0, seed=seed)
        self._seed = seed
        self._config = config
        self._learned_change = learned_change

    @property
    def halo(self) -> dict[str, int]:
        """Pixels that `hide`, with prep, and `reveal` look beyond what they write.

        With a learned change, for parts of a picture that start at multiples of `SIDE` pixels.
        """
        pixels = SIDE if self._learned_change else 1
        radii = {"hide": self._config.hide_radius, "reveal": self._config.reveal_radius}
        return {name: pixels * radius for name, radius in radii.items()}

    def restore_random_state(self, step: int) -> None:
        """Restores the state of the noise after `step` steps, which Keras does not save."""
        # The state of a generator is its seed and how often it was used: once per step.
        if self.noise.stddev > 0:
            self.noise.seed_generator.state.assign([self._seed, step])

    def call(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Hides and reveals.

        Args:
            inputs: `cover` and `secret`, (batch, height, width, 3), 8-bit levels 0 .. 255.
            training: Whether noise is added.

        Returns:
            `container`, in multiples of 1/255 in 0 .. 1, and `revealed`, about 0 .. 1 and not
            clipped. Shapes are those of the inputs.
        """
        cover = ops.cast(inputs["cover"], "float32") / 255.0
        secret = ops.cast(inputs["secret"], "float32") / 255.0
        # Batches of single squares have their own way, which knows networks with a change only.
        single = self._learned_change and tuple(cover.shape[1:3]) == (SIDE, SIDE)
        if single:
            container = single_square.hide(self.prep, self.hide, self._config, cover, secret)
        else:
            container = self.hide([cover, self.prep(secret)])
        if self._learned_change and training:
            container = _soften(container)
        container = to_8_bits(container)
        received = self.noise(container, training=training)
        if single:
            revealed = single_square.reveal(self.reveal, self._config, received)
        else:
            revealed = self.reveal(received)
        return {"container": container, "revealed": revealed}

    def loss_of(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> Any:
        """The loss; updates `cover_mse` and `secret_mse`."""
        cover_error = _mean_squared_error(inputs["cover"], outputs["container"])
        secret_error = _mean_squared_error(inputs["secret"], outputs["revealed"])
        self.cover_mse.update_state(cover_error)
        self.secret_mse.update_state(secret_error)
        return cover_error + self._beta_now() * secret_error

    def _beta_now(self) -> Any:
        if self.beta_start == self.beta or self.optimizer is None:
            return self.beta
        share = ops.cast(self.optimizer.iterations, "float32") / self.beta_steps
        return self.beta * (self.beta_start / self.beta) ** ops.maximum(1.0 - share, 0.0)


@ops.custom_gradient  # type: ignore[untyped-decorator]
def _soften(container: Any) -> Any:
    """The container as it is; pixels with large gradients get less of them.

    Where the code is steep, the secret's gradient is large and holds for less than a level. Without
    this, such pixels decide where all others go, and at high learning rates training diverges.
    """

    def gradient(*upstreams: Any, upstream: Any = None) -> Any:
        (upstream,) = upstreams or (upstream,)
        # Half the gradient of a sum of squares is a difference of samples.
        wanted = upstream * (ops.cast(ops.size(container), upstream.dtype) / 2)
        squares = ops.sum(ops.square(wanted), axis=-1, keepdims=True)
        return upstream / ops.sqrt(1 + squares / _MOST**2)

    return container, gradient


def _mean_squared_error(picture: Any, estimate: Any) -> Any:
    return ops.mean(ops.square(ops.cast(picture, "float32") / 255.0 - estimate))
