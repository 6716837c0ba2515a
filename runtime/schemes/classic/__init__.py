"""`classic`: networks that map pictures to pictures (Baluja, NIPS 2017); any size, in tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from runtime.crypto.keys import Keys
from runtime.engine.models import Model
from runtime.engine.network import Signature
from runtime.images.formats import LOSSLESS
from runtime.images.image import Image, Picture
from runtime.images.resize import resize_to
from runtime.schemes.base import Container, Revealed, Scheme
from runtime.schemes.classic.tiles import run_in_tiles
from runtime.schemes.options import Options


@dataclass(frozen=True, eq=False)
class ClassicMatch:
    """A picture that may be a container: the networks cannot tell."""

    container: Image


class Classic(Scheme[ClassicMatch]):
    """Hides by one network and reveals by another; the secret is stretched to its cover."""

    name = "classic"
    hide_graphs: ClassVar = {"hide": Signature(("cover", "secret"), ("container",))}
    reveal_graphs: ClassVar = {"reveal": Signature(("container",), ("secret",))}
    takes_passphrase = False
    recognizes = False
    container_formats = LOSSLESS

    @classmethod
    def check(cls, model: Model) -> None:
        """Checks that the manifest has the networks' halos."""
        for graph in ("hide", "reveal"):
            _halo(model, graph)

    def hide(
        self,
        pairs: Sequence[tuple[Image, Image]],
        options: Options,  # noqa: ARG002
        keys: Keys,  # noqa: ARG002
    ) -> list[Container]:
        """Hides secrets, stretched to their covers' sizes; see `Scheme.hide`."""
        network = self.networks["hide"]

        def run(cover: Picture, secret: Picture) -> Picture:
            (tile,) = network.run({"cover": _batch(cover), "secret": _batch(secret)}, "container")
            return np.asarray(tile[0], np.uint8)

        halo = _halo(self.model, "hide")
        return [
            Container(
                run_in_tiles(run, (cover.pixels, resize_to(secret.pixels, *cover.size)), halo),
                self.container_formats,
            )
            for cover, secret in pairs
        ]

    def find(self, container: Image, keys: Keys) -> ClassicMatch:  # noqa: ARG002
        """Takes any picture for a container."""
        return ClassicMatch(container)

    def reveal(self, matches: Sequence[ClassicMatch], max_pixels: int) -> list[Revealed]:  # noqa: ARG002
        """Reveals secrets, of their containers' sizes; see `Scheme.reveal`."""
        network = self.networks["reveal"]

        def run(container: Picture) -> Picture:
            (tile,) = network.run({"container": _batch(container)}, "secret")
            return np.asarray(tile[0], np.uint8)

        halo = _halo(self.model, "reveal")
        return [Revealed(run_in_tiles(run, (match.container.pixels,), halo)) for match in matches]


def _halo(model: Model, graph: str) -> int:
    """Pixels that a network looks beyond the one that it writes."""
    return int(model.manifest["halo"][graph])


def _batch(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture)[None]
