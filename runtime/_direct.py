"""Models whose networks map pictures to pictures, such as `classic`: any size, in tiles."""

from __future__ import annotations

import numpy as np

from runtime._network import Network
from runtime._pictures import Picture, resize_to
from runtime._tiles import run_in_tiles


def hide(network: Network, cover: Picture, secret: Picture) -> Picture:
    """Hides a secret, stretched to the cover's size."""

    def run(cover: Picture, secret: Picture) -> Picture:
        (made,) = network.run({"cover": _batch(cover), "secret": _batch(secret)}, "container")
        return np.asarray(made[0], np.uint8)

    secret = resize_to(secret, *cover.shape[:2])
    return run_in_tiles(run, (cover, secret), network.model.halo("hide"))


def reveal(network: Network, container: Picture) -> Picture:
    """Reveals a secret, of the container's size."""

    def run(container: Picture) -> Picture:
        (made,) = network.run({"container": _batch(container)}, "secret")
        return np.asarray(made[0], np.uint8)

    return run_in_tiles(run, (container,), network.model.halo("reveal"))


def _batch(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture)[None]
