"""AVIF."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from runtime.images.formats.base import FileHeader, Format


def _read_header(content: bytes) -> FileHeader | None:
    (size,) = struct.unpack_from(">I", content, 0)
    brands = content[8:size]
    if b"avif" not in brands and b"avis" not in brands:
        return None
    head = content[: 1 << 16]
    sizes = [struct.unpack_from(">II", head, at + 8) for at in _places(head, b"ispe")]
    if not sizes:
        return None
    width, height = max(sizes, key=lambda side: side[0] * side[1])
    depth = 8
    for at in _places(head, b"av1C"):
        high = head[at + 6]
        depth = 8 if not high & 0x40 else 12 if high & 0x20 else 10
    turns = next((head[at + 4] & 3 for at in _places(head, b"irot")), 0)
    several = content[8:12] == b"avis"
    return FileHeader("avif", width, height, several, True, depth, turns)


def _places(content: bytes, name: bytes) -> Iterator[int]:
    place = content.find(name)
    while place >= 0:
        yield place
        place = content.find(name, place + 4)


AVIF = Format(
    name="avif",
    extensions=(".avif",),
    matches=lambda content: content[4:8] == b"ftyp" and b"avi" in content[8:64],
    read_header=_read_header,
    # The decoder gives 10 and 12 bits as they are; those of other formats it scales to 16.
    scaled_to_16_bits=False,
)
