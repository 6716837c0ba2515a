"""Pictures of any size through a network of bounded reach, in tiles: flat memory, same output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from runtime.images.image import Picture

TILE = 512
"""Side in pixels of what one run of a network writes; it reads a halo more on each side."""


@dataclass(frozen=True)
class Tile:
    """One tile of a picture.

    Attributes:
        read: Rows and columns of the picture that the network reads.
        write: Rows and columns of the picture that it writes.
        inner: The same as `write`, relative to `read`.
    """

    read: tuple[slice, slice]
    write: tuple[slice, slice]
    inner: tuple[slice, slice]


def tiles(height: int, width: int, halo: int, tile: int = TILE) -> Iterator[Tile]:
    """Cuts a picture into tiles whose written parts cover it once, each read with its halo.

    At the picture's own border there is no halo: the network pads there as it would pad the whole
    picture, so that the tiled output equals the untiled one exactly.
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
        halo: Pixels that the network looks beyond the one that it writes.
        tile: Side of the tiles in pixels.
    """
    height, width, _ = pictures[0].shape
    output = np.empty_like(pictures[0])
    for one in tiles(height, width, halo, tile):
        written = network(*(picture[one.read] for picture in pictures))
        output[one.write] = written[one.inner]
    return output
