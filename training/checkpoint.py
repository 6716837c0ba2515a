"""One file with the whole state of a run: weights, optimizer moments and the step.

There is no other state: batches (see `training.batches`) and noise follow from seed and step.
"""

from __future__ import annotations

from pathlib import Path

import keras
from keras import ops

from training.files import CHECKPOINT as NAME
from training.files import atomic_file

__all__ = ["NAME", "forget_moments", "load", "save"]


def save(model: keras.Model, run: Path) -> None:
    """Writes the checkpoint into the run's folder, replacing the one before."""
    with atomic_file(run / NAME) as temporary:
        model.save_weights(temporary, overwrite=True)


def load(model: keras.Model, run: Path) -> int:
    """Restores a compiled and built model; returns the number of steps done.

    Raises:
        FileNotFoundError: The run has no checkpoint.
        ValueError: The checkpoint is damaged, or belongs to other networks.
    """
    path = run / NAME
    if not path.is_file():
        raise FileNotFoundError(f"{run} has no checkpoint: there is no {NAME} in it")
    model.optimizer.build(model.trainable_variables)
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{path} cannot be loaded into this model: {error}") from error
    step = int(model.optimizer.iterations)
    model.restore_random_state(step)
    return step


def forget_moments(model: keras.Model) -> None:
    """Sets the moments of a compiled model's optimizer, which is Adam or made of it, to 0."""
    for variable in (*model.optimizer._momentums, *model.optimizer._velocities):
        variable.assign(ops.zeros_like(variable))
