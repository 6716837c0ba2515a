"""How `clear` finds a container and reveals its secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from runtime.crypto.keys import FileKeys, Keys
from runtime.engine.network import Network
from runtime.errors import AlteredError, Damage, TooLargeError
from runtime.images.image import Picture
from runtime.payloads import code
from runtime.schemes.base import Revealed
from runtime.schemes.clear import header
from runtime.schemes.clear.grid import SMALLEST, Tile, first_tile, tiles_of
from runtime.schemes.clear.header import Description
from runtime.schemes.clear.limits import LARGEST_SECRET, is_too_large
from runtime.schemes.clear.work import TileOfWork, Work, for_each_batch, pads_of, stacked

# Most likely first: 2 is the default.
_PAYLOADS = (2, 1, 3)
# Of a container's area that must be intact: less is not worth a file, and a small container could
# ask for a very large one.
_LEAST_LEFT = 1 / 16


_TOO_LITTLE = (
    "it was altered after a picture was hidden in it, and too little of that is left to be revealed"
)


@dataclass(frozen=True, eq=False)
class ClearMatch:
    """A container that was found.

    Attributes:
        container: uint8 (height, width, 3).
        description: What it says of itself.
        keys: Of the file.
    """

    container: Picture
    description: Description
    keys: FileKeys


def find(container: Picture, keys: Keys, code_id: bytes) -> ClearMatch | None:
    """What a picture says of itself as a container under these keys; None if it says nothing."""
    height, width, _ = container.shape
    if min(height, width) < SMALLEST:
        return None
    first = first_tile(height, width)
    tile = container[first.rows, first.columns]
    tried = [(bits, *header.read_open(tile, bits)) for bits in _PAYLOADS]
    # A known salt needs no derivation: in a folder, only the first file's does.
    for bits, nonce, salt in sorted(tried, key=lambda t: not keys.knows(t[2])):
        file_keys = keys.of(nonce, salt)
        description = header.read_description(tile, file_keys, bits, code_id)
        if description is not None:
            return ClearMatch(container, description, file_keys)
    return None


def reveal(network: Network, matches: Sequence[ClearMatch], max_pixels: int) -> list[Revealed]:
    """Reveals secrets at their own sizes.

    Args:
        network: The reveal graph.
        matches: What `find` returned, of one container each.
        max_pixels: Most pixels that a secret may have.

    Raises:
        AlteredError: The container is not what it was, and nothing of it can be revealed.
        TooLargeError: A secret has more pixels than `max_pixels`.
    """
    works = [_begin(match, max_pixels) for match in matches]

    def do(batch: list[TileOfWork]) -> None:
        pads = pads_of(batch)
        bits = batch[0][0].description.bits
        feed = {
            "container": stacked(batch, lambda work: work.given),
            "pad": pads,
            "bits": np.array(bits, np.int64),
        }
        (secrets,) = network.run(feed, "secret")
        for (work, tile), secret, pad in zip(batch, secrets, pads, strict=True):
            container = work.given[tile.rows, tile.columns]
            intact = header.is_intact(container, work.keys, tile.number, pad, bits)
            if not intact:
                work.damaged.append(tile)
            work.secret[tile.rows, tile.columns] = secret if intact else code.GREY

    for_each_batch(do, network, works)
    return [_end(work, max_pixels) for work in works]


def _begin(match: ClearMatch, max_pixels: int) -> Work:
    container, description, keys = match.container, match.description, match.keys
    actual, original = container.shape[:2], description.container_size
    trusted = _is_trusted(container, description, keys)
    if actual == original:
        if not trusted:
            # The secret's own size could be anything now; that of the container is certain.
            description = replace(description, secret_size=original)
        secret = np.empty_like(container)
        return Work(container, secret, container, keys, description, size_known=trusted)
    if not trusted:
        raise AlteredError(
            "it was altered, cropped or resized after a picture was hidden in it, and none of "
            "that can be revealed"
        )
    if actual[0] * actual[1] < _LEAST_LEFT * original[0] * original[1]:
        raise AlteredError(_TOO_LITTLE)
    _refuse_larger(original, max_pixels)
    # What was cut off is grey; the rest is where it was.
    lost = [
        tile
        for tile in tiles_of(*original)
        if tile.rows.stop > actual[0] or tile.columns.stop > actual[1]
    ]
    _refuse_nearly_lost(original, lost)
    grey = np.full((*original, 3), code.GREY, np.uint8)
    return Work(container, grey, container, keys, description, lost)


def _is_trusted(container: Picture, description: Description, keys: FileKeys) -> bool:
    """Whether what a container says of itself is covered by a tag that is right."""
    height, width = description.container_size
    if min(height, width) < SMALLEST:
        return False
    first = first_tile(height, width)
    tile = container[first.rows, first.columns]
    if tile.shape[:2] != first.shape:
        return False
    pad = header.tile_pad(keys, 0, *first.shape)
    return header.is_intact(tile, keys, 0, pad, description.bits)


def _refuse_nearly_lost(size: tuple[int, int], lost: Sequence[Tile]) -> None:
    """Raises AlteredError if too little of a container of this size is intact."""
    area = size[0] * size[1]
    if area - sum(tile.shape[0] * tile.shape[1] for tile in lost) < _LEAST_LEFT * area:
        raise AlteredError(_TOO_LITTLE)


def _refuse_larger(size: tuple[int, int], max_pixels: int) -> None:
    height, width = size
    if height * width > max_pixels:
        raise TooLargeError(
            f"the hidden picture has {width} x {height} pixels, more than the {max_pixels:,} "
            "allowed",
            max_pixels=max_pixels,
        )


def _end(work: Work, max_pixels: int) -> Revealed:
    damaged = len(work.damaged) + len(work.lost)
    tiles = len(tiles_of(*work.description.container_size))
    if damaged == tiles:
        raise AlteredError(
            "it was altered after a picture was hidden in it, and none of that can be revealed"
        )
    _refuse_nearly_lost(work.description.container_size, [*work.damaged, *work.lost])
    _refuse_larger(work.description.secret_size, max_pixels)
    if is_too_large(work.description.secret_size, work.description.container_size):
        raise TooLargeError(
            f"the hidden picture claims to have more than {LARGEST_SECRET} times the pixels of its "
            "container"
        )
    picture = code.to_own_size(work.secret, work.description.secret_size)
    if damaged:
        return Revealed(picture, Damage(damaged, tiles, work.size_known))
    if work.given.shape[:2] != work.description.container_size:
        note = "it was enlarged after a picture was hidden in it; the picture is intact"
        return Revealed(picture, notes=(note,))
    return Revealed(picture)
