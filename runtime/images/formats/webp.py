"""WebP."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2

from runtime.images.formats.base import FileHeader, Format, Writer


def _read_header(content: bytes) -> FileHeader | None:
    kinds = {name for name, _ in _riff_chunks(content)}
    several = b"ANMF" in kinds
    # The frames of an animation are not examined; they are rarely lossless.
    lossy = b"VP8 " in kinds or (several and b"VP8L" not in kinds)
    first, data = content[12:16], content[20:]
    if first == b"VP8X":
        width = int.from_bytes(data[4:7], "little") + 1
        height = int.from_bytes(data[7:10], "little") + 1
        return FileHeader("webp", width, height, several, lossy) if len(data) >= 10 else None
    if first == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 1)
        return FileHeader("webp", (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
    if first == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 6)
        return FileHeader("webp", width & 0x3FFF, height & 0x3FFF, lossy=True)
    return None


def _riff_chunks(content: bytes) -> Iterator[tuple[bytes, int]]:
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        yield name, place
        place += 8 + size + size % 2


WEBP = Format(
    name="webp",
    extensions=(".webp",),
    matches=lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    read_header=_read_header,
    exif_orientation=True,
    # Above 100 is lossless.
    writer=Writer(parameters=(cv2.IMWRITE_WEBP_QUALITY, 101), keeps_metadata=True),
)
