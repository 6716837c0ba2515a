"""ICC profiles for colours that a file describes by numbers: a gamma, primaries, code points."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


@dataclass(frozen=True)
class Chromaticities:
    """Where white and the primaries lie, CIE x and y each."""

    white: Point
    red: Point
    green: Point
    blue: Point

    def is_close_to(self, other: Chromaticities) -> bool:
        """Whether nobody would see a difference."""
        mine = np.array([self.white, self.red, self.green, self.blue])
        return bool(
            np.allclose(mine, [other.white, other.red, other.green, other.blue], atol=0.002)
        )


_D65 = (0.3127, 0.3290)
SRGB = Chromaticities(_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))

# ITU-T H.273, which PNG's cICP and AVIF's nclx refer to.
_PRIMARIES = {
    1: SRGB,
    2: SRGB,  # unspecified
    5: Chromaticities(_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Chromaticities(_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: Chromaticities(_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Chromaticities((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: Chromaticities(_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
# Video's curve, unspecified, and sRGB: all are shown as sRGB.
_LIKE_SRGB = (1, 2, 6, 13, 14, 15)
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}


def profile_of_code_points(primaries: int, transfer: int) -> tuple[bytes | None, tuple[str, ...]]:
    """The profile for code points of H.273, None for sRGB; and a note where there is none."""
    if primaries not in _PRIMARIES or transfer not in (*_LIKE_SRGB, *_GAMMAS):
        # Standard televisions' primaries and curves, and those for high dynamic range.
        return None, ("its colour space is not supported; its colours are taken as sRGB",)
    chromaticities = _PRIMARIES[primaries]
    gamma = _GAMMAS.get(transfer)
    # Files that only name video's primaries mean the usual ones.
    if gamma is None and (primaries in (5, 6) or chromaticities == SRGB):
        return None, ()
    return matrix_profile(chromaticities, gamma), ()


def matrix_profile(
    chromaticities: Chromaticities, gamma: float | None, *, grey: bool = False
) -> bytes | None:
    """An ICC profile, version 2.

    Args:
        chromaticities: Of white and the primaries.
        gamma: Exponent from levels to light; None for the curve of sRGB.
        grey: Whether it is for greyscale, which needs no primaries.

    Returns:
        The profile; None if the numbers make no sense.
    """
    curve = _curve(gamma)
    tags = {
        b"desc": _description(b"RGB colours as the picture's file described them"),
        b"cprt": b"text\0\0\0\0No copyright\0",
        b"wtpt": _xyz(_D50),
    }
    if grey:
        tags[b"kTRC"] = curve
        return _assembled(b"GRAY", tags)
    try:
        columns = _adapted(chromaticities).T
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    if not np.all(np.abs(columns) < 4):
        return None
    for name, column in zip(b"rgb", columns, strict=True):
        tags[bytes([name]) + b"XYZ"] = _xyz(column)
        tags[bytes([name]) + b"TRC"] = curve
    return _assembled(b"RGB ", tags)


def _adapted(chromaticities: Chromaticities) -> NDArray[np.float64]:
    """The matrix from linear RGB to XYZ, adapted to the white of ICC profiles."""

    def xyz(point: Point) -> NDArray[np.float64]:
        x, y = point
        return np.array([x / y, 1.0, (1 - x - y) / y])

    c = chromaticities
    primaries = np.stack([xyz(c.red), xyz(c.green), xyz(c.blue)], axis=1)
    scaled = primaries * np.linalg.solve(primaries, xyz(c.white))
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ xyz(c.white))
    adaptation = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD
    return np.asarray(adaptation @ scaled)


def _curve(gamma: float | None) -> bytes:
    if gamma is not None and 1 / 256 <= gamma < 256:
        return struct.pack(">4s4xIH", b"curv", 1, round(gamma * 256))
    levels = np.linspace(0, 1, 1024)
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return struct.pack(">4s4xI", b"curv", 1024) + (light * 65_535).round().astype(">u2").tobytes()


def _xyz(values: NDArray[np.float64]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(float(value) * 65_536) for value in values))


def _description(text: bytes) -> bytes:
    # Followed by empty Unicode and Macintosh versions, which readers expect.
    return struct.pack(">4s4xI", b"desc", len(text) + 1) + text + bytes(1 + 8 + 2 + 1 + 67)


def _assembled(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    place = 128 + 4 + 12 * len(tags)
    table, data, places = b"", b"", {}
    for name, content in tags.items():
        if content not in places:  # the curves are the same
            places[content] = place + len(data)
            data += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, places[content], len(content))
    body = struct.pack(">I", len(tags)) + table + data
    header = struct.pack(
        ">I4xI4s4s4s12s4s24xI3i",
        128 + len(body),
        0x02400000,
        b"mntr",
        space,
        b"XYZ ",
        struct.pack(">6H", 2026, 1, 1, 0, 0, 0),
        b"acsp",
        0,
        *(round(float(value) * 65_536) for value in _D50),
    )
    return header.ljust(128, b"\0") + body
