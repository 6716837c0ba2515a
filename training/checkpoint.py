"""One file that holds a run's whole state: weights, Adam's moments, the step.

All that is random follows from the seed and the step: the pairs (see `training.batches`) and the
noise.
"""

from __future__ import annotations

from pathlib import Path

import keras

from training.files import whole_file

NAME = "checkpoint.weights.h5"


def save(model: keras.Model, run: Path) -> None:
    """Writes the checkpoint into the run's folder, in place of the one before."""
    with whole_file(run / NAME) as temporary:
        model.save_weights(temporary, overwrite=True)


def load(model: keras.Model, run: Path) -> int:
    """Restores a compiled and built model; returns the number of steps that it has done.

    Raises:
        FileNotFoundError: The run has no checkpoint.
        ValueError: The checkpoint is damaged, or is of other networks.
    """
    path = run / NAME
    if not path.is_file():
        raise FileNotFoundError(f"{run} has no checkpoint to resume from: no {NAME} in it")
    model.optimizer.build(model.trainable_variables)
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{path} cannot be loaded into this model: {error}") from error
    step = int(model.optimizer.iterations)
    model.restore_random_state(step)
    return step
