"""Models that write an exact code of the secret into the container's residues, such as `clear`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from runtime import _header
from runtime._errors import AlteredError, NothingHiddenError, PictureError
from runtime._grid import SMALLEST, Cell, cells
from runtime._header import Header, UnknownVersionError
from runtime._network import Network
from runtime._pad import pad_of
from runtime._pictures import Picture, resize_to

# Tiles that are worked on together. More cost memory; fewer leave the entropy coder's many small
# steps to be taken for each tile alone.
_BATCH = 4


def hide(network: Network, cover: Picture, secret: Picture, bits: int) -> Picture:
    """Hides a secret, stretched to the cover's size, at a payload of `bits` bits a sample.

    Raises:
        PictureError: The cover is smaller than 16 pixels a side.
    """
    height, width, _ = cover.shape
    if min(height, width) < SMALLEST:
        raise PictureError(
            f"cover must be at least {SMALLEST} pixels a side, got {width} x {height}"
        )
    sizes = (secret.shape[0], secret.shape[1]), (height, width)
    fitted = resize_to(secret, height, width)
    container = np.empty_like(cover)
    for batch in _batches(cells(height, width)):
        headers = [Header(network.model.name, bits, *sizes, cell.number) for cell in batch]
        feed = {
            "cover": _stack(cover, batch),
            "secret": _stack(fitted, batch),
            "pad": _pads(batch),
            "header": np.stack([np.frombuffer(h.to_bytes(), np.uint8) for h in headers]),
            "bits": np.array(bits, np.int64),
        }
        (made,) = network.run(feed, "container")
        _unstack(container, batch, made)
    return container


def find(container: Picture) -> Header | None:
    """What a container says of itself, or None if it does not look like one.

    Raises:
        NothingHiddenError: It was made by a later version.
    """
    height, width, _ = container.shape
    if min(height, width) < SMALLEST:
        return None
    cell = cells(height, width)[0]
    try:
        return _header.read_header(container[cell.rows, cell.columns], pad_of(0, *cell.shape))
    except UnknownVersionError as error:
        raise NothingHiddenError(
            f"holds a picture in a form that this plainsight does not know ({error}); "
            "a newer one may reveal it"
        ) from error


def reveal(network: Network, container: Picture) -> Picture:
    """Reveals a secret at its own size.

    Raises:
        NothingHiddenError: There is no hidden picture, or none any more.
        AlteredError: There is one, but the container is not what it was.
    """
    found = find(container)
    if found is None:
        raise NothingHiddenError(
            "no hidden picture found: this is no container, or it was resized, cropped or saved "
            "with loss after the picture was hidden; one that classic made needs --model classic"
        )
    height, width, _ = container.shape
    if found.container_size != (height, width):
        was_height, was_width = found.container_size
        raise AlteredError(
            f"was {was_width} x {was_height} pixels when a picture was hidden in it, and is "
            f"{width} x {height} now; the hidden picture is lost with what was cut off"
        )
    fitted = np.empty_like(container)
    damaged = []
    for batch in _batches(cells(height, width)):
        feed = {
            "container": _stack(container, batch),
            "pad": _pads(batch),
            "bits": np.array(found.bits, np.int64),
        }
        made, headers, intact = network.run(feed, "secret", "header", "intact")
        for cell, header, whole in zip(batch, headers, intact, strict=True):
            expected = Header(
                found.model, found.bits, found.secret_size, found.container_size, cell.number
            )
            if not whole or header.tobytes() != expected.to_bytes():
                damaged.append(cell.number)
        _unstack(fitted, batch, made)
    if damaged:
        raise AlteredError(
            f"was altered after a picture was hidden in it: {len(damaged)} of "
            f"{len(cells(height, width))} tiles are damaged"
        )
    return resize_to(fitted, *found.secret_size)


def _batches(grid: list[Cell]) -> Iterator[list[Cell]]:
    """Tiles of one shape together, a few at a time."""
    by_shape = sorted(grid, key=lambda cell: cell.shape)
    for _, same in groupby(by_shape, key=lambda cell: cell.shape):
        group = list(same)
        for start in range(0, len(group), _BATCH):
            yield group[start : start + _BATCH]


def _stack(picture: Picture, batch: list[Cell]) -> Picture:
    return np.stack([picture[cell.rows, cell.columns] for cell in batch])


def _unstack(picture: Picture, batch: list[Cell], made: Picture) -> None:
    for cell, tile in zip(batch, made, strict=True):
        picture[cell.rows, cell.columns] = tile


def _pads(batch: list[Cell]) -> Picture:
    return np.stack([pad_of(cell.number, *cell.shape) for cell in batch])
