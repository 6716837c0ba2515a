"""A tile of a container: which of its pixels carry the payload, and its tag.

The tag is in the lowest bits of the tile's last samples. It covers all other bits of all of the
tile's pixels, what they show as well as what they carry, and where the tile belongs. So no pixel of
a container can be changed, and no tile moved, unnoticed.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from runtime.crypto.keys import FileKeys
from runtime.crypto.tags import TAG_BYTES, is_tag, tag_of
from runtime.images.grid import Tile
from runtime.images.image import Picture
from runtime.schemes.clear.description import PIXELS, places

_TAG_BITS = 8 * TAG_BYTES
_TAG_PIXELS = -(-_TAG_BITS // 3)


def free_pixels(tile: Tile) -> int:
    """How many pixels of a tile can carry a payload."""
    height, width = tile.shape
    return height * width - _TAG_PIXELS - (PIXELS if tile.number == 0 else 0)


def cut(picture: Picture, tile: Tile) -> Picture:
    """A tile's pixels in raster order, uint8 (height * width, 3), as a copy."""
    return picture[tile.rows, tile.columns].reshape(-1, 3).copy()


def paste(picture: Picture, tile: Tile, pixels: Picture) -> None:
    """Writes a tile's pixels into a picture."""
    picture[tile.rows, tile.columns] = pixels.reshape(*tile.shape, 3)


def free_of(pixels: Picture, tile: Tile) -> Picture:
    """The pixels of a tile that can carry a payload, in order, uint8 (n, 3)."""
    return np.concatenate([pixels[part] for part in _free(tile)])


def set_free(pixels: Picture, tile: Tile, free: Picture) -> None:
    """The inverse of `free_of`, in place."""
    start = 0
    for part in _free(tile):
        stop = start + part.stop - part.start
        pixels[part] = free[start:stop]
        start = stop


def seal(pixels: Picture, tile: Tile, size: tuple[int, int], keys: FileKeys) -> None:
    """Writes the tag of a finished tile into it, in place.

    Args:
        pixels: uint8 (height * width, 3), the tile's.
        tile: The tile.
        size: Height and width of the whole container.
        keys: Of the file.
    """
    place = _tag_samples(pixels)
    place &= 0xFE
    tag = tag_of(keys, _place_of(tile, size) + pixels.tobytes())
    place |= np.unpackbits(np.frombuffer(tag, np.uint8))


def is_intact(pixels: Picture, tile: Tile, size: tuple[int, int], keys: FileKeys) -> bool:
    """Whether a tile is as `seal` left it; the arguments are the same. Clears its tag."""
    place = _tag_samples(pixels)
    found = np.packbits(place & 1).tobytes()
    place &= 0xFE
    return is_tag(found, tag_of(keys, _place_of(tile, size) + pixels.tobytes()))


def _free(tile: Tile) -> list[slice]:
    """The free pixels, as slices: with them, no pixel is looked up by its number."""
    end = tile.shape[0] * tile.shape[1] - _TAG_PIXELS
    if tile.number:
        return [slice(0, end)]
    taken = [-1, *places(tile.shape[1]).tolist(), end]
    return [slice(a + 1, b) for a, b in pairwise(taken) if b > a + 1]


def _tag_samples(pixels: Picture) -> NDArray[np.uint8]:
    """The samples whose lowest bits carry the tag, as a view."""
    start = 3 * (len(pixels) - _TAG_PIXELS)
    return pixels.reshape(-1)[start : start + _TAG_BITS]


def _place_of(tile: Tile, size: tuple[int, int]) -> bytes:
    return b"tile" + b"".join(number.to_bytes(4, "big") for number in (tile.number, *size))
