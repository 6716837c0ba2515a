"""A picture from AVIF, with what a network knows of how it was before: tile by tile."""

from __future__ import annotations

from itertools import product

import numpy as np

from runtime.engine.network import Network, Signature
from runtime.engine.parallel import for_each
from runtime.images.image import Picture

RESTORE = Signature(("picture", "quality"), ("restored",))

_TILE = 384  # pixels per side, even
_REACH = 32  # pixels that the network may look beyond


def restored(network: Network, picture: Picture, quality: int) -> Picture:
    """What the network makes of a picture.

    Args:
        network: The graph `restore`.
        picture: uint8 (height, width, 3), as AVIF gave it.
        quality: That of the encoder, in 0 .. 100.
    """
    height, width, _ = picture.shape
    result = np.empty_like(picture)

    def do(place: tuple[int, int]) -> None:
        (rows, more_rows), (columns, more_columns) = (
            _around(start, side) for start, side in zip(place, (height, width), strict=True)
        )
        part = np.ascontiguousarray(picture[more_rows, more_columns])
        feed = {"picture": part, "quality": np.array(quality, np.float32)}
        (whole,) = network.run(feed, "restored")
        top, left = rows.start - more_rows.start, columns.start - more_columns.start
        bottom, right = top + rows.stop - rows.start, left + columns.stop - columns.start
        result[rows, columns] = whole[top:bottom, left:right]

    places = product(range(0, height, _TILE), range(0, width, _TILE))
    for_each(do, list(places), network.side_by_side)
    return result


def _around(start: int, side: int) -> tuple[slice, slice]:
    """A tile along one side, and with what the network looks at."""
    end = min(start + _TILE, side)
    return slice(start, end), slice(max(start - _REACH, 0), min(end + _REACH, side))
