"""The methods of hiding that are tested: our configurations, and LSB matching and replacement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.common import lsb
from benchmarks.common.configurations import Configuration
from benchmarks.common.store import model_digest, sources_digest
from runtime.images.image import Picture

Embed = Callable[[Picture, Picture, int], Picture]
"""From cover, secret and the number of the picture to the container."""

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
    """The configurations, then LSB matching, then LSB replacement."""
    digest = sources_digest(lsb)
    methods = [
        Method(c.label, partial(_embed_by_model, c), model_digest(c.model)) for c in configurations
    ]
    for bits in (1, 2, 3):
        methods.append(Method(f"LSB matching, {bits} bit", partial(_embed_by_lsb, bits), digest))
    for label, share in _REPLACEMENT.items():
        methods.append(Method(label, partial(_embed_by_replacement, share), digest, True))
    return methods


def _embed_by_model(configuration: Configuration) -> Embed:
    hider = configuration.hider()
    return lambda cover, secret, _: hider.hide(cover, secret)


def _embed_by_lsb(bits: int) -> Embed:
    return lambda cover, _, number: lsb.matched(cover, bits, number)


def _embed_by_replacement(share: float) -> Embed:
    return lambda cover, _, number: lsb.replaced(cover, share, number)
