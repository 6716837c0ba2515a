"""What a container says of itself, in one place and at one density, so that one key finds it.

docs/clear-format.md has the layout. Nonce and salt are not encrypted, but random; the rest is
encrypted, and has a tag: if that is right, the container is found.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.carriers import density
from runtime.carriers.density import Density
from runtime.crypto.keys import NONCE_BYTES, SALT_BYTES, FileKeys, Keys
from runtime.crypto.keystream import masked
from runtime.crypto.tags import is_tag, tag_of
from runtime.images.image import Picture
from runtime.payloads.base import Kind

VERSION = 2
KINDS: dict[Kind, int] = {"file": 1, "pixels": 2, "code": 3, "compact": 4, "repacked": 5}
SQUARE = 16
"""Pixels per side of the square at the top left that holds the description."""

PIXELS = 142
"""Of the square, in raster order, that hold it."""

_DENSITY = Density(3)
_STREAM = 0
_SALT_MASK = b"plainsight 2 salt"
_OPEN = NONCE_BYTES + SALT_BYTES
_SEALED = 17
_TAG_BYTES = 8
_SIZE = _OPEN + _SEALED + _TAG_BYTES


@dataclass(frozen=True)
class Description:
    """What a container says of itself.

    Attributes:
        kind: Of the payload.
        length: Of the payload in bytes.
        density: How densely the pixels carry it.
        size: Height and width of the whole container in pixels.
        code_id: Two bytes that tell the model's fitted code from another's; zeros where the payload
            needs no code.
    """

    kind: Kind
    length: int
    density: Density
    size: tuple[int, int]
    code_id: bytes

    def to_bytes(self) -> bytes:
        """The 17 bytes that stand for it."""
        return b"".join(
            (
                bytes([VERSION, KINDS[self.kind]]),
                self.length.to_bytes(4, "big"),
                bytes([self.density.bits]),
                (self.density.share - 1).to_bytes(2, "big"),
                self.size[1].to_bytes(3, "big"),
                self.size[0].to_bytes(3, "big"),
                self.code_id,
            )
        )


def parse(content: bytes) -> Description | None:
    """The description that 17 bytes spell, or None if they spell none."""
    kinds = {number: kind for kind, number in KINDS.items()}
    version, kind = content[:2]
    length, share, width, height = (
        int.from_bytes(content[start:end], "big")
        for start, end in ((2, 6), (7, 9), (9, 12), (12, 15))
    )
    density_ = Density(content[6], share + 1)
    if version != VERSION or kind not in kinds or not density_.is_valid():
        return None
    if min(height, width) < SQUARE or length == 0:
        return None
    return Description(kinds[kind], length, density_, (height, width), content[15:17])


def places(width: int) -> NDArray[np.intp]:
    """Which of a picture's first pixels, in raster order, hold the description."""
    number = np.arange(PIXELS)
    return number // SQUARE * width + number % SQUARE


def write(pixels: Picture, keys: FileKeys, description: Description) -> Picture:
    """The pixels that hold a description, uint8 (142, 3), nearest to those given."""
    plain = description.to_bytes()
    salt = _masked_salt(keys.salt, keys.nonce)
    content = keys.nonce + salt + masked(keys, _STREAM, plain) + _tag(keys, plain)
    return density.write(pixels, content, _DENSITY)


def find(pixels: Picture, keys: Keys) -> tuple[Description, FileKeys] | None:
    """What a picture says of itself under a key, and the keys of the file; None if nothing.

    Args:
        pixels: uint8 (142, 3), those that would hold it.
        keys: Derive the keys of the file, once.
    """
    content = density.read(pixels, _SIZE, _DENSITY)
    nonce = content[:NONCE_BYTES]
    file_keys = keys.of(nonce, _masked_salt(content[NONCE_BYTES:_OPEN], nonce))
    plain = masked(file_keys, _STREAM, content[_OPEN : _OPEN + _SEALED])
    if not is_tag(content[_OPEN + _SEALED :], _tag(file_keys, plain)):
        return None
    description = parse(plain)
    return None if description is None else (description, file_keys)


def _tag(keys: FileKeys, plain: bytes) -> bytes:
    return tag_of(keys, b"description" + keys.nonce + keys.salt + plain, _TAG_BYTES)


def _masked_salt(salt: bytes, nonce: bytes) -> bytes:
    """The salt, or back: files of one run should not show the same bytes in the same place."""
    mask = hashlib.sha256(_SALT_MASK + nonce).digest()
    return bytes(a ^ b for a, b in zip(salt, mask, strict=False))
