"""The three networks of Baluja, "Hiding Images in Plain Sight" (NIPS 2017): prep, hide, reveal."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

KERNEL_SIZES = (3, 4, 5)


@dataclass(frozen=True)
class ClassicConfig:
    """Shape of the three networks.

    Attributes:
        filters: Filters of the parallel 3x3, 4x4 and 5x5 branches, in this order.
        prep_blocks: The prep network, block by block. A block of depth ``n`` is three parallel
            branches of ``n`` convolutions each, concatenated at the end.
        blocks: Likewise for the hide and reveal networks.
        output_kernel: Kernel size of the last convolution, which makes the three RGB channels.
    """

    filters: tuple[int, int, int]
    prep_blocks: tuple[int, ...]
    blocks: tuple[int, ...]
    output_kernel: int

    def __post_init__(self) -> None:
        if min(self.filters) < 1:
            raise ValueError(f"filters must be positive, got {self.filters}")
        if not self.prep_blocks or not self.blocks or min(self.prep_blocks + self.blocks) < 1:
            raise ValueError(
                f"blocks must be non-empty and positive, got {self.prep_blocks} and {self.blocks}"
            )
        if sum(self.filters) < 3:
            raise ValueError(f"filters must sum to at least 3, got {self.filters}")

    @property
    def hide_radius(self) -> int:
        """Pixels that prep and hide together look beyond the pixel that they write."""
        return 2 * sum(self.prep_blocks) + 2 * sum(self.blocks) + self.output_kernel // 2

    @property
    def reveal_radius(self) -> int:
        """Pixels that reveal looks beyond the pixel that it writes."""
        return 2 * sum(self.blocks) + self.output_kernel // 2


WIDTHS = {
    # The paper's shape: every layer is a concatenation of the three branches.
    "paper": ClassicConfig((50, 10, 5), (1, 1), (1, 1, 1, 1, 1), 3),
    # The TensorFlow project that this one follows: branches of four layers, then one of 3 x 50.
    "upstream": ClassicConfig((50, 50, 50), (4, 1), (4, 1), 1),
    # For tests: the same code in milliseconds.
    "tiny": ClassicConfig((4, 2, 2), (1,), (1, 1), 3),
}


RGB = "rgb"


def branch_layer(block: int, layer: int, kernel: int) -> str:
    """Name of a branch's convolution within its network; block and layer count from 1."""
    return f"{block}_{layer}_{kernel}x{kernel}"


def layer_name(network: str, layer: str) -> str:
    """Name of a layer of `prep`, `hide` or `reveal` as Keras knows it."""
    return f"{network}_{layer}"


class _Stack:
    """Makes one network's layers, each with its own name and seed."""

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
        """Blocks of parallel branches; (batch, height, width, sum of filters)."""
        for block, depth in enumerate(blocks, start=1):
            branches = [
                self._branch(x, filters, kernel, block, depth)
                for kernel, filters in zip(KERNEL_SIZES, self._config.filters, strict=True)
            ]
            x = layers.Concatenate(axis=-1, name=f"{self._name}_{block}")(branches)
        return x

    def rgb(self, x: Any) -> Any:
        """The last convolution; (batch, height, width, 3), neither clipped nor rounded."""
        # In float32 whatever the policy: the loss and the 8-bit channel are.
        return self._convolution(3, self._config.output_kernel, RGB, dtype="float32")(x)


def _picture(name: str, channels: int = 3) -> Any:
    return keras.Input((None, None, channels), name=name)


def build_prep(config: ClassicConfig, seed: int = 0) -> keras.Model:
    """The prep network: secret (batch, height, width, 3) in 0 .. 1 -> features."""
    secret = _picture("secret")
    features = _Stack(config, "prep", 3 * seed + 1).hidden(secret, config.prep_blocks)
    return keras.Model(secret, features, name="prep")


def build_hide(config: ClassicConfig, seed: int = 0) -> keras.Model:
    """The hide network: cover and prep's features -> container, in 0 .. 1 but for overshoot."""
    cover = _picture("cover")
    features = _picture("features", sum(config.filters))
    stack = _Stack(config, "hide", 3 * seed + 2)
    x = layers.Concatenate(axis=-1, name="hide_input")([cover, features])
    return keras.Model([cover, features], stack.rgb(stack.hidden(x, config.blocks)), name="hide")


def build_reveal(config: ClassicConfig, seed: int = 0) -> keras.Model:
    """The reveal network: container -> revealed secret, in 0 .. 1 but for overshoot."""
    container = _picture("container")
    stack = _Stack(config, "reveal", 3 * seed + 3)
    return keras.Model(container, stack.rgb(stack.hidden(container, config.blocks)), name="reveal")
