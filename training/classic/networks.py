"""The three networks of Baluja, "Hiding Images in Plain Sight" (NIPS 2017): prep, hide, reveal."""

from __future__ import annotations

import itertools
from typing import Any

import keras
from keras import layers

from training.classic.shape import KERNEL_SIZES, ClassicConfig
from training.classic.squares import SIDE, FromSquares, ToSquares

RGB = "rgb"
ENLARGED = "enlarged"
SCALED = "scaled"
# With a learned change, samples are centred and enlarged, so that a step moves where a ReLU sets in
# by a part of a level only, and the outputs of the last convolutions are reduced, so that a step
# moves a picture by a few levels, not by half its range.
_INPUT_SCALE, _INPUT_OFFSET = 16.0, -8.0
_CHANGE_SCALE = 0.03
_REVEALED_SCALE, _REVEALED_OFFSET = 0.3, 0.5
# Containers start as their covers, nearly.
_CHANGE_START = 1e-3
_REVEALED_START = 0.01


def branch_layer(block: int, layer: int, kernel: int) -> str:
    """Name of a branch's convolution within its network; block and layer count from 1."""
    return f"{block}_{layer}_{kernel}x{kernel}"


def layer_name(network: str, layer: str) -> str:
    """Name of a layer of `prep`, `hide` or `reveal` as Keras knows it."""
    return f"{network}_{layer}"


class _Stack:
    """Builds the layers of one network, each with its own name and seed.

    Args:
        config: Shape of the network.
        name: Of the network.
        seed: Of its initial weights.
        gain: Variance of the outputs of a convolution of inputs of variance 1, at the start.
    """

    def __init__(self, config: ClassicConfig, name: str, seed: int, gain: float = 2.0) -> None:
        self._config = config
        self._name = name
        self._seeds = itertools.count(seed * 1000)
        self._gain = gain

    def _convolution(
        self, filters: int, kernel: int, name: str, start: float = 1.0, **settings: Any
    ) -> Any:
        return layers.Conv2D(
            filters,
            kernel,
            padding="same",
            data_format="channels_last",
            kernel_initializer=keras.initializers.VarianceScaling(
                start * self._gain, "fan_in", "truncated_normal", next(self._seeds)
            ),
            name=layer_name(self._name, name),
            **settings,
        )

    def _branch(self, x: Any, filters: int, kernel: int, block: int, depth: int) -> Any:
        for layer in range(1, depth + 1):
            x = self._convolution(
                filters,
                kernel,
                branch_layer(block, layer, kernel),
                activation="relu",
            )(x)
        return x

    def hidden(self, x: Any, blocks: tuple[int, ...]) -> Any:
        """Blocks of parallel branches: (batch, height, width, sum of filters)."""
        for block, depth in enumerate(blocks, start=1):
            branches = [
                self._branch(x, filters, kernel, block, depth)
                for kernel, filters in zip(KERNEL_SIZES, self._config.filters, strict=True)
            ]
            x = layers.Concatenate(axis=-1, name=f"{self._name}_{block}")(branches)
        return x

    def rgb(self, x: Any, start: float = 1.0, pixels: int = 1) -> Any:
        """The last convolution: (batch, height, width, 3 * pixels), not clipped or rounded."""
        # Always float32: the loss and the 8-bit channel need it, whatever the dtype policy.
        kernel = self._config.output_kernel
        return self._convolution(3 * pixels, kernel, RGB, start, dtype="float32")(x)

    def rescaled(self, x: Any, scale: float, offset: float, name: str) -> Any:
        """A fixed linear map of samples."""
        name = layer_name(self._name, name)
        return layers.Rescaling(scale, offset, dtype="float32", name=name)(x)

    def seen(self, picture: Any) -> Any:
        """A picture in 0 .. 1 as the networks with a learned change see it."""
        squares = ToSquares(dtype="float32", name=layer_name(self._name, "squares"))(picture)
        return self.rescaled(squares, _INPUT_SCALE, _INPUT_OFFSET, ENLARGED)

    def picture(self, x: Any, like: Any, start: float, scale: float, offset: float) -> Any:
        """What the networks with a learned change put out, as a picture of the size of another."""
        squares = self.rescaled(self.rgb(x, start, SIDE**2), scale, offset, SCALED)
        name = layer_name(self._name, "pixels")
        return FromSquares(dtype="float32", name=name)([squares, like])


def _picture(name: str, channels: int = 3) -> Any:
    return keras.Input((None, None, channels), name=name)


def _gain(learned_change: bool) -> float:
    return 1.0 if learned_change else 2.0


def build_prep(
    config: ClassicConfig, seed: int = 0, *, learned_change: bool = False
) -> keras.Model:
    """Prep: secret, (batch, height, width, 3) in 0 .. 1 -> features."""
    secret = _picture("secret")
    stack = _Stack(config, "prep", 3 * seed + 1, _gain(learned_change))
    x = stack.seen(secret) if learned_change else secret
    features = stack.hidden(x, config.prep_blocks)
    return keras.Model(secret, features, name="prep")


def build_hide(
    config: ClassicConfig, seed: int = 0, *, learned_change: bool = False
) -> keras.Model:
    """Hide: cover and features -> container; about 0 .. 1, not clipped.

    Args:
        config: Shape of the network.
        seed: Of its initial weights.
        learned_change: Whether the container is the cover plus what the network puts out, in place
            of what it puts out, and all networks see squares of pixels as one position
            (`training.classic.squares`). From random weights, that is learned many times faster.
    """
    cover = _picture("cover")
    features = _picture("features", sum(config.filters))
    stack = _Stack(config, "hide", 3 * seed + 2, _gain(learned_change))
    x = stack.seen(cover) if learned_change else cover
    x = layers.Concatenate(axis=-1, name="hide_input")([x, features])
    x = stack.hidden(x, config.blocks)
    if learned_change:
        change = stack.picture(x, cover, _CHANGE_START, _CHANGE_SCALE, 0.0)
        container = layers.Add(dtype="float32", name="hide_container")([cover, change])
    else:
        container = stack.rgb(x)
    return keras.Model([cover, features], container, name="hide")


def build_reveal(
    config: ClassicConfig, seed: int = 0, *, learned_change: bool = False
) -> keras.Model:
    """Reveal: container -> revealed secret; about 0 .. 1, not clipped."""
    container = _picture("container")
    stack = _Stack(config, "reveal", 3 * seed + 3, _gain(learned_change))
    x = stack.seen(container) if learned_change else container
    x = stack.hidden(x, config.blocks)
    if learned_change:
        scale = _REVEALED_SCALE, _REVEALED_OFFSET
        revealed = stack.picture(x, container, _REVEALED_START, *scale)
    else:
        revealed = stack.rgb(x)
    return keras.Model(container, revealed, name="reveal")
