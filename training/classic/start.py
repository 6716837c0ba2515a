"""Random initial weights that let signals through: mirrored orthogonal filters.

With independent random weights, what comes out after ten layers of ReLU depends little on what
went in. Here, filters come in pairs of opposite sign, so that a pair of ReLUs passes both halves of
a signal on, and the network is at first a random rotation of each pixel ("looks linear", Balduzzi
et al., "The Shattered Gradients Problem", 2017). Only the centres of the filters are set: what
neighbouring pixels contribute is learned. Nothing is fixed, and no code is built in.
"""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from training.classic.networks import RGB, branch_layer, layer_name
from training.classic.shape import KERNEL_SIZES, ClassicConfig
from training.classic.squares import SIDE

# Noise on the centres, as a share of what keeps the variance of a signal. Other taps start at 0:
# noise there would break what single pixels have learned.
_NOISE = 0.02
# Of the last convolutions: containers start within a few levels of their covers, and what is
# revealed within 0 .. 1.
_OUTPUTS = {"hide": 0.03, "reveal": 0.1}

# The channels with a signal and with its negative; None where only the signal itself is there.
_Pair = tuple[int, int | None]


def initialize_mirrored(
    prep: keras.Model, hide: keras.Model, reveal: keras.Model, config: ClassicConfig, seed: int
) -> None:
    """Sets all filters of the three networks; biases stay 0.

    Args:
        prep: As built by `training.classic.networks.build_prep`.
        hide: As built by `build_hide` there.
        reveal: As built by `build_reveal` there.
        config: Their shape.
        seed: Of the random filters.
    """
    random = np.random.default_rng([seed, 1])
    rgb: list[_Pair] = [(channel, None) for channel in range(3 * SIDE**2)]
    offsets = np.cumsum((3 * SIDE**2, *config.filters))
    features = [
        pair
        for filters, offset in zip(config.filters, offsets, strict=False)
        for pair in _pairs(filters, int(offset))
    ]
    _initialize(prep, config, config.prep_blocks, rgb, random)
    _initialize(hide, config, config.blocks, rgb + features, random)
    _initialize(reveal, config, config.blocks, rgb, random)


def _pairs(filters: int, offset: int = 0) -> list[_Pair]:
    """Halves of the filters of a branch; an odd one is left over, with noise only."""
    half = filters // 2
    return [(offset + index, offset + index + half) for index in range(half)]


def _initialize(
    network: keras.Model,
    config: ClassicConfig,
    blocks: tuple[int, ...],
    inputs: list[_Pair],
    random: np.random.Generator,
) -> None:
    for block, depth in enumerate(blocks, start=1):
        outputs = [_pairs(filters) for filters in config.filters]
        counts = [len(pairs) for pairs in outputs]
        # Branches see the same inputs in their first layer, each its own in the others.
        matrices = np.split(_rotation(sum(counts), len(inputs), random), np.cumsum(counts)[:-1])
        for kernel, pairs, matrix in zip(KERNEL_SIZES, outputs, matrices, strict=True):
            for layer in range(1, depth + 1):
                name = layer_name(network.name, branch_layer(block, layer, kernel))
                if layer == 1:
                    _set(network.get_layer(name), inputs, pairs, matrix, random)
                else:
                    square = _rotation(len(pairs), len(pairs), random)
                    _set(network.get_layer(name), pairs, pairs, square, random)
        offsets = np.cumsum((0, *config.filters))
        inputs = [
            pair
            for filters, offset in zip(config.filters, offsets, strict=False)
            for pair in _pairs(filters, int(offset))
        ]
    last = layer_name(network.name, RGB)
    if network.name in _OUTPUTS:
        outputs_rgb: list[_Pair] = [(channel, None) for channel in range(3 * SIDE**2)]
        matrix = _OUTPUTS[network.name] * _rotation(len(outputs_rgb), len(inputs), random)
        _set(network.get_layer(last), inputs, outputs_rgb, matrix, random)


def _rotation(rows: int, columns: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Random, with orthogonal rows or columns; the squares of a row sum to 1 on average."""
    side = max(rows, columns)
    square, _ = np.linalg.qr(random.normal(size=(side, side)))
    return np.asarray(square[:rows, :columns] * (side / columns) ** 0.5)


def _set(
    layer: keras.layers.Layer,
    inputs: list[_Pair],
    outputs: list[_Pair],
    matrix: NDArray[np.float64],
    random: np.random.Generator,
) -> None:
    height, width, channels, _ = layer.kernel.shape
    filters = np.zeros(layer.kernel.shape)
    # Where padding "same" puts a pixel under a filter of even size, too.
    centre = filters[(height - 1) // 2, (width - 1) // 2]
    centre += random.normal(0.0, _NOISE / channels**0.5, centre.shape)
    for row, targets in zip(matrix, outputs, strict=True):
        for value, sources in zip(row, inputs, strict=True):
            for source, sign in zip(sources, (1.0, -1.0), strict=True):
                for target, opposite in zip(targets, (1.0, -1.0), strict=True):
                    if source is not None and target is not None:
                        centre[source, target] += sign * opposite * value
    layer.kernel.assign(filters.astype(np.float32))
