"""What a container says of itself: an open part, and a sealed part that only the key reads.

docs/quiet-format.md has the layout. The salt is random; all else is encrypted. So nothing in a
container has a value that could be searched for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from runtime.carriers.syndrome.columns import LEAST_HEIGHT, MOST_HEIGHT
from runtime.crypto.keys import NONCE_BYTES, SALT_BYTES, FileKeys, Keys
from runtime.crypto.keystream import masked
from runtime.crypto.tags import TAG_BYTES, is_tag, tag_of
from runtime.payloads.base import Kind

VERSION = 1
KINDS: dict[Kind, int] = {"file": 1, "pixels": 2, "compact": 3}
OPEN_BYTES = SALT_BYTES
HEIGHT = 8
"""Constraint height of both parts."""

_PLAIN = 19
_TAG_BYTES = 8
SEALED_BYTES = _PLAIN + _TAG_BYTES
_NONCE_OF = b"plainsight quiet 1 nonce"
_STREAM_OF_DESCRIPTION, _STREAM_OF_PAYLOAD = 0, 2


@dataclass(frozen=True)
class Description:
    """What a container says of itself.

    Attributes:
        kind: Of the payload.
        height: Constraint height of the code that carries it, 7 .. 10.
        planes: Bits in the lowest bits of the green, the red and the blue plane.
        directions: Bits in the directions of changes. All together are whole bytes.
    """

    kind: Kind
    height: int
    planes: tuple[int, int, int]
    directions: int

    @property
    def length(self) -> int:
        """Bytes of the payload, its tag included."""
        return (sum(self.planes) + self.directions) // 8

    def to_bytes(self) -> bytes:
        """The 19 bytes that stand for it."""
        return bytes([VERSION, KINDS[self.kind], self.height]) + b"".join(
            number.to_bytes(4, "big") for number in (*self.planes, self.directions)
        )


def new_keys(keys: Keys) -> FileKeys:
    """Keys for a new file. Its salt is its own, and the nonce follows from it."""
    return keys_of(keys.new().salt, keys)


def keys_of(opened: bytes, keys: Keys) -> FileKeys:
    """The keys of the container whose open part is this, 16 bytes; one derivation."""
    return keys.of(hashlib.sha256(_NONCE_OF + opened).digest()[:NONCE_BYTES], opened)


def sealed(said: Description, keys: FileKeys) -> bytes:
    """The 27 bytes of the sealed part."""
    plain = said.to_bytes()
    return masked(keys, _STREAM_OF_DESCRIPTION, plain) + _tag(plain, keys)


def parse(content: bytes, keys: FileKeys) -> Description | None:
    """The description that a sealed part holds; None if it is not one of this key."""
    plain = masked(keys, _STREAM_OF_DESCRIPTION, content[:_PLAIN])
    if not is_tag(content[_PLAIN:], _tag(plain, keys)):
        return None
    kinds = {number: kind for kind, number in KINDS.items()}
    version, kind, height = plain[:3]
    if version != VERSION or kind not in kinds or not LEAST_HEIGHT <= height <= MOST_HEIGHT:
        return None
    green, red, blue, directions = (
        int.from_bytes(plain[start : start + 4], "big") for start in range(3, _PLAIN, 4)
    )
    said = Description(kinds[kind], height, (green, red, blue), directions)
    if (sum(said.planes) + directions) % 8 or said.length <= TAG_BYTES:
        return None
    return said


def sealed_payload(kind: Kind, content: bytes, keys: FileKeys) -> bytes:
    """A payload with its tag, encrypted."""
    return masked(keys, _STREAM_OF_PAYLOAD, content + _payload_tag(kind, content, keys))


def opened_payload(kind: Kind, content: bytes, keys: FileKeys) -> bytes | None:
    """The payload; None if its tag is wrong."""
    plain = masked(keys, _STREAM_OF_PAYLOAD, content)
    payload, tag = plain[:-TAG_BYTES], plain[-TAG_BYTES:]
    return payload if is_tag(tag, _payload_tag(kind, payload, keys)) else None


def _payload_tag(kind: Kind, content: bytes, keys: FileKeys) -> bytes:
    return tag_of(keys, b"quiet payload" + bytes([VERSION, KINDS[kind]]) + content)


def _tag(plain: bytes, keys: FileKeys) -> bytes:
    return tag_of(keys, b"quiet description" + keys.nonce + keys.salt + plain, _TAG_BYTES)
