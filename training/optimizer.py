"""The optimizers: Adam or Muon, with a warm-up, a cosine, and averaged weights if asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

_WARM_UP = 300
_LEAST = 0.02


class Muon(keras.optimizers.Adam):  # type: ignore[misc]
    """Muon for filters, Adam for biases and for filters from or to RGB.

    A filter bank of (height, width, in, out) is a matrix (height x width x in, out), which moves by
    its momentum with all singular values set to about 1 (Jordan et al., "Muon", 2024). Directions
    that many gradients share do not drown the others then. The scale is the one at which filters
    of 1x1 move by the root mean square of a step of Adam (Liu et al., arXiv:2502.16982).
    """

    _MOMENTUM = 0.95
    _ROOT_MEAN_SQUARE = 0.2
    # Of the iteration that brings singular values near 1, from the same source.
    _COEFFICIENTS = (3.4445, -4.7750, 2.0315)
    _ITERATIONS = 5

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One step of one variable; called by Keras."""
        if not _is_hidden(variable.shape):
            # Biases keep pace with the filters.
            share = self._ROOT_MEAN_SQUARE if len(variable.shape) == 1 else 1.0
            super().update_step(gradient, variable, share * learning_rate)
            return
        rate = ops.cast(learning_rate, variable.dtype)
        momentum = self._momentums[self._get_variable_index(variable)]
        self.assign(momentum, self._MOMENTUM * momentum + gradient)
        ahead = gradient + self._MOMENTUM * momentum
        rows = int(np.prod(variable.shape[:3]))
        columns = variable.shape[3]
        step = self._orthogonal(ops.reshape(ahead, (rows, columns)))
        scale = self._ROOT_MEAN_SQUARE * max(variable.shape[2:]) ** 0.5
        self.assign_sub(variable, ops.reshape(rate * scale * step, variable.shape))

    def _orthogonal(self, matrix: Any) -> Any:
        """The matrix, with singular values near 1; more rows than columns are fastest."""
        a, b, c = self._COEFFICIENTS
        x = matrix / (ops.norm(matrix) + 1e-7)
        for _ in range(self._ITERATIONS):
            square = ops.transpose(x) @ x
            x = a * x + x @ (b * square + c * square @ square)
        return x


def _is_hidden(shape: tuple[int, ...]) -> bool:
    """Whether a variable is a bank of filters with more than 3 inputs and 3 outputs."""
    return len(shape) == 4 and min(shape[2:]) > 3


class _TwoStages(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """One schedule, then another, which starts at a step."""

    def __init__(self, first: Any, then: Any, step: int) -> None:
        super().__init__()
        self._first = first
        self._then = then
        self._step = step

    def __call__(self, step: Any) -> Any:
        since = ops.cast(step, "float32") - float(self._step)
        later = self._then(ops.maximum(since, 0.0))
        return ops.where(since < 0, self._first(step), later)

    def get_config(self) -> dict[str, Any]:
        """Called by Keras."""
        return {"first": self._first, "then": self._then, "step": self._step}


def _rates(lr: float, steps: int) -> Any:
    warm_up = min(_WARM_UP, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        _LEAST * lr,
        max(steps - warm_up, 1),
        alpha=_LEAST,
        warmup_target=lr,
        warmup_steps=warm_up,
    )


_OPTIMIZERS = {"adam": keras.optimizers.Adam, "muon": Muon}


def compile_for_training(
    model: keras.Model,
    lr: float,
    steps: int,
    clip: float | None = None,
    average: float | None = None,
    optimizer: str | None = None,
    first_steps: int | None = None,
    first_lr: float | None = None,
) -> None:
    """Compiles a model for training; the rate starts and ends at 2% of its highest.

    Args:
        model: To be trained.
        lr: The highest rate.
        steps: Length of the run.
        clip: See `training.options.Chosen`.
        average: See `training.options.Chosen`.
        optimizer: See `training.options.Chosen`.
        first_steps: See `training.options.Chosen`.
        first_lr: See `training.options.Chosen`.
    """
    if first_steps is None or first_lr is None:
        rates = _rates(lr, steps)
    else:
        then = _rates(lr, max(steps - first_steps, 1))
        rates = _TwoStages(_rates(first_lr, first_steps), then, first_steps)
    chosen = _OPTIMIZERS[optimizer or "adam"](
        rates,
        epsilon=1e-8,
        global_clipnorm=clip,
        use_ema=average is not None,
        ema_momentum=average or 0.99,
    )
    # JAX always compiles. On a CPU, TensorFlow's own convolutions are faster than compiled ones
    # (1.45 times the steps per second at width `paper`), and torch.compile needs a C++ compiler.
    jit = keras.backend.backend() == "jax"
    model.compile(chosen, jit_compile=jit)


def use_averages(model: keras.Model) -> None:
    """Replaces the weights by their moving averages, if the optimizer keeps some."""
    if model.optimizer.use_ema:
        model.optimizer.finalize_variable_values(model.trainable_variables)


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """The model with the averages of its weights, for as long as this is open."""
    if not model.optimizer.use_ema:
        yield
        return
    kept = [_copy(weight) for weight in model.trainable_variables]
    use_averages(model)
    try:
        yield
    finally:
        for weight, value in zip(model.trainable_variables, kept, strict=True):
            weight.assign(value)


def _copy(weight: keras.Variable) -> NDArray[np.float32]:
    # By way of a tensor: NumPy 2 warns of TensorFlow's variables.
    return np.array(keras.ops.convert_to_numpy(keras.ops.copy(weight)))
