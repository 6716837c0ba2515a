"""The methods of hiding that are tested: our configurations, LSB matching and replacement.

Configurations hide a code, which fills nearly all that a cover can hold; `filled` are pictures
whose pixels were filled with random bits by the same carrier, at each density.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.common import lsb
from benchmarks.common.configurations import Configuration
from benchmarks.common.store import model_digest, sources_digest
from runtime.carriers import density, residues
from runtime.carriers.residues import MULTIPLIERS
from runtime.images.grid import tiles_of
from runtime.images.image import Picture
from runtime.schemes.clear.tile import cut, free_of, paste, set_free

Embed = Callable[[Picture, Picture, int], Picture]
"""From cover, secret and the number of the picture to the container."""

FILLED = "filled"
"""Starts the labels of pictures that the carrier filled with random bits."""

_REPLACEMENT = {"LSB replacement, 1 bit": 1.0, "LSB replacement, 1/4 bit": 0.25}


@dataclass(frozen=True)
class Method:
    """A method of hiding.

    Attributes:
        label: For tables and plots.
        load: Returns a function that embeds.
        digest: A digest of everything that the containers depend on.
        control: Whether it is there only to show that the classical tests work.
    """

    label: str
    load: Callable[[], Embed]
    digest: str
    control: bool = False


def all_methods(configurations: list[Configuration]) -> list[Method]:
    """The configurations, LSB matching, LSB replacement, then each density of the carrier."""
    digest = sources_digest(lsb)
    of_carrier = sources_digest(sys.modules[__name__], density, residues)
    methods = [
        Method(c.label, partial(_embed_by_model, c), model_digest(c.model)) for c in configurations
    ]
    for bits in (1, 2, 3):
        methods.append(Method(f"LSB matching, {bits} bit", partial(_embed_by_lsb, bits), digest))
    for label, share in _REPLACEMENT.items():
        methods.append(Method(label, partial(_embed_by_replacement, share), digest, True))
    for bits in MULTIPLIERS:
        label = f"{FILLED}, {bits} {'bit' if bits == 1 else 'bits'} per pixel"
        methods.append(Method(label, partial(_embed_by_carrier, bits), of_carrier, True))
    return methods


def _embed_by_model(configuration: Configuration) -> Embed:
    hider = configuration.coded().hider()
    return lambda cover, secret, _: hider.hide(cover, secret)


def _embed_by_lsb(bits: int) -> Embed:
    return lambda cover, _, number: lsb.matched(cover, bits, number)


def _embed_by_replacement(share: float) -> Embed:
    return lambda cover, _, number: lsb.replaced(cover, share, number)


def _embed_by_carrier(bits: int) -> Embed:
    return lambda cover, _, number: filled(cover, bits, number)


def filled(cover: Picture, bits: int, seed: int) -> Picture:
    """A picture whose free pixels carry random bits, 1 .. 9 each, in the residues of `clear`."""
    generator, full = np.random.default_rng(seed), density.Density(bits)
    container = cover.copy()
    for tile in tiles_of(*cover.shape[:2]):
        pixels = cut(cover, tile)
        free = free_of(pixels, tile)
        content = generator.bytes(density.capacity(len(free), full))
        set_free(pixels, tile, density.write(free, content, full))
        paste(container, tile, pixels)
    return container
