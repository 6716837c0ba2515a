"""Residues of pixels, which carry what is hidden; see docs/clear-format.md.

The graphs read and write them too. The runtime does it for what it must know before it can run a
graph, the header, and for what it can only know after, the tags.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from runtime._pictures import Picture

Residues = NDArray[np.uint16]

_MULTIPLIERS = {1: (1, 2, 5), 2: (1, 8, 34), 3: (1, 83, 438)}
# No pixel is farther than this, in levels of a sample, from one of any residue.
_REACH = {1: 4, 2: 8, 3: 12}


def residues_of(pixels: Picture, bits: int) -> Residues:
    """(R + a G + b B) modulo 8**bits, uint16 (...) of uint8 (..., 3)."""
    _, green, blue = _MULTIPLIERS[bits]
    # Modulo 65536 on the way, which 8**bits divides.
    total = pixels[..., 0].astype(np.uint16)
    total += pixels[..., 1] * np.uint16(green)
    total += pixels[..., 2] * np.uint16(blue)
    total &= np.uint16(8**bits - 1)
    return total


def with_residues(pixels: Picture, wanted: Residues, bits: int) -> Picture:
    """The pixels nearest to these that have the residues, uint8 (n, 3) of uint8 (n, 3)."""
    rise = (wanted.astype(np.int32) - residues_of(pixels, bits)) & (8**bits - 1)
    made = pixels[:, None].astype(np.int16) + _changes(bits)[rise]
    possible = ((made >= 0) & (made <= 255)).all(axis=2)
    nearest = possible.argmax(axis=1)
    return np.asarray(made[np.arange(len(made)), nearest], np.uint8)


@cache
def _changes(bits: int) -> NDArray[np.int16]:
    """All changes that raise a residue by so much, the least first, int16 (8**bits, n, 3)."""
    steps = np.arange(-_REACH[bits], _REACH[bits] + 1, dtype=np.int16)
    every = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    every = every[np.argsort((every.astype(np.int32) ** 2).sum(axis=1), kind="stable")]
    rise = (every.astype(np.int32) @ np.array(_MULTIPLIERS[bits])) & (8**bits - 1)
    most = int(np.bincount(rise).max())
    # Where there are fewer, the rest are out of range for any pixel.
    table = np.full((8**bits, most, 3), 999, np.int16)
    for value in range(8**bits):
        found = every[rise == value]
        table[value, : len(found)] = found
    return table
