"""The networks on single squares: their centres alone, many times faster than as convolutions.

Around a picture of one square there is nothing but zeros, so no tap of a filter other than its
centre has an effect, or a gradient.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from training.classic.networks import ENLARGED, RGB, SCALED, branch_layer, layer_name
from training.classic.shape import KERNEL_SIZES, ClassicConfig
from training.classic.squares import from_squares, to_squares


def hide(
    prep: keras.Model, hide: keras.Model, config: ClassicConfig, cover: Any, secret: Any
) -> Any:
    """What prep and hide with a learned change compute of squares, (batch, SIDE, SIDE, 3)."""
    features = _hidden(prep, config.prep_blocks, _layer(prep, ENLARGED)(to_squares(secret)))
    x = ops.concatenate([_layer(hide, ENLARGED)(to_squares(cover)), features], axis=-1)
    change = _rgb(hide, _hidden(hide, config.blocks, x))
    return cover + from_squares(_layer(hide, SCALED)(change), cover)


def reveal(reveal: keras.Model, config: ClassicConfig, container: Any) -> Any:
    """What reveal with a learned change computes of squares, (batch, SIDE, SIDE, 3)."""
    x = _hidden(reveal, config.blocks, _layer(reveal, ENLARGED)(to_squares(container)))
    return from_squares(_layer(reveal, SCALED)(_rgb(reveal, x)), container)


def _hidden(network: keras.Model, blocks: tuple[int, ...], x: Any) -> Any:
    for block, depth in enumerate(blocks, start=1):
        first = [_layer(network, branch_layer(block, 1, kernel)) for kernel in KERNEL_SIZES]
        # Branches have the same input.
        kernels, biases = zip(*map(_centre, first), strict=True)
        x = ops.relu(_through(x, ops.concatenate(kernels, 1), ops.concatenate(biases, 0)))
        if depth > 1:
            branches = ops.split(x, _ends([layer.filters for layer in first]), axis=-1)
            x = ops.concatenate(
                [
                    _branch(network, block, depth, kernel, branch)
                    for kernel, branch in zip(KERNEL_SIZES, branches, strict=True)
                ],
                axis=-1,
            )
    return x


def _rgb(network: keras.Model, x: Any) -> Any:
    return _through(x, *_centre(_layer(network, RGB)))


def _branch(network: keras.Model, block: int, depth: int, kernel: int, x: Any) -> Any:
    for layer in range(2, depth + 1):
        convolution = _layer(network, branch_layer(block, layer, kernel))
        x = ops.relu(_through(x, *_centre(convolution)))
    return x


def _layer(network: keras.Model, name: str) -> Any:
    return network.get_layer(layer_name(network.name, name))


def _centre(convolution: Any) -> tuple[Any, Any]:
    """Weights (in, out) of a square itself, and biases; for even sizes as padding "same" has it."""
    height, width = convolution.kernel_size
    kernel = ops.convert_to_tensor(convolution.kernel)
    return kernel[(height - 1) // 2, (width - 1) // 2], ops.convert_to_tensor(convolution.bias)


def _through(x: Any, kernel: Any, bias: Any) -> Any:
    return ops.matmul(x, kernel) + bias


def _ends(sizes: list[int]) -> list[int]:
    return [sum(sizes[: n + 1]) for n in range(len(sizes) - 1)]
