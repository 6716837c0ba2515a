"""The restoring network as part of the reveal graph; see `training.clear.network`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from export.builder import Builder
from codec import blocks
from codec.blocks import BLOCK
from training.clear.shape import HALF, PLACES, RestoreConfig

Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Restore:
    """A trained network's weights, as a graph needs them.

    Attributes:
        config: Its shape.
        kernels: Of each hidden layer, (filters, inputs, 3, 3).
        biases: Likewise, (filters,).
        readout: (192, features, places, places).
        readout_bias: (192,).
        reach: Half the step times the gain, for each qindex, float32 (512,): the largest correction.
    """

    config: RestoreConfig
    kernels: tuple[Weights, ...]
    biases: tuple[Weights, ...]
    readout: Weights
    readout_bias: Weights
    reach: Weights


def refine(g: Builder, network: Restore, picture: str, qindex: str) -> str:
    """Corrects pictures, float (batch, 3, height, width), sides multiples of 16.

    Args:
        g: Builder.
        network: The weights.
        picture: As the inverse transform has it.
        qindex: int32 (batch, 1).
    """

    def each(table: Weights) -> str:
        return g.reshape(g.gather(g.f32(table), qindex), -1, 1, 1, 1)

    x = g.op("Mul", picture, each(1.0 / blocks.step_sizes()))
    x = g.op("SpaceToDepth", x, blocksize=HALF)
    x = g.op("Pad", x, g.i64([0, 0, 1, 1, 0, 0, 1, 1]), mode="edge")
    made = []
    for index, (kernel, bias) in enumerate(zip(network.kernels, network.biases, strict=True)):
        pads = [0] * 4 if index == 0 else [1] * 4
        x = g.op("Conv", x, g.f32(kernel), g.f32(bias), pads=pads)
        x = g.op("Clip", x, g.f32(-1.0), g.f32(1.0))
        made.append(x)
    x = g.op("Concat", *made, axis=1) if len(made) > 1 else x
    pads = [network.config.reach] * 4
    bias = g.f32(network.readout_bias)
    x = g.op("Conv", x, g.f32(network.readout), bias, pads=pads, strides=[PLACES, PLACES])
    x = g.op("Mul", g.op("Tanh", x), each(network.reach))
    return str(g.op("Add", picture, g.op("DepthToSpace", x, blocksize=BLOCK)))
