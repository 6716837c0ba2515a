"""Pictures of any size through a network of bounded reach, in tiles: flat memory, same result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from runtime._pictures import Picture

TILE = 512
"""Side in pixels of what one run of a network writes; what it reads is larger by the halo."""


@dataclass(frozen=True)
class Tile:
    """One tile of a picture.

    Attributes:
        read: Rows and columns of the picture that the network is given.
        write: Rows and columns of the picture that are kept of what it makes.
        inner: The same as `write`, counted within `read`.
    """

    read: tuple[slice, slice]
    write: tuple[slice, slice]
    inner: tuple[slice, slice]


def tiles(height: int, width: int, halo: int, tile: int = TILE) -> Iterator[Tile]:
    """Cuts a picture so that the parts written cover it once, each read with its surroundings.

    At the picture's own border there is no halo: the network pads there as it would have padded
    the whole picture, so that the tiled result is the whole one's, exactly.
    """
    for row_read, row_write, row_inner in _spans(height, halo, tile):
        for column_read, column_write, column_inner in _spans(width, halo, tile):
            yield Tile(
                (row_read, column_read), (row_write, column_write), (row_inner, column_inner)
            )


def _spans(length: int, halo: int, tile: int) -> Iterator[tuple[slice, slice, slice]]:
    for start in range(0, length, tile):
        stop = min(start + tile, length)
        first, last = max(start - halo, 0), min(stop + halo, length)
        yield slice(first, last), slice(start, stop), slice(start - first, stop - first)


def run_in_tiles(
    network: Callable[..., Picture], pictures: tuple[Picture, ...], halo: int, tile: int = TILE
) -> Picture:
    """Runs a network over pictures of one size, tile by tile.

    Args:
        network: Takes as many arrays as there are pictures, each uint8 (height, width, 3); returns
            one of the same shape.
        pictures: One or more, all of the same shape.
        halo: How many pixels the network looks beyond the pixel that it writes.
        tile: Side of the tiles in pixels.
    """
    height, width, _ = pictures[0].shape
    made = np.empty_like(pictures[0])
    for part in tiles(height, width, halo, tile):
        made[part.write] = network(*(picture[part.read] for picture in pictures))[part.inner]
    return made
