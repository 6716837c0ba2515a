"""PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from runtime.images import exif as exif_data
from runtime.images.formats.base import Decoded, FileHeader, Format, Samples, Writer, damaged
from runtime.images.formats.opencv import decode_by_opencv
from runtime.images.profiles import (
    SRGB,
    Chromaticities,
    matrix_profile,
    profile_of_code_points,
)

# What the decoder needs. It prints what it thinks of the others on standard error.
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_PICTURE = {
    *_NEEDED,
    *(b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"mDCV", b"cLLI"),  # colours
    *(b"sBIT", b"bKGD", b"pHYs"),
    *(b"acTL", b"fcTL", b"fdAT"),  # animation
}
"""Chunks that are no metadata."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_LARGEST_PROFILE = 1 << 24
_GREY, _RGB = 0, 2
_DEPTHS = {
    _GREY: (1, 2, 4, 8, 16),
    _RGB: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each chunk, its length and checksum included.

    Raises:
        struct.error: A chunk ends beyond the content.
    """
    place, name = 8, b""
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + size
        # The decoder would take the memory that a chunk claims to need.
        if end > len(content):
            raise struct.error("a chunk is larger than its file")
        yield name, place, end
        place = end


def _read_header(content: bytes) -> FileHeader | None:
    if content[12:16] != b"IHDR":
        return None
    width, height, depth, kind, *rest = struct.unpack_from(">IIBBBBB", content, 16)
    if depth not in _DEPTHS.get(kind, ()) or rest[:2] != [0, 0] or rest[2] > 1:
        return None
    if not 0 < width < 1 << 31 or not 0 < height < 1 << 31:
        return None
    several = any(name == b"acTL" for name, _, _ in _chunks(content))
    return FileHeader("png", width, height, several, depth=max(depth, 8))


def _decode(content: bytes, header: FileHeader, _: bool) -> Decoded:
    # Views: the many small chunks of a large picture, copied, would stay with the allocator.
    view = memoryview(content)
    needed: list[bytes | memoryview] = [view[:8]]
    others = {}
    for name, start, end in _chunks(content):
        data = view[start + 8 : end - 4]
        if name in _NEEDED:
            if zlib.crc32(data, zlib.crc32(name)) != int.from_bytes(content[end - 4 : end], "big"):
                raise damaged("PNG")
            needed.append(view[start:end] if name != b"tRNS" else _in_range(content, start, end))
        elif name not in others and name in (b"iCCP", b"eXIf", b"sRGB", b"gAMA", b"cHRM", b"cICP"):
            others[name] = bytes(data)
    decoded = decode_by_opencv(b"".join(needed), "PNG", (header.height, header.width))
    icc, notes = _profile(others, grey=decoded.space == "grey")
    alpha = decoded.alpha
    if alpha is None and decoded.space == "grey":
        alpha = _alpha_of_grey(decoded.samples, needed, header.depth)
    return replace(decoded, alpha=alpha, icc=icc, exif=others.get(b"eXIf"), notes=notes)


def _in_range(content: bytes, start: int, end: int) -> bytes:
    """A tRNS chunk without bits that samples do not have, for which the decoder prints a line."""
    depth, kind = content[24:26]
    data = content[start + 8 : end - 4]
    if kind in (_GREY, _RGB) and depth < 16:
        levels = np.frombuffer(data[: len(data) // 2 * 2], ">u2") & ((1 << depth) - 1)
        data = levels.astype(">u2").tobytes()
    return _chunk(b"tRNS", data)


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(name))
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def _alpha_of_grey(
    samples: Samples, chunks: list[bytes | memoryview], depth: int
) -> Samples | None:
    """The alpha of a greyscale picture of which one level is transparent; the decoder lacks it."""
    data = next((chunk[8:-4] for chunk in chunks if chunk[4:8] == b"tRNS"), b"")
    bits, kind = chunks[1][16:18]
    if kind != _GREY or len(data) < 2:
        return None
    (level,) = struct.unpack(">H", data[:2])
    level = level if bits == 16 else level * 255 // ((1 << bits) - 1)
    largest = 65_535 if depth == 16 else 255
    return np.where(samples == level, 0, largest).astype(samples.dtype)  # type: ignore[return-value]


def _profile(chunks: dict[bytes, bytes], grey: bool) -> tuple[bytes | None, tuple[str, ...]]:
    """The ICC profile that the chunks amount to, as PNG ranks them, and notes."""
    if cicp := chunks.get(b"cICP"):
        return profile_of_code_points(cicp[0], cicp[1]) if len(cicp) == 4 else (None, ())
    if iccp := chunks.get(b"iCCP"):
        try:
            packed = iccp[iccp.index(b"\0") + 2 :]
            return zlib.decompressobj().decompress(packed, _LARGEST_PROFILE) or None, ()
        except (ValueError, zlib.error):
            return None, ("its colour profile is damaged; left out",)
    if b"sRGB" in chunks or len(chunks.get(b"gAMA", b"")) != 4:
        return None, ()
    (gamma,) = struct.unpack(">I", chunks[b"gAMA"])
    chromaticities = SRGB
    if len(chunks.get(b"cHRM", b"")) == 32 and not grey:
        numbers = [value / 100_000 for value in struct.unpack(">8I", chunks[b"cHRM"])]
        white, red, green, blue = zip(numbers[::2], numbers[1::2], strict=True)
        chromaticities = Chromaticities(white, red, green, blue)
    if abs(gamma - 45_455) < 500 and chromaticities.is_close_to(SRGB):
        return None, ()  # which stands for sRGB
    if gamma == 0:
        return None, ()
    return matrix_profile(chromaticities, 100_000 / gamma, grey=grey), ()


def _strip(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    kept, names, turned, place = [content[:8]], [], False, 8
    for name, start, place in _chunks(content):
        data = content[start + 8 : place - 4]
        if name in _PICTURE:
            kept.append(content[start:place])
            continue
        names.append(_name(name, data))
        if name == b"eXIf" and not turned:
            turned = True
            kept.append(_orientation_chunk(data))
    if content[place:].strip(b"\0"):
        names.append("data after the picture")
    return b"".join(kept), tuple(dict.fromkeys(filter(None, names)))


def _orientation_chunk(exif: bytes) -> bytes:
    """A chunk for the orientation alone; nothing where that is upright."""
    orientation = exif_data.orientation(exif)
    data = exif_data.only_orientation(orientation)
    return b"" if orientation == 1 else _chunk(b"eXIf", data)


def _name(name: bytes, data: bytes) -> str:
    """What a chunk that is not of the picture is, in words; empty where it says nothing."""
    if name == b"eXIf":
        return exif_data.described(data)
    if name in _TEXTS:
        keyword = data.partition(b"\0")[0].lower()
        if keyword == b"xml:com.adobe.xmp":
            return exif_data.described_xmp(data)
        kind = keyword.removeprefix(b"raw profile type ")
        return {b"exif": "EXIF", b"iptc": "IPTC", b"xmp": "XMP"}.get(kind, "comments")
    return "a time" if name == b"tIME" else "other data"


PNG = Format(
    name="png",
    extensions=(".png",),
    matches=lambda content: content[:8] == b"\x89PNG\r\n\x1a\n",
    read_header=_read_header,
    decode=_decode,
    writer=Writer(
        # OpenCV's own settings: any others would tell our files from those of most programs by
        # their compression alone.
        keeps_profile=True,
        keeps_exif=True,
        always_exact=True,
    ),
    strip=_strip,
)
