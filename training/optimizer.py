"""The optimizer: Adam with a warm-up, a cosine, and averaged weights if a run asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
from numpy.typing import NDArray

_WARM_UP = 300
_LEAST = 0.02


def compile_for_training(
    model: keras.Model,
    lr: float,
    steps: int,
    clip: float | None = None,
    average: float | None = None,
) -> None:
    """Compiles a model with Adam; the rate starts and ends at 2% of its highest.

    Args:
        model: To be trained.
        lr: The highest rate.
        steps: Length of the run.
        clip: See `training.options.Chosen`.
        average: See `training.options.Chosen`.
    """
    warm_up = min(_WARM_UP, steps // 10)
    rates = keras.optimizers.schedules.CosineDecay(
        _LEAST * lr,
        max(steps - warm_up, 1),
        alpha=_LEAST,
        warmup_target=lr,
        warmup_steps=warm_up,
    )
    optimizer = keras.optimizers.Adam(
        rates,
        epsilon=1e-8,
        global_clipnorm=clip,
        use_ema=average is not None,
        ema_momentum=average or 0.99,
    )
    # JAX always compiles. On a CPU, TensorFlow's own convolutions are faster than compiled ones
    # (1.45 times the steps per second at width `paper`), and torch.compile needs a C++ compiler.
    jit = keras.backend.backend() == "jax"
    model.compile(optimizer, jit_compile=jit)


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
