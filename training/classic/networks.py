"""The three networks of Baluja, "Hiding Images in Plain Sight" (NIPS 2017): prep, hide, reveal."""

from __future__ import annotations

import itertools
from typing import Any

import keras
from keras import layers

from training.classic.shape import KERNEL_SIZES, ClassicConfig

RGB = "rgb"


def branch_layer(block: int, layer: int, kernel: int) -> str:
    """Name of a branch's convolution within its network; block and layer count from 1."""
    return f"{block}_{layer}_{kernel}x{kernel}"


def layer_name(network: str, layer: str) -> str:
    """Name of a layer of `prep`, `hide` or `reveal` as Keras knows it."""
    return f"{network}_{layer}"


class _Stack:
    """Builds the layers of one network, each with its own name and seed."""

    def __init__(self, config: ClassicConfig, name: str, seed: int) -> None:
        self._config = config
        self._name = name
        self._seeds = itertools.count(seed * 1000)

    def _convolution(self, filters: int, kernel: int, name: str, **settings: Any) -> Any:
        return layers.Conv2D(
            filters,
            kernel,
            padding="same",
            data_format="channels_last",
            kernel_initializer=keras.initializers.HeNormal(next(self._seeds)),
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

    def rgb(self, x: Any) -> Any:
        """The last convolution: (batch, height, width, 3), neither clipped nor rounded."""
        # Always float32: the loss and the 8-bit channel need it, whatever the dtype policy.
        return self._convolution(3, self._config.output_kernel, RGB, dtype="float32")(x)


def _picture(name: str, channels: int = 3) -> Any:
    return keras.Input((None, None, channels), name=name)


def build_prep(config: ClassicConfig, seed: int = 0) -> keras.Model:
    """Prep: secret, (batch, height, width, 3) in 0 .. 1 -> features."""
    secret = _picture("secret")
    features = _Stack(config, "prep", 3 * seed + 1).hidden(secret, config.prep_blocks)
    return keras.Model(secret, features, name="prep")


def build_hide(config: ClassicConfig, seed: int = 0) -> keras.Model:
    """Hide: cover and features -> container; about 0 .. 1, not clipped."""
    cover = _picture("cover")
    features = _picture("features", sum(config.filters))
    stack = _Stack(config, "hide", 3 * seed + 2)
    x = layers.Concatenate(axis=-1, name="hide_input")([cover, features])
    return keras.Model([cover, features], stack.rgb(stack.hidden(x, config.blocks)), name="hide")


def build_reveal(config: ClassicConfig, seed: int = 0) -> keras.Model:
    """Reveal: container -> revealed secret; about 0 .. 1, not clipped."""
    container = _picture("container")
    stack = _Stack(config, "reveal", 3 * seed + 3)
    return keras.Model(container, stack.rgb(stack.hidden(container, config.blocks)), name="reveal")
