"""WebP."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2

from runtime.images import exif as exif_data
from runtime.images.formats.base import Decoded, FileHeader, Format, Writer
from runtime.images.formats.opencv import decode_by_opencv

_PICTURE = (b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L")
"""Chunks that are no metadata."""
_HAS_XMP, _HAS_EXIF = 0x04, 0x08
"""Flags of a VP8X chunk."""


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


def _strip(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    end = 8 + int.from_bytes(content[4:8], "little")
    flags = content[20] if content[12:16] == b"VP8X" else 0
    kept, names, turned = [], [], False
    for name, place in _riff_chunks(content[:end]):
        size = int.from_bytes(content[place + 4 : place + 8], "little")
        data = content[place + 8 : place + 8 + size]
        if name in _PICTURE:
            kept.append((name, data))
            continue
        names.append(_name(name, data))
        # Decoders look for one only where the flag is set.
        if name == b"EXIF" and flags & _HAS_EXIF and not turned:
            turned = True
            orientation = exif_data.orientation(data)
            if orientation != 1:
                kept.append((name, exif_data.only_orientation(orientation)))
    if content[end:].strip(b"\0"):
        names.append("data after the picture")
    if flags & (_HAS_EXIF | _HAS_XMP):
        flags &= ~_HAS_XMP
        if all(name != b"EXIF" for name, _ in kept):
            flags &= ~_HAS_EXIF
        kept[0] = b"VP8X", bytes([flags]) + kept[0][1][1:]
    body = b"".join(
        struct.pack("<4sI", name, len(data)) + data + bytes(len(data) % 2) for name, data in kept
    )
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WEBP")
    return head + body, tuple(dict.fromkeys(filter(None, names)))


def _name(name: bytes, data: bytes) -> str:
    """What a chunk that is not of the picture is, in words; empty where it says nothing."""
    if name == b"EXIF":
        return exif_data.described(data)
    return exif_data.described_xmp(data) if name == b"XMP " else "other data"


WEBP = Format(
    name="webp",
    extensions=(".webp",),
    matches=lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    read_header=_read_header,
    decode=_decode,
    # Above 100 is lossless.
    writer=Writer(parameters=(cv2.IMWRITE_WEBP_QUALITY, 101), keeps_profile=True, keeps_exif=True),
    strip=_strip,
)
