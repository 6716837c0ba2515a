"""The base of all training objectives: a Keras model with a loss but no labels."""

from __future__ import annotations

from typing import Any

import keras


class Trainer(keras.Model):  # type: ignore[misc]
    """A model whose loss follows from its inputs and outputs alone."""

    def restore_random_state(self, step: int) -> None:
        """Restores the state of random layers after `step` steps, which Keras does not save.

        Batches are no concern of it: they follow from the seed and the step.
        """

    def loss_of(self, inputs: Any, outputs: Any) -> Any:
        """The loss of a batch; updates the model's metrics."""
        raise NotImplementedError

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,  # noqa: ARG002
        y_pred: Any = None,
        sample_weight: Any = None,  # noqa: ARG002
        training: bool = True,  # noqa: ARG002
    ) -> Any:
        """Called by Keras; see `loss_of`."""
        return self.loss_of(x, y_pred)
