"""What a container says of itself: 60 bytes at the front of each tile, in the lowest bits.

docs/clear-format.md has the layout. They are bytes 4 to 63 of those that the lowest bits of the
symbols of a tile's first 512 samples spell. Nonce and salt are not encrypted, but random; the rest
is XORed with the keystream.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.residues import Residues, residues_of, with_residues
from runtime.crypto.keys import NONCE_BYTES, SALT_BYTES, FileKeys
from runtime.crypto.keystream import tile_keystream
from runtime.crypto.tags import TAG_BYTES, is_tag, tag_of
from runtime.images.image import Picture

SIZE = 60
MODELS = {"clear": 1}
_VERSION = 1
_SAMPLES = 512
_START = 4
_OPEN = NONCE_BYTES + SALT_BYTES
_TAG = SIZE - TAG_BYTES
_SALT_MASK = b"plainsight 1 salt"
# Pixels that hold the 512 samples; the tag starts with a pixel of its own.
_PIXELS = -(-_SAMPLES // 3)
_TAG_PIXEL = 8 * (_START + _TAG) // 3
_TAG_BITS = np.array([7] * (8 * TAG_BYTES // 3) + [(1 << 8 * TAG_BYTES % 3) - 1], np.uint16)


@dataclass(frozen=True)
class Description:
    """What tile 0 says of the whole container.

    Attributes:
        model: Name of the model, one of `MODELS`.
        bits: Payload in bits per sample.
        secret_size: Height and width of the secret before it was stretched, in pixels.
        container_size: Height and width of the whole container.
        code_id: Two bytes that tell the model's fitted code from another's.
    """

    model: str
    bits: int
    secret_size: tuple[int, int]
    container_size: tuple[int, int]
    code_id: bytes

    def to_bytes(self) -> bytes:
        """The 16 bytes that stand for it."""
        sizes = (*self.secret_size[::-1], *self.container_size[::-1])
        packed = bytes([_VERSION, MODELS[self.model] << 4 | self.bits])
        return packed + b"".join(side.to_bytes(3, "big") for side in sizes) + self.code_id


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
    """A tile's keystream, cleared where nonce and salt are read from."""
    pad = tile_keystream(keys, tile, height, width)
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
        cover: The tile of the cover.
        keys: Of the file.
        tile: Number of the tile.
        pad: Of the tile, by `tile_pad`.
        bits: Payload in bits per sample.
    """
    residues, _ = _without_tag(container, bits)
    tag = _tag(keys, tile, container, bits, residues)
    place = slice(_TAG_PIXEL, _PIXELS)
    wanted = residues[place] | _spread(tag, pad)
    container.reshape(-1, 3)[place] = with_residues(cover.reshape(-1, 3)[place], wanted, bits)


def is_intact(container: Picture, keys: FileKeys, tile: int, pad: Picture, bits: int) -> bool:
    """Whether a tile is as `seal` left it; the arguments are the same."""
    residues, carried = _without_tag(container, bits)
    tag = _tag(keys, tile, container, bits, residues)
    return is_tag(carried.tobytes(), _spread(tag, pad).tobytes())


def read_open(tile: Picture, bits: int) -> tuple[bytes, bytes]:
    """Nonce and salt as a picture's first tile has them, if it has any."""
    content = _lowest_bits(tile, bits)[_START:]
    nonce = content[:NONCE_BYTES]
    return nonce, _masked(content[NONCE_BYTES:_OPEN], nonce)


def read_description(
    tile: Picture, keys: FileKeys, bits: int, code_id: bytes
) -> Description | None:
    """What a picture's first tile says of the container under these keys, or None.

    It can be trusted only once the tile is known to be intact.

    Args:
        tile: uint8 (height, width, 3), at least 16 pixels per side.
        keys: Of the file, if it is one.
        bits: Payload in bits per sample.
        code_id: That of the model at hand; for another's, the answer is None.
    """
    keystream = tile_keystream(keys, 0, 1, _PIXELS).reshape(-1)[:_SAMPLES]
    mask = np.packbits(keystream & 1).tobytes()
    content = bytes(a ^ b for a, b in zip(_lowest_bits(tile, bits), mask, strict=True))
    description = parse(content[_START + _OPEN : _START + _TAG])
    if description and (description.bits, description.code_id) == (bits, code_id):
        return description
    return None


def _tag(keys: FileKeys, tile: int, container: Picture, bits: int, residues: Residues) -> bytes:
    height, width, _ = container.shape
    return tag_of(keys, tile, (height, width), bits, residues.astype("<u2", copy=False).tobytes())


def _lowest_bits(tile: Picture, bits: int) -> bytes:
    residues = residues_of(tile.reshape(-1, 3)[:_PIXELS], bits)
    lowest = residues[:, None] >> np.arange(3, dtype=np.uint16) & 1
    return np.packbits(lowest.reshape(-1)[:_SAMPLES].astype(np.uint8)).tobytes()


def _masked(salt: bytes, nonce: bytes) -> bytes:
    """The salt, or back: files of one run should not show the same bytes in the same place."""
    mask = hashlib.sha256(_SALT_MASK + nonce).digest()
    return bytes(a ^ b for a, b in zip(salt, mask, strict=False))


def _spread(tag: bytes, pad: Picture) -> Residues:
    """The bits of the tag's pixels' residues that spell it, uint16 (43,)."""
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
