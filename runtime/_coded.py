"""Models that write an exact code of the secret into the container's residues, such as `clear`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from runtime import _header
from runtime._errors import AlteredError, NothingHiddenError, PictureError
from runtime._grid import SMALLEST, Cell, cells
from runtime._header import Description
from runtime._keys import FileKeys, KeyRing
from runtime._network import Network
from runtime._pictures import Picture, resize_to

# Tiles that are worked on together. More cost memory; fewer leave the entropy coder's many small
# steps to be taken for each tile alone.
_BATCH = 4

# By how likely each is: whoever asks for nothing gets 2.
_PAYLOADS = (2, 1, 3)

_GREY = 128

_LARGEST_SIDE = 1 << 24

NOTHING_FOUND = (
    "no hidden picture found, or the passphrase is not the right one (a container that was resized, "
    "cropped or saved with loss does not hold its picture any more; one that classic made needs "
    "--model classic)"
)


def hide(network: Network, cover: Picture, secret: Picture, bits: int, keys: FileKeys) -> Picture:
    """Hides a secret, stretched to the cover's size, at a payload of `bits` bits a sample.

    Raises:
        PictureError: The cover is smaller than 16 pixels a side, or a picture is too large.
    """
    height, width, _ = cover.shape
    if min(height, width) < SMALLEST:
        raise PictureError(
            f"cover must be at least {SMALLEST} pixels a side, got {width} x {height}"
        )
    sizes = (secret.shape[0], secret.shape[1]), (height, width)
    if max(*sizes[0], *sizes[1]) >= _LARGEST_SIDE:
        raise PictureError(f"a side must be shorter than {_LARGEST_SIDE} pixels")
    description = Description(network.model.name, bits, *sizes)
    fitted = resize_to(secret, height, width)
    container = np.empty_like(cover)
    for batch in _batches(cells(height, width)):
        pads = _pads(keys, batch)
        headers = [_header.header_bytes(keys, description, cell.number) for cell in batch]
        feed = {
            "cover": _stack(cover, batch),
            "secret": _stack(fitted, batch),
            "pad": pads,
            "header": np.stack(headers),
            "bits": np.array(bits, np.int64),
        }
        (made,) = network.run(feed, "container")
        for cell, tile, pad in zip(batch, made, pads, strict=True):
            _header.seal(tile, cover[cell.rows, cell.columns], keys, cell.number, pad, bits)
            container[cell.rows, cell.columns] = tile
    return container


def reveal(
    network: Network, container: Picture, ring: KeyRing, passphrase: bytes | None
) -> Picture:
    """Reveals a secret at its own size.

    Raises:
        NothingHiddenError: There is no hidden picture, or none any more, or not for this key.
        AlteredError: There is one, but the container is not what it was.
    """
    found = _find(container, ring, passphrase)
    if found is None:
        raise NothingHiddenError(NOTHING_FOUND)
    description, keys = found
    height, width, _ = container.shape
    if description.container_size != (height, width):
        was_height, was_width = description.container_size
        raise AlteredError(
            f"was {was_width} x {was_height} pixels when a picture was hidden in it, and is "
            f"{width} x {height} now; the hidden picture is lost with what was cut off"
        )
    fitted = np.empty_like(container)
    damaged = 0
    grid = cells(height, width)
    for batch in _batches(grid):
        pads = _pads(keys, batch)
        feed = {
            "container": _stack(container, batch),
            "pad": pads,
            "bits": np.array(description.bits, np.int64),
        }
        (made,) = network.run(feed, "secret")
        for cell, tile, pad in zip(batch, made, pads, strict=True):
            here = container[cell.rows, cell.columns]
            whole = _header.is_whole(here, keys, cell.number, pad, description.bits)
            damaged += not whole
            # Of a damaged code the decoder makes noise.
            fitted[cell.rows, cell.columns] = tile if whole else _GREY
    if damaged == len(grid):
        raise AlteredError(
            "was altered after a picture was hidden in it, and nothing of that can be revealed"
        )
    revealed = resize_to(fitted, *description.secret_size)
    if damaged:
        raise AlteredError(
            f"was altered after a picture was hidden in it: {damaged} of {len(grid)} tiles are "
            "damaged, and grey where they are revealed",
            revealed=revealed,
        )
    return revealed


def _find(
    container: Picture, ring: KeyRing, passphrase: bytes | None
) -> tuple[Description, FileKeys] | None:
    """What a container says of itself under a passphrase, and its keys."""
    height, width, _ = container.shape
    if min(height, width) < SMALLEST:
        return None
    first = cells(height, width)[0]
    tile = container[first.rows, first.columns]
    tried = [(bits, *_header.read_open(tile, bits)) for bits in _PAYLOADS]
    # A salt that is known costs no derivation: in a folder, all but the first file's.
    for bits, nonce, salt in sorted(tried, key=lambda t: not ring.knows(passphrase, t[2])):
        keys = ring.file_keys(passphrase, nonce, salt)
        description = _header.read_description(tile, keys, bits)
        if description is not None:
            return description, keys
    return None


def _batches(grid: list[Cell]) -> Iterator[list[Cell]]:
    """Tiles of one shape together, a few at a time."""
    by_shape = sorted(grid, key=lambda cell: cell.shape)
    for _, same in groupby(by_shape, key=lambda cell: cell.shape):
        group = list(same)
        for start in range(0, len(group), _BATCH):
            yield group[start : start + _BATCH]


def _stack(picture: Picture, batch: list[Cell]) -> Picture:
    return np.stack([picture[cell.rows, cell.columns] for cell in batch])


def _pads(keys: FileKeys, batch: list[Cell]) -> Picture:
    return np.stack([_header.tile_pad(keys, cell.number, *cell.shape) for cell in batch])
