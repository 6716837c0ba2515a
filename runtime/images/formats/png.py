"""PNG."""

from __future__ import annotations

import struct

from runtime.images.formats.base import FileHeader, Format, Writer


def _read_header(content: bytes) -> FileHeader | None:
    if content[12:16] != b"IHDR":
        return None
    width, height, depth = struct.unpack_from(">IIB", content, 16)
    several, place, name = False, 8, b""
    # To the end: for a chunk that claims to be larger than the file the decoder takes the memory.
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", content, place)
        several |= name == b"acTL"
        place += 12 + size
    if place > len(content):
        return None
    return FileHeader("png", width, height, several, depth=max(depth, 8))


PNG = Format(
    name="png",
    extensions=(".png",),
    matches=lambda content: content[:8] == b"\x89PNG\r\n\x1a\n",
    read_header=_read_header,
    exif_orientation=True,
    writer=Writer(
        # OpenCV's own settings: any others would tell our files from those of most programs by
        # their compression alone.
        keeps_metadata=True,
        always_exact=True,
    ),
)
