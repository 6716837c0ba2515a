"""Models that write an exact code of the secret into the container's residues, such as `clear`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import ceil

import numpy as np

from runtime import _header
from runtime._errors import AlteredError, NothingHiddenError, PictureError, TooLargeError
from runtime._grid import SMALLEST, Cell, cells, first_cell
from runtime._header import Description
from runtime._keys import FileKeys, KeyRing
from runtime._network import Network
from runtime._parallel import for_each
from runtime._pictures import Picture, resize_to

# Pixels that are worked on together: of one large tile, or of many small ones, which would leave
# the entropy coder's many small steps to be taken for each alone. A CUDA card wants more to do.
_PIXELS = 512 * 512
_CUDA_PIXELS = 4 * _PIXELS

# By how likely each is: whoever asks for nothing gets 2.
_PAYLOADS = (2, 1, 3)

_GREY = 128

_LARGEST_SIDE = 1 << 24

NOTHING_FOUND = (
    "no hidden picture found, or the passphrase is not the right one (a container that was "
    "resized, cropped or saved with loss does not hold its picture any more; one that classic made "
    "needs --model classic)"
)


@dataclass(frozen=True, eq=False)
class _Work:
    """A picture at work.

    Attributes:
        given: Cover or container, uint8 (height, width, 3).
        secret: Secret of the size of `given`: to be hidden, or being revealed.
        made: Container being made; when revealing, the same as `given`.
        keys: Of the file.
        description: Of the container.
        lost: Tiles that are not there any more.
        sized: Whether the secret's own size is known.
        damaged: Tiles that were found altered.
    """

    given: Picture
    secret: Picture
    made: Picture
    keys: FileKeys
    description: Description
    lost: Sequence[Cell] = ()
    sized: bool = True
    damaged: list[Cell] = field(default_factory=list)

    @property
    def places(self) -> list[Cell]:
        """The tiles that are there."""
        missing = {cell.number for cell in self.lost}
        grid = cells(*self.description.container_size)
        return [cell for cell in grid if cell.number not in missing]


def hide(
    network: Network,
    pairs: Sequence[tuple[Picture, Picture]],
    bits: int,
    keys: Sequence[FileKeys],
) -> list[Picture]:
    """Hides secrets, stretched to their covers' sizes, at a payload of `bits` bits a sample.

    Args:
        network: The hide graph.
        pairs: Covers and secrets.
        bits: Payload.
        keys: Of each file.

    Raises:
        PictureError: A cover is smaller than 16 pixels a side, or a picture is too large.
    """
    works = [
        _begin_hiding(network, cover, secret, bits, key)
        for (cover, secret), key in zip(pairs, keys, strict=True)
    ]

    def do(batch: list[_Place]) -> None:
        pads = _pads(batch)
        headers = [_header.header_bytes(w.keys, w.description, c.number) for w, c in batch]
        feed = {
            "cover": np.stack([w.given[c.rows, c.columns] for w, c in batch]),
            "secret": np.stack([w.secret[c.rows, c.columns] for w, c in batch]),
            "pad": pads,
            "header": np.stack(headers),
            "bits": np.array(bits, np.int64),
        }
        (made,) = network.run(feed, "container")
        for (work, cell), tile, pad in zip(batch, made, pads, strict=True):
            here = work.given[cell.rows, cell.columns]
            _header.seal(tile, here, work.keys, cell.number, pad, bits)
            work.made[cell.rows, cell.columns] = tile

    for_each(do, _batches(network, works), network.side_by_side)
    return [work.made for work in works]


def _begin_hiding(
    network: Network, cover: Picture, secret: Picture, bits: int, keys: FileKeys
) -> _Work:
    height, width, _ = cover.shape
    if min(height, width) < SMALLEST:
        raise PictureError(
            f"cover must be at least {SMALLEST} pixels a side, got {width} x {height}"
        )
    sizes = (secret.shape[0], secret.shape[1]), (height, width)
    if max(*sizes[0], *sizes[1]) >= _LARGEST_SIDE:
        raise PictureError(f"a side must be shorter than {_LARGEST_SIDE} pixels")
    model = network.model
    description = Description(model.name, bits, *sizes, model.code)
    fitted = resize_to(secret, height, width)
    return _Work(cover, fitted, np.empty_like(cover), keys, description)


def reveal(
    network: Network,
    containers: Sequence[Picture],
    ring: KeyRing,
    passphrase: bytes | None,
    max_pixels: int,
) -> list[Picture]:
    """Reveals secrets at their own sizes.

    Raises:
        NothingHiddenError: There is no hidden picture, or none any more, or not for this key.
        AlteredError: There is one, but the container is not what it was.
        TooLargeError: A container or secret had more pixels than `max_pixels`.
    """
    works = [_begin_revealing(network, c, ring, passphrase, max_pixels) for c in containers]

    def do(batch: list[_Place]) -> None:
        pads = _pads(batch)
        bits = batch[0][0].description.bits
        feed = {
            "container": np.stack([w.given[c.rows, c.columns] for w, c in batch]),
            "pad": pads,
            "bits": np.array(bits, np.int64),
        }
        (made,) = network.run(feed, "secret")
        for (work, cell), tile, pad in zip(batch, made, pads, strict=True):
            here = work.given[cell.rows, cell.columns]
            whole = _header.is_whole(here, work.keys, cell.number, pad, bits)
            if not whole:
                work.damaged.append(cell)
            # Of a damaged code the decoder makes noise.
            work.secret[cell.rows, cell.columns] = tile if whole else _GREY

    for_each(do, _batches(network, works), network.side_by_side)
    return [_end_revealing(work, max_pixels) for work in works]


def _begin_revealing(
    network: Network,
    container: Picture,
    ring: KeyRing,
    passphrase: bytes | None,
    max_pixels: int,
) -> _Work:
    found = _find(network.model.code, container, ring, passphrase)
    if found is None:
        raise NothingHiddenError(NOTHING_FOUND)
    description, keys = found
    here, was = container.shape[:2], description.container_size
    trusted = _is_trusted(container, description, keys)
    if here == was:
        if not trusted:
            # The secret's own size may be anything; that of the container is at hand.
            description = replace(description, secret_size=was)
        secret = np.empty_like(container)
        return _Work(container, secret, container, keys, description, sized=trusted)
    if not trusted:
        raise AlteredError(
            "it was altered, cropped or resized after a picture was hidden in it, and nothing of "
            "that can be revealed"
        )
    _refuse_larger(was, max_pixels)
    # What was cut off is grey; what is left stands where it stood.
    lost = [c for c in cells(*was) if c.rows.stop > here[0] or c.columns.stop > here[1]]
    return _Work(container, np.full((*was, 3), _GREY, np.uint8), container, keys, description, lost)


def _is_trusted(container: Picture, description: Description, keys: FileKeys) -> bool:
    """Whether what a container says of itself is under a tag that is right."""
    height, width = description.container_size
    if min(height, width) < SMALLEST:
        return False
    first = first_cell(height, width)
    tile = container[first.rows, first.columns]
    if tile.shape[:2] != first.shape:
        return False
    pad = _header.tile_pad(keys, 0, *first.shape)
    return _header.is_whole(tile, keys, 0, pad, description.bits)


def _refuse_larger(size: tuple[int, int], max_pixels: int) -> None:
    height, width = size
    if height * width > max_pixels:
        raise TooLargeError(
            f"what is hidden has {width} x {height} pixels, more than the {max_pixels:,} allowed; "
            "--max-megapixels (max_pixels=) allows more"
        )


def _end_revealing(work: _Work, max_pixels: int) -> Picture:
    damaged = len(work.damaged) + len(work.lost)
    tiles = len(cells(*work.description.container_size))
    if damaged == tiles:
        raise AlteredError(
            "it was altered after a picture was hidden in it, and nothing of that can be revealed"
        )
    _refuse_larger(work.description.secret_size, max_pixels)
    revealed = resize_to(work.secret, *work.description.secret_size)
    if damaged:
        verb = "is" if damaged == 1 else "are"
        size = "" if work.sized else "; its own size is not known any more"
        raise AlteredError(
            f"it was altered after a picture was hidden in it: {damaged} of its {tiles} tiles "
            f"{verb} damaged or missing, and grey where revealed{size}",
            revealed=revealed,
        )
    if work.given.shape[:2] != work.description.container_size:
        raise AlteredError(
            "it was enlarged after a picture was hidden in it; that is whole all the same",
            revealed=revealed,
        )
    return revealed


def _find(
    code: bytes, container: Picture, ring: KeyRing, passphrase: bytes | None
) -> tuple[Description, FileKeys] | None:
    """What a container says of itself under a passphrase, and its keys."""
    height, width, _ = container.shape
    if min(height, width) < SMALLEST:
        return None
    first = first_cell(height, width)
    tile = container[first.rows, first.columns]
    tried = [(bits, *_header.read_open(tile, bits)) for bits in _PAYLOADS]
    # A salt that is known costs no derivation: in a folder, all but the first file's.
    for bits, nonce, salt in sorted(tried, key=lambda t: not ring.knows(passphrase, t[2])):
        keys = ring.file_keys(passphrase, nonce, salt)
        description = _header.read_description(tile, keys, bits, code)
        if description is not None:
            return description, keys
    return None


_Place = tuple[_Work, Cell]


def _batches(network: Network, works: list[_Work]) -> list[list[_Place]]:
    """Tiles of one shape and payload together, some at a time."""

    def kind(place: _Place) -> tuple[int, tuple[int, int]]:
        work, cell = place
        return work.description.bits, cell.shape

    places = [(work, cell) for work in works for cell in work.places]
    pixels = _PIXELS if network.device.name == "cpu" else _CUDA_PIXELS
    batches = []
    for (_, (height, width)), same in groupby(sorted(places, key=kind), key=kind):
        group = list(same)
        each = min(pixels // (height * width), ceil(len(group) / network.side_by_side))
        batches += [group[start : start + each] for start in range(0, len(group), each)]
    return batches


def _pads(batch: list[_Place]) -> Picture:
    return np.stack([_header.tile_pad(w.keys, c.number, *c.shape) for w, c in batch])
