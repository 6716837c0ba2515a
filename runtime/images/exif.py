"""Orientation in EXIF: the one thing in it that a picture cannot be shown without.

EXIF is a TIFF structure (CIPA DC-008); orientation is tag 0x0112 of its first directory.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

_ORIENTATION = 0x0112


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


def _find(exif: bytes) -> tuple[int, str] | None:
    """Offset of the value, and its byte order as `struct` writes it."""
    start = 6 if exif[:6] == b"Exif\0\0" else 0
    order = {b"II": "<", b"MM": ">"}.get(exif[start : start + 2])
    if order is None:
        return None
    try:
        (directory,) = struct.unpack_from(order + "I", exif, start + 4)
        (entries,) = struct.unpack_from(order + "H", exif, start + directory)
        for entry in range(entries):
            place = start + directory + 2 + 12 * entry
            tag, kind = struct.unpack_from(order + "HH", exif, place)
            if tag == _ORIENTATION and kind == 3:
                struct.unpack_from(order + "H", exif, place + 8)
                return place + 8, order
    except struct.error:
        return None
    return None
