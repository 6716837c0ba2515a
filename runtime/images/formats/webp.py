"""WebP."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2

from runtime.images.formats.base import Decoded, FileHeader, Format, Writer
from runtime.images.formats.opencv import decode_by_opencv


def _read_header(content: bytes) -> FileHeader | None:
    chunks = list(_riff_chunks(content))
    kinds = {name for name, _ in chunks}
    several = b"ANMF" in kinds
    # The frames of an animation are not examined; they are rarely lossless.
    lossy = b"VP8 " in kinds or (several and b"VP8L" not in kinds)
    sizes = [_size(name, content[place + 8 : place + 18]) for name, place in chunks]
    found = [size for size in sizes if size]
    if not found:
        return None
    # They should all be the same; where they are not, the limit must hold for the largest.
    width, height = max(found, key=lambda size: size[0] * size[1])
    return FileHeader("webp", width, height, several, lossy)


def _size(name: bytes, data: bytes) -> tuple[int, int] | None:
    """Width and height, if a chunk has them."""
    if name == b"VP8X" and len(data) >= 10:
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if name == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 1)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _riff_chunks(content: bytes) -> Iterator[tuple[bytes, int]]:
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        yield name, place
        place += 8 + size + size % 2


def _decode(content: bytes, header: FileHeader, _: bool) -> Decoded:
    return decode_by_opencv(content, "WebP", (header.height, header.width))


WEBP = Format(
    name="webp",
    extensions=(".webp",),
    matches=lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    read_header=_read_header,
    decode=_decode,
    # Above 100 is lossless.
    writer=Writer(parameters=(cv2.IMWRITE_WEBP_QUALITY, 101), keeps_profile=True, keeps_exif=True),
)
