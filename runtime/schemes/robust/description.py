"""What a container says of itself: an open part, and a sealed part that only the key reads.

docs/robust-format.md has the layout.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from runtime.carriers.dct.layout import REGION
from runtime.carriers.dct.strengths import BLOCK, STRENGTHS, Strength
from runtime.carriers.dct.writing import LEAST_SIDE
from runtime.crypto.keys import NONCE_BYTES, SALT_BYTES, FileKeys, Keys
from runtime.crypto.keystream import masked
from runtime.crypto.tags import TAG_BYTES, is_tag, tag_of
from runtime.payloads.base import Kind

VERSION = 1
KINDS: dict[Kind, int] = {"file": 1, "pixels": 2, "compact": 3}
OPEN_BYTES = NONCE_BYTES + SALT_BYTES
_PLAIN = 13
_TAG_BYTES = 8
_SALT_MASK = b"plainsight robust 1 salt"
_STREAM_OF_DESCRIPTION, _STREAM_OF_PAYLOAD = 0, 1


@dataclass(frozen=True)
class Description:
    """What a container says of itself.

    Attributes:
        strength: How strongly it is written.
        kind: Of the payload.
        length: Of the payload in bytes, its tag included.
        size: Height and width of the cover.
    """

    strength: Strength
    kind: Kind
    length: int
    size: tuple[int, int]

    def to_bytes(self) -> bytes:
        """The 13 bytes that stand for it."""
        return b"".join(
            (
                bytes([VERSION, self.strength.number << 6 | KINDS[self.kind]]),
                self.length.to_bytes(4, "big"),
                self.size[1].to_bytes(3, "big"),
                self.size[0].to_bytes(3, "big"),
                bytes(1),
            )
        )


def opened(keys: FileKeys) -> bytes:
    """The 28 bytes that the keys are found again by."""
    return keys.nonce + _masked_salt(keys.salt, keys.nonce)


def keys_of(content: bytes, keys: Keys) -> FileKeys:
    """The keys of the container whose open part is this."""
    nonce = content[:NONCE_BYTES]
    return keys.of(nonce, _masked_salt(content[NONCE_BYTES:OPEN_BYTES], nonce))


def sealed(said: Description, keys: FileKeys) -> bytes:
    """The 21 bytes of the sealed part; the carrier's dither keeps them secret."""
    plain = said.to_bytes()
    return plain + _tag(plain, keys)


def parse(content: bytes, strength: Strength, keys: FileKeys) -> Description | None:
    """The description that a sealed part of a container holds; None if it is not one."""
    plain = content[:_PLAIN]
    if not is_tag(content[_PLAIN:], _tag(plain, keys)):
        return None
    kinds = {number: kind for kind, number in KINDS.items()}
    number, kind = plain[1] >> 6, plain[1] & 63
    length, width, height = (
        int.from_bytes(plain[start:end], "big") for start, end in ((2, 6), (6, 9), (9, 12))
    )
    if plain[0] != VERSION or kind not in kinds or number >= len(STRENGTHS):
        return None
    if STRENGTHS[number] != strength or min(height, width) < LEAST_SIDE or length <= TAG_BYTES:
        return None
    return Description(strength, kinds[kind], length, (height, width))


def payload_tag(said: Description, content: bytes, keys: FileKeys) -> bytes:
    """The 16 bytes that end a payload."""
    return tag_of(keys, b"robust payload" + said.to_bytes() + content)


def description_dither(keys: FileKeys, strength: Strength) -> bytes:
    """Dither of the sealed part: a byte for each place of the region."""
    return masked(keys, _STREAM_OF_DESCRIPTION, bytes(REGION**2 * strength.places))


def payload_dither(keys: FileKeys, strength: Strength, size: tuple[int, int]) -> bytes:
    """Dither of a cover of a height and width: a byte for each place."""
    blocks = (size[0] // BLOCK) * (size[1] // BLOCK)
    return masked(keys, _STREAM_OF_PAYLOAD, bytes(blocks * strength.places))


def _tag(plain: bytes, keys: FileKeys) -> bytes:
    return tag_of(keys, b"robust description" + keys.nonce + keys.salt + plain, _TAG_BYTES)


def _masked_salt(salt: bytes, nonce: bytes) -> bytes:
    """The salt, or back: files of one run should not show the same bytes in the same place."""
    mask = hashlib.sha256(_SALT_MASK + nonce).digest()
    return bytes(a ^ b for a, b in zip(salt, mask, strict=False))
