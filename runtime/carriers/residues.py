"""Pixel residues: the one definition in Python of the arithmetic; docs/clear-format.md has it too.

A *group* is one, two or four pixels. Its *residue* is the sum of its samples, each times its
multiplier, modulo 2**(bits of the group). The groups of one residue form a lattice, so the group
nearest to a cover's that has a wanted residue lies in a small cell around it. Samples changed
together stay nearer than samples changed each on its own: at 3 bits per pixel the mean squared
change is 0.299 per sample, where the nearest sample of a wanted lowest bit is 0.5 away.

This is pixel pair matching (Hong and Chen, "A Novel Data Embedding Method Using Adaptive Pixel Pair
Matching", IEEE TIFS 2012) with 3 to 12 samples in place of two. Multipliers were found by search:
of those with the least mean squared change, the ones that change white and black least.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8]
Residues = NDArray[np.uint16]
Changes = NDArray[np.int8]

MOST_BITS = 9
"""Most bits that a pixel carries."""

MULTIPLIERS: dict[int, tuple[int, ...]] = {
    1: (1, 8, 6, 8, 7, 9, 12, 3, 2, 2, 13, 11),
    2: (1, 22, 183, 190, 97, 43, 134, 81, 86, 34, 28, 173),
    3: (1, 33, 4, 56, 18, 20),
    4: (1, 38, 11, 41, 33, 99),
    5: (1, 4, 10),
    6: (1, 8, 34),
    7: (1, 10, 25),
    8: (1, 7, 46),
    9: (1, 83, 438),
}
"""By bits per pixel: those of red, green and blue of each pixel of a group."""

# Largest squared change that reaches all residues from within the range; and from any group, even
# of nothing but white and black. Tables of the second take longer to make and are seldom needed.
_NEAR = {1: 2, 2: 3, 3: 4, 4: 6, 5: 12, 6: 12, 7: 27, 8: 48, 9: 75}
_FAR = {1: 4, 2: 6, 3: 9, 4: 14, 5: 27, 6: 75, 7: 75, 8: 147, 9: 300}
_CHUNK, _FEW = 1 << 14, 16
_SMALL = 127  # changes are smaller by far, and those that wrap around larger


def group_of(bits: int) -> int:
    """Pixels of a group that carries so many bits per pixel, 1 .. 9."""
    return len(MULTIPLIERS[bits]) // 3


def bits_of_group(bits: int) -> int:
    """Bits that a group carries, 3 .. 9, at so many bits per pixel."""
    return bits * group_of(bits)


def residues_of(groups: Samples, bits: int) -> Residues:
    """Residues of groups, uint16 (n,), each below 2**bits_of_group(bits).

    Args:
        groups: uint8 (n, samples): red, green and blue of each pixel.
        bits: Bits per pixel, 1 .. 9.
    """
    # Modulo 65536 on the way, which the modulus divides.
    first, *others = MULTIPLIERS[bits]
    assert first == 1
    total = groups[:, 0].astype(np.uint16)
    for sample, multiplier in enumerate(others, 1):
        total += groups[:, sample] * np.uint16(multiplier)
    total &= np.uint16((1 << bits_of_group(bits)) - 1)
    return total


def with_residues(groups: Samples, wanted: Residues, bits: int) -> Samples:
    """The nearest groups that have the wanted residues.

    Args:
        groups: uint8 (n, samples): red, green and blue of each pixel.
        wanted: uint16 (n,), each below 2**bits_of_group(bits).
        bits: Bits per pixel, 1 .. 9.

    Returns:
        uint8 (n, samples).
    """
    rise = wanted - residues_of(groups, bits)
    rise &= np.uint16((1 << bits_of_group(bits)) - 1)
    nearest = changes(bits, _NEAR[bits])[:, 0]
    # Unsigned samples wrap around as the signed changes ask for.
    result = groups + nearest.view(np.uint8).take(rise, axis=0)
    left = _wrapped(groups, result)
    for largest in (_NEAR[bits], _FAR[bits]):
        # Most of these find their change among the first few.
        start, few = 0, 4
        while len(left) and start < changes(bits, largest).shape[1]:
            some = changes(bits, largest)[:, start : start + few]
            left = _change(result, groups, left, rise, some)
            start, few = start + few, min(4 * few, _FEW)
    assert not len(left), "every residue is in reach of every group"
    return result


def _wrapped(groups: Samples, changed: Samples) -> NDArray[np.intp]:
    """Numbers of the groups of which a sample has left the range, and come in at its other end."""
    if not len(groups):
        return np.zeros(0, np.intp)
    change = cv2.absdiff(np.ascontiguousarray(groups), changed)
    if cv2.minMaxLoc(change)[1] <= _SMALL:
        return np.zeros(0, np.intp)
    small = cv2.inRange(change.reshape(-1, 1, 3), (0, 0, 0), (_SMALL,) * 3)
    # Pixels of a group as one number: many times faster than a reduction over a short axis.
    together = np.ascontiguousarray(small).reshape(-1).view(f"u{groups.shape[1] // 3}")
    return np.flatnonzero(together != np.iinfo(together.dtype).max)


def _change(
    result: Samples, groups: Samples, which: NDArray[np.intp], rise: Residues, table: Changes
) -> NDArray[np.intp]:
    """Changes some groups by the first change that stays in 0 .. 255; returns those without one."""
    left = []
    for start in range(0, len(which), _CHUNK):
        place = which[start : start + _CHUNK]
        changed = groups[place][:, None] + table[rise[place]].astype(np.int16)
        # Bits above the lowest eight are set below 0 and above 255.
        outside = changed[..., 0].copy()
        for sample in range(1, changed.shape[2]):
            outside |= changed[..., sample]
        possible = np.asarray(outside & ~0xFF == 0)
        first = possible.argmax(axis=1)
        found = possible[np.arange(len(place)), first]
        result[place[found]] = changed[found, first[found]].astype(np.uint8)
        left.append(place[~found])
    return np.concatenate(left)


@cache
def changes(bits: int, largest: int) -> Changes:
    """All changes of a group up to a size that raise its residue by each amount.

    Args:
        bits: Bits per pixel, 1 .. 9.
        largest: Largest squared change, enough to reach every residue.

    Returns:
        int8 (2**bits_of_group(bits), n, samples), by the rise: least squared change first, of these
        the one that changes brightness least, then in lexicographic order. Rows with fewer than n
        changes repeat their last one.
    """
    every = _vectors(len(MULTIPLIERS[bits]), largest)
    wide = every.astype(np.int32)
    order = np.lexsort((*wide.T[::-1], np.abs(wide.sum(axis=1)), (wide**2).sum(axis=1)))
    every, wide = every[order], wide[order]
    modulus = 1 << bits_of_group(bits)
    rise = (wide @ np.array(MULTIPLIERS[bits])) % modulus
    counts = np.bincount(rise, minlength=modulus)
    sorted_ = every[np.argsort(rise, kind="stable")]
    first = np.cumsum(counts) - counts
    place = np.minimum(np.arange(counts.max()), counts[:, None] - 1) + first[:, None]
    return np.asarray(sorted_[place], np.int8)


def _vectors(size: int, largest: int) -> Changes:
    """All vectors of whole numbers of a squared length of at most `largest`, int8 (n, size)."""
    reach = int(largest**0.5)
    if size == 3:
        steps = np.arange(-reach, reach + 1, dtype=np.int32)
        every = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
        return np.asarray(every[(every**2).sum(axis=1) <= largest], np.int8)
    found = np.zeros((1, 0), np.int32)
    for _ in range(size):
        longer = [
            np.column_stack([found, np.full(len(found), s)]) for s in range(-reach, reach + 1)
        ]
        found = np.concatenate(longer)
        found = found[(found**2).sum(axis=1) <= largest]
    return found.astype(np.int8)
