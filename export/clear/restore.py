"""The restoring network, as part of the reveal graph; see `training.clear.network`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codec import blocks
from codec.blocks import BLOCK
from export.builder import Builder
from training.clear.shape import CELLS, HALF, RestoreConfig

Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Restore:
    """Weights of a trained network, in the layout of ONNX.

    Attributes:
        config: Shape of the network.
        kernels: Kernel of each hidden layer, (filters, inputs, 3, 3).
        biases: Bias of each hidden layer, (filters,).
        readout: (192, features, cells, cells).
        readout_bias: (192,).
        reach: The largest correction for each quantizer index, half the step times the gain,
            float32 (512,).
    """

    config: RestoreConfig
    kernels: tuple[Weights, ...]
    biases: tuple[Weights, ...]
    readout: Weights
    readout_bias: Weights
    reach: Weights


def refine(g: Builder, network: Restore, picture: str, qindex: str) -> str:
    """Corrects decoded pictures.

    Args:
        g: Builder.
        network: The weights.
        picture: Float (batch, 3, height, width), with sides that are multiples of 16.
        qindex: Quantizer indices, int32 (batch, 1).

    Returns:
        The pictures, in the same shape.
    """

    def each(table: Weights) -> str:
        return g.reshape(g.gather(g.f32(table), qindex), -1, 1, 1, 1)

    x = g.op("Mul", picture, each(1.0 / blocks.step_sizes()))
    x = g.op("SpaceToDepth", x, blocksize=HALF)
    x = g.op("Pad", x, g.i64([0, 0, 1, 1, 0, 0, 1, 1]), mode="edge")
    outputs = []
    for index, (kernel, bias) in enumerate(zip(network.kernels, network.biases, strict=True)):
        pads = [0] * 4 if index == 0 else [1] * 4
        x = g.op("Conv", x, g.f32(kernel), g.f32(bias), pads=pads)
        x = g.op("Clip", x, g.f32(-1.0), g.f32(1.0))
        outputs.append(x)
    x = g.op("Concat", *outputs, axis=1) if len(outputs) > 1 else x
    pads = [network.config.reach] * 4
    readout_bias = g.f32(network.readout_bias)
    x = g.op("Conv", x, g.f32(network.readout), readout_bias, pads=pads, strides=[CELLS, CELLS])
    x = g.op("Mul", g.op("Tanh", x), each(network.reach))
    return g.op("Add", picture, g.op("DepthToSpace", x, blocksize=BLOCK))
