"""Orientation in EXIF: the one thing in it that a picture cannot be shown without.

EXIF is a TIFF structure (CIPA DC-008); orientation is tag 0x0112 of its first directory, and tag
0x8825 is the offset of another one, about the location.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_ORIENTATION, _LOCATION = 0x0112, 0x8825
_LATITUDE, _LONGITUDE = 2, 4
_SHORT = 3


def orientation(exif: bytes) -> int:
    """Orientation 1 .. 8; 1 (upright) where EXIF does not say or is damaged."""
    place = _find(exif)
    if place is None:
        return 1
    (value,) = struct.unpack_from(place[1] + "H", exif, place[0])
    return int(value) if 1 <= value <= 8 else 1


def upright(exif: bytes) -> bytes:
    """The same EXIF with the orientation set to upright, for a picture that has been turned."""
    place = _find(exif)
    if place is None:
        return exif
    changed = bytearray(exif)
    struct.pack_into(place[1] + "H", changed, place[0], 1)
    return bytes(changed)


def turned(picture: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turns and mirrors a picture as an orientation of 1 .. 8 asks for."""
    if orientation in (5, 6, 7, 8):
        picture = np.swapaxes(picture, 0, 1)
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def only_orientation(orientation: int) -> bytes:
    """EXIF that says nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def has_location(exif: bytes) -> bool:
    """Whether EXIF says where the picture was taken; False where it is damaged."""
    try:
        start, order = _start(exif)
        for tag, _, place in _entries(exif, order, start, start + 4):
            if tag == _LOCATION:
                found = {tag for tag, _, _ in _entries(exif, order, start, place)}
                return not found.isdisjoint((_LATITUDE, _LONGITUDE))
    except (struct.error, ValueError):
        pass
    return False


def described(exif: bytes) -> str:
    """What EXIF is, in words; empty where it has nothing but an orientation."""
    try:
        start, order = _start(exif)
        if {tag for tag, _, _ in _entries(exif, order, start, start + 4)} <= {_ORIENTATION}:
            return ""
    except (struct.error, ValueError):
        pass
    return "EXIF with a location" if has_location(exif) else "EXIF"


def described_xmp(xmp: bytes) -> str:
    """What XMP is, in words."""
    return "XMP with a location" if b"GPSLatitude" in xmp else "XMP"


def _find(exif: bytes) -> tuple[int, str] | None:
    """Offset of the orientation, and its byte order as `struct` writes it."""
    try:
        start, order = _start(exif)
        for tag, kind, place in _entries(exif, order, start, start + 4):
            if tag == _ORIENTATION and kind == _SHORT:
                struct.unpack_from(order + "H", exif, place)
                return place, order
    except (struct.error, ValueError):
        pass
    return None


def _start(exif: bytes) -> tuple[int, str]:
    """Where the TIFF structure begins, and its byte order; ValueError if there is none."""
    start = 6 if exif[:6] == b"Exif\0\0" else 0
    order = {b"II": "<", b"MM": ">"}.get(exif[start : start + 2])
    if order is None:
        raise ValueError("no byte order")
    return start, order


def _entries(exif: bytes, order: str, start: int, at: int) -> Iterator[tuple[int, int, int]]:
    """Tag, type and offset of the value of each entry of the directory whose offset is at `at`."""
    (directory,) = struct.unpack_from(order + "I", exif, at)
    (entries,) = struct.unpack_from(order + "H", exif, start + directory)
    for entry in range(entries):
        place = start + directory + 2 + 12 * entry
        tag, kind = struct.unpack_from(order + "HH", exif, place)
        yield tag, kind, place + 8
