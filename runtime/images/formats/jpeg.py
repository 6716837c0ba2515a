"""JPEG."""

from __future__ import annotations

import struct

from runtime.images.formats.base import FileHeader, Format


def _read_header(content: bytes) -> FileHeader | None:
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:  # without a length
            place += 1 if marker == 0xFF else 2
            continue
        # A start of frame, of which C4, C8 and CC are none.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            depth, height, width = struct.unpack_from(">BHH", content, place + 4)
            return FileHeader("jpeg", width, height, lossy=True, depth=max(depth, 8))
        place += 2 + int(struct.unpack_from(">H", content, place + 2)[0])
    return None


JPEG = Format(
    name="jpeg",
    extensions=(".jpg", ".jpeg"),
    matches=lambda content: content[:3] == b"\xff\xd8\xff",
    read_header=_read_header,
    exif_orientation=True,
)
