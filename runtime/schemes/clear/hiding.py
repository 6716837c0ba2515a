"""How `clear` hides: a payload is chosen, and written into the tiles of the cover."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from runtime.carriers import density as carrier
from runtime.carriers.density import Density, capacity, least_density
from runtime.crypto.keys import FileKeys
from runtime.crypto.keystream import masked
from runtime.engine.parallel import for_each
from runtime.images.grid import Tile, tiles_of
from runtime.images.image import Picture
from runtime.payloads.choice import Chosen
from runtime.schemes.clear import description
from runtime.schemes.clear.choice import SAMPLES
from runtime.schemes.clear.description import Description
from runtime.schemes.clear.tile import cut, free_of, free_pixels, paste, seal, set_free


def density_for(size: tuple[int, int], length: int, bits: int) -> Density:
    """The least density at which a cover holds so many bytes, at most `bits` bits per sample."""
    free = [free_pixels(tile) for tile in tiles_of(*size)]
    density = least_density(free, length, SAMPLES * bits)
    assert density is not None, "the payload was chosen to fit"
    return density


def embed(
    cover: Picture, chosen: Chosen, density: Density, keys: FileKeys, code_id: bytes, workers: int
) -> Picture:
    """Writes a payload into a cover.

    Args:
        cover: uint8 (height, width, 3), at least 16 pixels per side.
        chosen: The payload.
        density: At which the cover holds it.
        keys: Of the file.
        code_id: See `Description`.
        workers: Tiles to work on at a time.

    Returns:
        The container.
    """
    height, width, _ = cover.shape
    tiles = tiles_of(height, width)
    said = Description(chosen.kind, len(chosen.content), density, (height, width), code_id)
    starts = [0, *accumulate(capacity(free_pixels(tile), density) for tile in tiles)]
    container = np.empty_like(cover)

    def do(tile: Tile) -> None:
        pixels = cut(cover, tile)
        part = chosen.content[starts[tile.number] : starts[tile.number + 1]]
        if part:
            secret = masked(keys, tile.number + 1, part)
            set_free(pixels, tile, carrier.write(free_of(pixels, tile), secret, density))
        if tile.number == 0:
            place = description.places(tile.shape[1])
            pixels[place] = description.write(pixels[place], keys, said)
        seal(pixels, tile, (height, width), keys)
        paste(container, tile, pixels)

    for_each(do, tiles, workers)
    return container
