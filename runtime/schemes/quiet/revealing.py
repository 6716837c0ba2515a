"""How `quiet` finds a container, and reads its payload."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from runtime.carriers.syndrome import directions, plane, trellis
from runtime.carriers.syndrome.order import Positions
from runtime.carriers.syndrome.plane import Samples
from runtime.crypto.keys import FileKeys, Keys
from runtime.errors import AlteredError
from runtime.images.colour import as_shown
from runtime.images.image import Picture
from runtime.payloads import Payload
from runtime.payloads.compact import decode_compact
from runtime.payloads.file import read_file
from runtime.schemes.base import Revealed
from runtime.schemes.quiet import description, places
from runtime.schemes.quiet.costs import PLANES
from runtime.schemes.quiet.description import HEIGHT, OPEN_BYTES, SEALED_BYTES, Description

_GREEN, _RED, _BLUE = PLANES
_NOTHING_LEFT = "it was altered after a picture was hidden in it, and none of that can be revealed"


@dataclass(frozen=True, eq=False)
class QuietMatch:
    """A container that was found.

    Attributes:
        container: uint8 (height, width, 3).
        description: What it says of itself.
        keys: Of the file.
    """

    container: Picture
    description: Description
    keys: FileKeys


def find(container: Picture, keys: Keys) -> QuietMatch | None:
    """What a picture says of itself as a container under these keys; None if it says nothing."""
    height, width, _ = container.shape
    if min(height, width) < places.LEAST_SIDE:
        return None
    pixels = height * width
    where = places.public_places(pixels)
    opened = _read_few(container, _GREEN, where, OPEN_BYTES)
    file_keys = description.keys_of(opened, keys)
    where = places.sealed_places(pixels, file_keys)
    said = description.parse(_read_few(container, _BLUE, where, SEALED_BYTES), file_keys)
    return None if said is None else QuietMatch(container, said, file_keys)


def reveal(match: QuietMatch, max_pixels: int) -> Revealed:
    """Reveals a secret: a file, or a picture at its own size.

    Args:
        match: What `find` returned.
        max_pixels: Most pixels that a secret may have.

    Raises:
        AlteredError: The container is not what it was.
        TooLargeError: The secret has more pixels than `max_pixels`.
        ContainerError: It carries a file that is no picture.
    """
    said = match.description
    content = _read(match)
    height, width, _ = match.container.shape
    size, density = len(content), 8 * len(content) / (height * width)
    payload = Payload(said.kind, size, size, density)
    if said.kind == "compact":
        picture, coded_size = decode_compact(content, max_pixels)
        own = None if coded_size == picture.shape[:2] else coded_size
        return Revealed(picture, payload=replace(payload, coded_size=own))
    image = as_shown(read_file(content, max_pixels))
    file = content if said.kind == "file" else None
    return Revealed(image.pixels, file=file, payload=payload)


def _read(match: QuietMatch) -> bytes:
    said, (height, width, _) = match.description, match.container.shape
    where_all = places.payload_places(height * width, match.keys)
    for where, bits in zip(where_all.planes, said.planes, strict=True):
        if bits > trellis.room(len(where)):
            raise AlteredError(_NOTHING_LEFT)
    if said.directions > height * width:
        raise AlteredError(_NOTHING_LEFT)
    samples = [_plane(match.container, channel) for channel in PLANES]
    parts = [
        plane.read(some, where, bits, said.height)
        for some, where, bits in zip(samples, where_all.planes, said.planes, strict=True)
    ]
    second = [plane.second_bits(some, where_all.directions) for some in samples]
    parts.append(directions.read(second, said.directions))
    content = np.packbits(np.concatenate(parts)).tobytes()
    payload = description.opened_payload(said.kind, content, match.keys)
    if payload is None:
        raise AlteredError(_NOTHING_LEFT)
    return payload


def _read_few(container: Picture, channel: int, where: Positions, length: int) -> bytes:
    bits = plane.read(_plane(container, channel), where, 8 * length, HEIGHT)
    return np.packbits(bits).tobytes()


def _plane(container: Picture, channel: int) -> Samples:
    return np.ascontiguousarray(container[..., channel]).reshape(-1)
