"""The restoring network of a training run: in Keras, and its weights for the graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from codec import blocks
from codec.blocks import Floats
from export.clear.restore import Restore, Weights
from training import checkpoint
from training.clear.shape import DAMPING, WIDTHS, RestoreConfig
from training.session import load_trained
from training.settings import Settings


@dataclass(frozen=True, eq=False)
class Trained:
    """The network of a training run, in Keras.

    Attributes:
        network: See `training.clear.network.build_restore`.
        settings: Settings of the run.
        steps: Number of steps done.
        checkpoint: The file with the weights.
    """

    network: keras.Model
    settings: Settings
    steps: int
    checkpoint: Path

    @property
    def config(self) -> RestoreConfig:
        """Shape of the network."""
        return WIDTHS[self.settings.width]

    def refine(self, decoded: Floats, step: np.float32) -> Floats:
        """Restores a decoded tile, float32 (rows, columns, 3), given its quantizer step."""
        output = self.network([decoded[None], np.full((1, 1, 1, 1), step, np.float32)])
        return np.asarray(ops.convert_to_numpy(output)[0])


def load_network(run: Path) -> Trained:
    """Loads the network of a training run.

    Raises:
        FileNotFoundError: It is not the folder of a run, or has no checkpoint.
        ValueError: It is a run of another model, or damaged.
    """
    model, settings, steps = load_trained(run, "clear")
    return Trained(model.restore, settings, steps, run / checkpoint.NAME)


def weights_of(network: keras.Model, config: RestoreConfig) -> Restore:
    """The weights of a network that `build_restore` built."""
    hidden = [network.get_layer(f"restore_{i + 1}") for i in range(len(config.filters))]
    first = ops.convert_to_numpy(hidden[0].kernel())
    kernels = [first, *(layer.kernel.numpy() for layer in hidden[1:])]
    readout = network.get_layer("readout")
    steps = blocks.step_sizes().reshape(-1, 1, 1, 1)
    gain = ops.convert_to_numpy(network.get_layer("gain")(steps)).ravel()
    return Restore(
        config,
        tuple(map(_to_onnx, kernels)),
        tuple(layer.bias.numpy() for layer in hidden),
        _to_onnx(readout.kernel.numpy()) / np.float32(DAMPING),
        readout.bias.numpy() / np.float32(DAMPING),
        0.5 * steps.ravel() * gain,
    )


def _to_onnx(kernel: Any) -> Weights:
    return np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
