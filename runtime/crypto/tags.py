"""The tags that show damage."""

from __future__ import annotations

import hmac

from runtime.crypto.keys import FileKeys

TAG_BYTES = 16


def tag_of(keys: FileKeys, content: bytes, size: int = TAG_BYTES) -> bytes:
    """HMAC-SHA256 (RFC 2104) of content, cut to `size` bytes.

    What it is of must follow from the content itself, so that no tag can stand for another's.
    """
    return hmac.digest(keys.tag, content, "sha256")[:size]


def is_tag(tag: bytes, expected: bytes) -> bool:
    """Whether two tags are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(tag, expected)
