"""Tiles of several pictures, put together for the graphs to work on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil

import numpy as np

from runtime.crypto.keys import FileKeys
from runtime.engine.network import Network
from runtime.engine.parallel import for_each
from runtime.images.image import Picture
from runtime.schemes.clear import header
from runtime.schemes.clear.grid import Tile, tiles_of
from runtime.schemes.clear.header import Description

# Pixels that are worked on together: of one large tile, or of many small ones, for which the many
# small steps of the entropy coder would otherwise be taken one tile at a time. A CUDA card needs
# more to do.
_PIXELS = 512 * 512
_CUDA_PIXELS = 4 * _PIXELS


@dataclass(frozen=True, eq=False)
class Work:
    """A picture that is being hidden in, or revealed from.

    Attributes:
        given: Cover or container, uint8 (height, width, 3).
        secret: Secret of the size of `given`: to be hidden, or being revealed.
        output: The container, while it is made; when revealing, the same as `given`.
        keys: Of the file.
        description: Of the container.
        lost: Tiles that are missing from the container.
        size_known: Whether the secret's own size is known.
        damaged: Tiles that turned out to be altered.
    """

    given: Picture
    secret: Picture
    output: Picture
    keys: FileKeys
    description: Description
    lost: Sequence[Tile] = ()
    size_known: bool = True
    damaged: list[Tile] = field(default_factory=list)

    @property
    def tiles(self) -> list[Tile]:
        """The tiles that are there."""
        missing = {tile.number for tile in self.lost}
        grid = tiles_of(*self.description.container_size)
        return [tile for tile in grid if tile.number not in missing]


TileOfWork = tuple[Work, Tile]


def for_each_batch(
    do: Callable[[list[TileOfWork]], None], network: Network, works: Sequence[Work]
) -> None:
    """Calls `do` with tiles of one shape and payload, some at a time, side by side."""
    for_each(do, _batches(network, works), network.side_by_side)


def _batches(network: Network, works: Sequence[Work]) -> list[list[TileOfWork]]:
    def kind(tile_of_work: TileOfWork) -> tuple[int, tuple[int, int]]:
        work, tile = tile_of_work
        return work.description.bits, tile.shape

    tiles = [(work, tile) for work in works for tile in work.tiles]
    pixels = _PIXELS if network.device.name == "cpu" else _CUDA_PIXELS
    batches = []
    for (_, (height, width)), same in groupby(sorted(tiles, key=kind), key=kind):
        group = list(same)
        size = min(pixels // (height * width), ceil(len(group) / network.side_by_side))
        batches += [group[start : start + size] for start in range(0, len(group), size)]
    return batches


def pads_of(batch: list[TileOfWork]) -> Picture:
    """Keystreams of a batch, uint8 (batch, height, width, 3)."""
    return np.stack([header.tile_pad(w.keys, t.number, *t.shape) for w, t in batch])


def stacked(batch: list[TileOfWork], picture: Callable[[Work], Picture]) -> Picture:
    """Tiles of a batch, cut from one picture of each work, uint8 (batch, height, width, 3)."""
    return np.stack([picture(work)[tile.rows, tile.columns] for work, tile in batch])
