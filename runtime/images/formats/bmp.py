"""BMP."""

from __future__ import annotations

import struct

import cv2

from runtime.images.formats.base import FileHeader, Format, Writer

_CORE_HEADER = 12


def _read_header(content: bytes) -> FileHeader | None:
    (size,) = struct.unpack_from("<I", content, 14)
    if size == _CORE_HEADER:
        width, height = struct.unpack_from("<HH", content, 18)
    else:
        width, height, compression = struct.unpack_from("<ii4xI", content, 18)
        # A run of 2 bytes is at most 255 pixels, and pixels left out have no colour.
        if compression in (1, 2) and abs(width * height) > 255 * len(content) // 2:
            return None
    # In colour, or the decoder gives the colours of the oldest kind, that of OS/2, as grey.
    flags = cv2.IMREAD_COLOR if size == _CORE_HEADER else cv2.IMREAD_UNCHANGED
    return FileHeader("bmp", abs(width), abs(height), decoder_flags=flags)


BMP = Format(
    name="bmp",
    extensions=(".bmp",),
    matches=lambda content: content[:2] == b"BM",
    read_header=_read_header,
    writer=Writer(),
)
