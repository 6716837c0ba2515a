"""The tags that show damage."""

from __future__ import annotations

import hmac

from runtime.crypto.keys import FileKeys

TAG_BYTES = 16


def tag_of(keys: FileKeys, tile: int, shape: tuple[int, int], bits: int, content: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) of a tile's place, shape, payload and content, cut to 16 bytes.

    Args:
        keys: Of the file.
        tile: Number of the tile.
        shape: Height and width of the tile in pixels.
        bits: Payload in bits per sample.
        content: What the tile carries, the tag itself left out.
    """
    place = b"".join(number.to_bytes(4, "big") for number in (tile, *shape)) + bytes([bits])
    return hmac.digest(keys.tag, place + content, "sha256")[:TAG_BYTES]


def is_tag(tag: bytes, expected: bytes) -> bool:
    """Whether two tags are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(tag, expected)
