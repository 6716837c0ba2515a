"""TIFF, also BigTIFF."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from runtime.images.formats.base import FileHeader, Format, Writer

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ONE = {b"II": (1, 0), b"MM": (0, 1)}
# Bits per sample; where strips and tiles are, and how long.
_LISTS = (258, 273, 279, 324, 325)


def _read_header(content: bytes) -> FileHeader | None:
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    offset, count, entry = ("Q", "Q", "HHQ8s") if big else ("I", "H", "HHI4s")
    (start,) = struct.unpack_from(order + offset, content, 8 if big else 4)
    (entries,) = struct.unpack_from(order + count, content, start)
    place = start + struct.calcsize(order + count)
    found: dict[int, int] = {}
    lists: dict[int, tuple[int, ...]] = {}
    straight_alpha = None
    for _ in range(min(entries, 1000)):
        tag, kind, values, raw = struct.unpack_from(order + entry, content, place)
        form = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
        if form and values >= 1:
            (found[tag],) = struct.unpack_from(order + form, raw)
        if form and tag in _LISTS:
            inside = values * struct.calcsize(form) <= len(raw)
            at = 0 if inside else struct.unpack_from(order + offset, raw)[0]
            values = min(values, len(content))
            lists[tag] = struct.unpack_from(
                f"{order}{values}{form}", raw if inside else content, at
            )
        if tag == 338 and kind == 3 and values == 1 and found[tag] == 2:
            straight_alpha = place + struct.calcsize(order + entry) - len(raw)
        place += struct.calcsize(order + entry)
    (following,) = struct.unpack_from(order + offset, content, place)
    if 256 not in found or 257 not in found:
        return None
    if found.get(284) == 2 and not _planes_are_whole(lists, len(content)):
        return None
    lossy = found.get(259) in (6, 7)  # JPEG
    depth = max((8, *lists.get(258, ())))
    several = following != 0
    return FileHeader(
        *("tiff", found[256], found[257], several, lossy, depth), straight_alpha=straight_alpha
    )


def _planes_are_whole(lists: dict[int, tuple[int, ...]], size: int) -> bool:
    """Whether all planes are there: the decoder takes missing ones for black."""
    for offsets, counts in ((273, 279), (324, 325)):  # strips, tiles
        pairs = zip(lists.get(offsets, ()), lists.get(counts, ()), strict=False)
        if any(start + count > size for start, count in pairs):
            return False
    return True


def _decoder_input(content: bytes, header: FileHeader) -> NDArray[np.uint8]:
    buffer = np.frombuffer(content, np.uint8)
    if header.straight_alpha is None:
        return buffer
    # The decoder would multiply colours by alpha; told that they already are, it leaves them.
    changed = buffer.copy()
    changed[header.straight_alpha : header.straight_alpha + 2] = _ONE[content[:2]]
    return changed


TIFF = Format(
    name="tiff",
    extensions=(".tiff", ".tif"),
    matches=lambda content: content[:4] in _MAGIC,
    read_header=_read_header,
    decoder_input=_decoder_input,
    writer=Writer(),
)
