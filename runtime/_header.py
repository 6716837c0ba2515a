"""What a container says of itself: 60 bytes at the front of each tile, in the lowest bits.

They are the bytes 4 to 63 of what the lowest bits of a tile's first 512 samples spell, most
significant bit first, once the pad is taken off. They can be read without knowing the payload.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np

from runtime._pictures import Picture

SIZE = 60
_SAMPLES = 512
_START = 4
_MAGIC = b"PlSi"
_VERSION = 1
# magic, version, model, bits, 0, secret width and height, container width and height, tile
_LAYOUT = struct.Struct(">4s4B5I")
_CHECKSUM = struct.Struct(">I")

MODELS = {"clear": 1}


@dataclass(frozen=True)
class Header:
    """A tile's header.

    Attributes:
        model: Name of the model, one of `MODELS`.
        bits: Payload in bits a sample.
        secret_size: Height and width of the secret as it was given, in pixels.
        container_size: Height and width of the whole container.
        tile: Number of the tile, from 0.
    """

    model: str
    bits: int
    secret_size: tuple[int, int]
    container_size: tuple[int, int]
    tile: int

    def to_bytes(self) -> bytes:
        """The header's 60 bytes."""
        packed = _LAYOUT.pack(
            _MAGIC,
            *(_VERSION, MODELS[self.model], self.bits, 0),
            *(self.secret_size[1], self.secret_size[0]),
            *(self.container_size[1], self.container_size[0]),
            self.tile,
        )
        packed = packed.ljust(SIZE - _CHECKSUM.size, b"\0")
        return packed + _CHECKSUM.pack(zlib.crc32(packed))


class UnknownVersionError(ValueError):
    """A header of a later version than this package knows."""


def parse(content: bytes) -> Header | None:
    """The header that 60 bytes spell, or None if they spell none.

    Raises:
        UnknownVersionError: It is one, of a version or model that this package does not know.
    """
    packed, checksum = content[: -_CHECKSUM.size], content[-_CHECKSUM.size :]
    if packed[:4] != _MAGIC or _CHECKSUM.unpack(checksum) != (zlib.crc32(packed),):
        return None
    _, version, number, bits, _, width, height, full_width, full_height, tile = _LAYOUT.unpack_from(
        packed
    )
    names = {number: name for name, number in MODELS.items()}
    if version != _VERSION or number not in names:
        raise UnknownVersionError(f"version {version}, model number {number}")
    return Header(names[number], bits, (height, width), (full_height, full_width), tile)


def read_header(tile: Picture, pad: Picture) -> Header | None:
    """The header in a tile's residues, or None if there is none.

    Args:
        tile: uint8 (height, width, 3), at least 16 pixels a side.
        pad: What was added to the residues, of the same shape.

    Raises:
        UnknownVersionError: See `parse`.
    """
    lowest = (tile.reshape(-1)[:_SAMPLES] ^ pad.reshape(-1)[:_SAMPLES]) & 1
    return parse(np.packbits(lowest).tobytes()[_START:])
