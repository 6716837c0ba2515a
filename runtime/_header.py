"""What a container says of itself: 60 bytes at the front of each tile, in the lowest bits.

docs/clear-format.md has the layout. They are the bytes 4 to 63 of what the lowest bits of the
symbols of a tile's first 512 samples spell. Nonce and salt stand there as they are, and are
random; all else is under the pad.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime._keys import NONCE_BYTES, SALT_BYTES, FileKeys
from runtime._lattice import Residues, residues_of, with_residues
from runtime._pad import TAG_BYTES, pad_of, tag_of
from runtime._pictures import Picture

SIZE = 60
MODELS = {"clear": 1}
_VERSION = 1
_SAMPLES = 512
_START = 4
_OPEN = NONCE_BYTES + SALT_BYTES
_TAG = SIZE - TAG_BYTES
_SALT_MASK = b"plainsight 1 salt"
# Pixels that hold the 512 samples; the tag's start with a pixel of their own.
_PIXELS = -(-_SAMPLES // 3)
_TAG_PIXEL = 8 * (_START + _TAG) // 3
_TAG_BITS = np.array([7] * (8 * TAG_BYTES // 3) + [(1 << 8 * TAG_BYTES % 3) - 1], np.uint16)


@dataclass(frozen=True)
class Description:
    """What tile 0 says of the whole container.

    Attributes:
        model: Name of the model, one of `MODELS`.
        bits: Payload in bits a sample.
        secret_size: Height and width of the secret as it was given, in pixels.
        container_size: Height and width of the whole container.
        code: See `runtime._models.Model.code`.
    """

    model: str
    bits: int
    secret_size: tuple[int, int]
    container_size: tuple[int, int]
    code: bytes

    def to_bytes(self) -> bytes:
        """The 16 bytes that stand for it."""
        sizes = (*self.secret_size[::-1], *self.container_size[::-1])
        packed = bytes([_VERSION, MODELS[self.model] << 4 | self.bits])
        return packed + b"".join(side.to_bytes(3, "big") for side in sizes) + self.code


def parse(content: bytes) -> Description | None:
    """The description that 16 bytes spell, or None if they spell none."""
    names = {number: name for name, number in MODELS.items()}
    version, kind, *_ = content
    sides = [int.from_bytes(content[start : start + 3], "big") for start in range(2, 14, 3)]
    if version != _VERSION or kind >> 4 not in names or not all(sides):
        return None
    sizes = (sides[1], sides[0]), (sides[3], sides[2])
    return Description(names[kind >> 4], kind & 15, *sizes, content[14:])


def header_bytes(keys: FileKeys, description: Description, tile: int) -> NDArray[np.uint8]:
    """A tile's header with zeros for the tag, uint8 (60,); see `seal` for the tag."""
    content = b""
    if tile == 0:
        content = keys.nonce + _masked(keys.salt, keys.nonce) + description.to_bytes()
    return np.frombuffer(content.ljust(SIZE, b"\0"), np.uint8)


def tile_pad(keys: FileKeys, tile: int, height: int, width: int) -> Picture:
    """A tile's pad, with none on the lowest bits that nonce and salt are read from."""
    pad = pad_of(keys, tile, height, width)
    if tile == 0:
        pad = pad.copy()
        pad.reshape(-1)[8 * _START : 8 * (_START + _OPEN)] &= 0xFE
    return pad


def seal(
    container: Picture, cover: Picture, keys: FileKeys, tile: int, pad: Picture, bits: int
) -> None:
    """Writes a finished tile's tag into it, in place.

    Args:
        container: uint8 (height, width, 3), as the hide graph made it, with zeros for the tag.
        cover: What it was made of.
        keys: Of the file.
        tile: Number of the tile.
        pad: Of the tile.
        bits: Payload in bits a sample.
    """
    residues, _ = _without_tag(container, bits)
    height, width, _ = container.shape
    tag = tag_of(keys, tile, (height, width), bits, residues)
    place = slice(_TAG_PIXEL, _PIXELS)
    wanted = residues[place] | _spread(tag, pad)
    container.reshape(-1, 3)[place] = with_residues(cover.reshape(-1, 3)[place], wanted, bits)


def is_whole(container: Picture, keys: FileKeys, tile: int, pad: Picture, bits: int) -> bool:
    """Whether a tile is what `seal` left; the arguments are the same."""
    residues, carried = _without_tag(container, bits)
    height, width, _ = container.shape
    tag = tag_of(keys, tile, (height, width), bits, residues)
    return hmac.compare_digest(carried.tobytes(), _spread(tag, pad).tobytes())


def read_open(tile: Picture, bits: int) -> tuple[bytes, bytes]:
    """Nonce and salt as they stand in a picture's first tile, if they do."""
    content = _lowest_bits(tile, bits)[_START:]
    nonce = content[:NONCE_BYTES]
    return nonce, _masked(content[NONCE_BYTES:_OPEN], nonce)


def read_description(tile: Picture, keys: FileKeys, bits: int, code: bytes) -> Description | None:
    """What a picture's first tile says of the container under these keys, or None.

    It is to be trusted only once the tile is known to be whole.

    Args:
        tile: uint8 (height, width, 3), at least 16 pixels a side.
        keys: Of the file, if it is one.
        bits: Payload in bits a sample.
        code: That of the model at hand; None is the answer for another's.
    """
    pad = pad_of(keys, 0, 1, _PIXELS).reshape(-1)[:_SAMPLES]
    mask = np.packbits(pad & 1).tobytes()
    content = bytes(a ^ b for a, b in zip(_lowest_bits(tile, bits), mask, strict=True))
    found = parse(content[_START + _OPEN : _START + _TAG])
    return found if found and (found.bits, found.code) == (bits, code) else None


def _lowest_bits(tile: Picture, bits: int) -> bytes:
    residues = residues_of(tile.reshape(-1, 3)[:_PIXELS], bits)
    lowest = residues[:, None] >> np.arange(3, dtype=np.uint16) & 1
    return np.packbits(lowest.reshape(-1)[:_SAMPLES].astype(np.uint8)).tobytes()


def _masked(salt: bytes, nonce: bytes) -> bytes:
    """The salt, or back: files of one run should not show the same bytes in the same place."""
    mask = hashlib.sha256(_SALT_MASK + nonce).digest()
    return bytes(a ^ b for a, b in zip(salt, mask, strict=False))


def _spread(tag: bytes, pad: Picture) -> Residues:
    """The bits of the tag's pixels' residues that say it, uint16 (43,)."""
    start = 8 * (_START + _TAG)
    lowest = pad.reshape(-1)[start : start + 8 * TAG_BYTES] & 1
    carried = np.unpackbits(np.frombuffer(tag, np.uint8)) ^ lowest
    padded = np.pad(carried, (0, -len(carried) % 3)).reshape(-1, 3).astype(np.uint16)
    return np.asarray(padded @ np.array([1, 2, 4], np.uint16), np.uint16)


def _without_tag(container: Picture, bits: int) -> tuple[Residues, Residues]:
    """A tile's residues with the tag's bits cleared, uint16 (n,), and those bits, (43,)."""
    residues = residues_of(container, bits).reshape(-1)
    place = slice(_TAG_PIXEL, _PIXELS)
    carried = residues[place] & _TAG_BITS
    residues[place] &= ~_TAG_BITS
    return residues, carried
