"""BMP."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.images.formats.base import Decoded, FileHeader, Format, Samples, Writer, damaged
from runtime.images.formats.opencv import decode_by_opencv

_CORE, _INFO = 12, 40
"""Sizes of the oldest header, and of the usual one, which longer ones begin with."""

_RGB, _RLE8, _RLE4, _FIELDS, _JPEG, _PNG, _ALPHA_FIELDS = range(7)
_MASKS = {
    16: (0x7C00, 0x03E0, 0x001F, 0),
    24: (0xFF0000, 0xFF00, 0xFF, 0),
    32: (0xFF0000, 0xFF00, 0xFF, 0),
}
_PIXELS = 1 << 20


@dataclass(frozen=True)
class _Info:
    """What the header says; `masks` are of red, green, blue and alpha."""

    size: int
    width: int
    height: int
    top_down: bool
    bits: int
    compression: int
    colours: int
    masks: tuple[int, int, int, int]

    @property
    def row(self) -> int:
        """Bytes of a row."""
        return (self.width * self.bits + 31) // 32 * 4


def _read_info(content: bytes) -> _Info:
    (size,) = struct.unpack_from("<I", content, 14)
    if size == _CORE:
        width, height, _, bits = struct.unpack_from("<HHHH", content, 18)
        masks = _MASKS.get(bits, (0, 0, 0, 0))
        return _Info(size, width, height, False, bits, _RGB, 0, masks)
    width, height, _, bits = struct.unpack_from("<iiHH", content, 18)
    # Some headers end early; what is left out is zero.
    rest = content[30 : 14 + size].ljust(24, b"\0")
    compression, colours = struct.unpack_from("<I12xI", rest)
    masks = _MASKS.get(bits, (0, 0, 0, 0))
    if compression in (_FIELDS, _ALPHA_FIELDS):
        # Within the header or after it, at the same place.
        red, green, blue, alpha = struct.unpack_from("<4I", content[54:].ljust(16, b"\0"))
        has_alpha = compression == _ALPHA_FIELDS or size >= 56
        masks = red, green, blue, alpha if has_alpha else 0
    return _Info(size, abs(width), abs(height), height < 0, bits, compression, colours, masks)


def _read_header(content: bytes) -> FileHeader | None:
    info = _read_info(content)
    size = info.width * info.height
    # A run of 2 bytes is at most 255 pixels, and pixels left out have no colour.
    runs = info.compression in (_RLE8, _RLE4)
    if not size or (runs and size > 255 * len(content) // 2):
        return None
    kind = _unsupported(info)
    unsupported = f"this kind of BMP is not supported ({kind})" if kind else None
    return FileHeader("bmp", info.width, info.height, unsupported=unsupported)


def _unsupported(info: _Info) -> str | None:
    if info.size not in (_CORE, 16, _INFO, 52, 56, 64, 108, 124):
        return f"a header of {info.size} bytes"
    if info.compression in (_JPEG, _PNG):
        return f"{'JPEG' if info.compression == _JPEG else 'PNG'} inside"
    # In OS/2's longest header, 3 and 4 stand for compressions of its own.
    if info.compression > _ALPHA_FIELDS or (info.size in (16, 64) and info.compression > _RLE4):
        return f"compression {info.compression}"
    depths = {
        _RLE8: (8,),
        _RLE4: (4,),
        _FIELDS: (16, 32),
        _ALPHA_FIELDS: (16, 32),
    }.get(info.compression, (1, 2, 4, 8, 16, 24, 32))
    if info.bits not in depths:
        return f"{info.bits} bits per pixel"
    return None


def _decode(content: bytes, header: FileHeader, _: bool) -> Decoded:
    info = _read_info(content)
    if info.compression in (_RLE8, _RLE4):
        return decode_by_opencv(content, "BMP", (header.height, header.width))
    start = _start(content, info)
    if start + info.row * info.height > len(content):
        raise damaged("BMP")
    rows = np.frombuffer(content, np.uint8, info.row * info.height, start)
    rows = rows.reshape(info.height, info.row)
    if not info.top_down:
        rows = rows[::-1]
    if info.bits <= 8:
        return Decoded(_looked_up(rows, info, content), icc=_profile(content, info))
    channels = np.empty((info.height, info.width, 4 if info.masks[3] else 3), np.uint8)
    step = max(_PIXELS // info.width, 1)
    for top in range(0, info.height, step):
        part = rows[top : top + step]
        channels[top : top + step] = _fields(part, info)
    alpha = np.ascontiguousarray(channels[..., 3]) if info.masks[3] else None
    samples = np.ascontiguousarray(channels[..., :3])
    return Decoded(samples, alpha, icc=_profile(content, info))


def _start(content: bytes, info: _Info) -> int:
    """Where the pixels begin."""
    (start,) = struct.unpack_from("<I", content, 10)
    first = 14 + info.size
    if info.bits <= 8 and start <= first:
        # Some files say that there is no palette, though there is.
        return first + (3 if info.size == _CORE else 4) * min(info.colours or 1 << info.bits, 256)
    return max(int(start), first)


def _looked_up(rows: NDArray[np.uint8], info: _Info, content: bytes) -> Samples:
    """Colours of indices; those that the palette lacks are black."""
    entry = 3 if info.size == _CORE else 4
    first = 14 + info.size
    count = min(info.colours or 1 << info.bits, 256, (_start(content, info) - first) // entry)
    entries = np.frombuffer(content, np.uint8, count * entry, first).reshape(count, entry)
    palette = np.zeros((256, 3), np.uint8)
    palette[:count] = entries[:, 2::-1]
    if info.bits < 8:
        per_byte = 8 // info.bits
        shifts = np.arange(8 - info.bits, -1, -info.bits, dtype=np.uint8)
        indices: NDArray[np.uint8] = (rows[..., None] >> shifts) & np.uint8((1 << info.bits) - 1)
        rows = indices.reshape(info.height, info.row * per_byte)
    return palette[rows[:, : info.width]]


def _fields(rows: NDArray[np.uint8], info: _Info) -> NDArray[np.uint8]:
    """Samples of pixels that hold several in an integer, scaled so that the largest is 255."""
    used = np.ascontiguousarray(rows[:, : info.width * info.bits // 8])
    if info.bits == 24:
        return used.reshape(len(rows), info.width, 3)[..., ::-1]
    pixels: NDArray[Any] = used.view("<u2" if info.bits == 16 else "<u4").astype(np.uint32)
    channels = []
    for mask in info.masks[: 4 if info.masks[3] else 3]:
        low = (mask & -mask).bit_length() - 1 if mask else 0
        largest = mask >> low
        values = ((pixels & np.uint32(mask)) >> np.uint32(low)).astype(np.uint64)
        channels.append(((values * 255 + largest // 2) // max(largest, 1)).astype(np.uint8))
    return np.stack(channels, axis=-1)


def _profile(content: bytes, info: _Info) -> bytes | None:
    """An embedded ICC profile, which the longest header can have."""
    if info.size != 124 or content[14 + 56 : 14 + 60] != b"DEBM":
        return None
    start, size = struct.unpack_from("<II", content, 14 + 112)
    return content[14 + start : 14 + start + size] or None


BMP = Format(
    name="bmp",
    extensions=(".bmp",),
    matches=lambda content: content[:2] == b"BM",
    read_header=_read_header,
    decode=_decode,
    writer=Writer(),
    strip=lambda content: (content, ()),
)
