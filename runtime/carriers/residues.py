"""Pixel residues: the one definition in Python of the arithmetic; docs/clear-format.md has it too.

The *residue* of a pixel is (multipliers . (red, green, blue)) modulo 8**bits. The pixels of one
residue form a lattice of index 8**bits, so the pixel nearest to a cover's that has a wanted residue
lies in a small cell around it. Three samples changed together stay nearer than three changed each
on its own: the mean squared change is 0.333, 1.266 and 5.032 per sample at 1, 2 and 3 bits, where
the nearest sample modulo 2, 4 and 8 is 0.5, 1.5 and 5.5 away. This is pixel pair matching (Hong and
Chen, "A Novel Data Embedding Method Using Adaptive Pixel Pair Matching", IEEE TIFS 2012) with three
samples in place of two. The multipliers were found by trying all: of those with the least mean
change, the ones that change white and black least.

The graphs of `clear` read and write residues too. The runtime does it for what it must know before
it can run a graph (the header), and for what it can only know afterwards (the tags).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Picture

Residues = NDArray[np.uint16]

MULTIPLIERS: dict[int, tuple[int, int, int]] = {1: (1, 2, 5), 2: (1, 8, 34), 3: (1, 83, 438)}
"""By bits per sample."""

REACH: dict[int, int] = {1: 4, 2: 8, 3: 12}
"""Levels that a sample changes by at most, in a corner of the colour cube; by bits per sample."""


def residues_of(pixels: Picture, bits: int) -> Residues:
    """Residues (R + a G + b B) modulo 8**bits, uint16 (...), of uint8 (..., 3) pixels."""
    _, green, blue = MULTIPLIERS[bits]
    # Modulo 65536 on the way, which 8**bits divides.
    total = pixels[..., 0].astype(np.uint16)
    total += pixels[..., 1] * np.uint16(green)
    total += pixels[..., 2] * np.uint16(blue)
    total &= np.uint16(8**bits - 1)
    return total


def with_residues(pixels: Picture, wanted: Residues, bits: int) -> Picture:
    """The nearest pixels that have the wanted residues.

    Args:
        pixels: uint8 (n, 3), RGB.
        wanted: uint16 (n,), each below 8**bits.
        bits: Bits per sample, 1 .. 3.

    Returns:
        uint8 (n, 3).
    """
    rise = (wanted.astype(np.int32) - residues_of(pixels, bits)) & (8**bits - 1)
    candidates = pixels[:, None].astype(np.int16) + changes(bits)[rise]
    possible = ((candidates >= 0) & (candidates <= 255)).all(axis=2)
    nearest = possible.argmax(axis=1)
    return np.asarray(candidates[np.arange(len(candidates)), nearest], np.uint8)


@cache
def changes(bits: int) -> NDArray[np.int16]:
    """All changes of a pixel that raise its residue by each amount.

    Args:
        bits: Bits per sample, 1 .. 3.

    Returns:
        int16 (8**bits, n, 3), by the rise: least squared change first, of these the one that
        changes brightness least, then in lexicographic order; rows with fewer than n changes are
        filled with changes out of any pixel's range.
    """
    steps = np.arange(-REACH[bits], REACH[bits] + 1, dtype=np.int16)
    every = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    wide = every.astype(np.int32)
    every = every[np.lexsort((np.abs(wide.sum(axis=1)), (wide**2).sum(axis=1)))]
    rise = (every.astype(np.int32) @ np.array(MULTIPLIERS[bits])) & (8**bits - 1)
    most = int(np.bincount(rise).max())
    table = np.full((8**bits, most, 3), 999, np.int16)
    for value in range(8**bits):
        with_rise = every[rise == value]
        table[value, : len(with_rise)] = with_rise
    return table
