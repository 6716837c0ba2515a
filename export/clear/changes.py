"""How a pixel carries symbols: its three samples together, as a point of a lattice's coset.

The *residue* of a pixel is (multipliers . (red, green, blue)) modulo 8**bits. All pixels of one
residue are a changes of index 8**bits, so the pixel nearest to the cover's of a wanted residue is
a point of a small cell around it. Three samples changed together lie nearer than three changed
each on its own: the mean squared change is 0.333, 1.266 and 5.032 a sample at 1, 2 and 3 bits,
where the nearest sample modulo 2, 4 and 8 is 0.5, 1.5 and 5.5 away. This is pixel pair matching
(Hong and Chen, "A Novel Data Embedding Method Using Adaptive Pixel Pair Matching", IEEE TIFS 2012)
with three samples in place of two. The multipliers were found by trying all: of those with the
least mean change, the ones that change white and black least.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray

MULTIPLIERS = {1: (1, 2, 5), 2: (1, 8, 34), 3: (1, 83, 438)}
SAMPLES = 3
# Levels by which a sample changes at most, in a corner of the colour cube.
_REACH = {1: 4, 2: 8, 3: 12}
# Levels from 0 or 255 within which a class is made for each; beyond, a sample changes no more.
_MARGIN = {1: 2, 2: 4, 3: 5}


def residues(picture: NDArray[np.uint8], bits: int) -> NDArray[np.int32]:
    """Residues of a uint8 (..., 3) picture, int32 (...), in 0 .. 8**bits - 1."""
    products = picture.astype(np.int32) * np.array(MULTIPLIERS[bits], np.int32)
    return products.sum(axis=-1, dtype=np.int32) & ((1 << SAMPLES * bits) - 1)


def residues_of_symbols(symbols: NDArray[np.uint8], bits: int) -> NDArray[np.int32]:
    """Residues that stand for the samples' symbols, int32 (...) of uint8 (..., 3).

    Bit p of the symbol of sample k is bit 3 p + k of the residue.
    """
    total = np.zeros(symbols.shape[:-1], np.int32)
    for plane, sample in itertools.product(range(bits), range(SAMPLES)):
        total |= (symbols[..., sample].astype(np.int32) >> plane & 1) << SAMPLES * plane + sample
    return total


def symbols_of_residues(found: NDArray[np.int32], bits: int) -> NDArray[np.uint8]:
    """The inverse of `residues_of_symbols`, uint8 (..., 3) of int32 (...)."""
    return symbol_table(bits)[found]


def symbol_table(bits: int) -> NDArray[np.uint8]:
    """The three samples' symbols for each residue, uint8 (8**bits, 3)."""
    every = np.arange(1 << SAMPLES * bits)[:, None]
    places = np.arange(SAMPLES)
    planes = [(every >> SAMPLES * plane + places & 1) << plane for plane in range(bits)]
    return np.bitwise_or.reduce(planes).astype(np.uint8)


@cache
def changes(bits: int) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """What to add to a pixel so that its residue rises by so much, by the least change there is.

    Near 0 and 255 a sample can move one way only, so levels there have classes of their own.

    Returns:
        Class of each level, uint8 (256,), in 0 .. n - 1; and the changes, int8
        (n, n, n, 8**bits, 3), by the classes of red, green and blue and the rise of the residue.
    """
    reach = _REACH[bits]
    steps = np.arange(-reach, reach + 1)
    points = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, SAMPLES)
    distance = (points**2).sum(axis=1)
    rise = points @ np.array(MULTIPLIERS[bits]) & ((1 << SAMPLES * bits) - 1)
    # Of points equally near, one whose sum is small: the container is to be no brighter than the
    # cover, nor darker.
    order = np.lexsort((np.arange(len(points)), np.abs(points.sum(axis=1)), distance))
    points, rise = points[order], rise[order]
    margin = _MARGIN[bits]
    classes = np.full(256, margin, np.uint8)
    classes[:margin] = np.arange(margin)
    classes[256 - margin :] = margin + 1 + np.arange(margin)
    count = 2 * margin + 1
    # The middle class reaches to the margin, so that all its levels stay in range.
    lowest = np.array([-c if c <= margin else -reach for c in range(count)])
    highest = np.array([2 * margin - c if c >= margin else reach for c in range(count)])
    table = np.empty((count, count, count, 1 << SAMPLES * bits, SAMPLES), np.int8)
    for where in itertools.product(range(count), repeat=SAMPLES):
        index = list(where)
        within = (points >= lowest[index]) & (points <= highest[index])
        table[where] = _first(points, rise, within.all(axis=1))
    return classes, table


def _first(
    points: NDArray[np.int64], rise: NDArray[np.int64], allowed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The first allowed point of each rise, (8**bits, 3)."""
    kept = np.flatnonzero(allowed)
    found, first = np.unique(rise[kept], return_index=True)
    # A corner of the colour cube is the narrowest case; the tests see that all rises are found.
    assert len(found) == rise.max() + 1
    return points[kept[first]]


def embed(cover: NDArray[np.uint8], symbols: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """The pixels nearest to the cover's that carry the symbols; all are uint8 (..., 3)."""
    classes, table = changes(bits)
    rise = residues_of_symbols(symbols, bits) - residues(cover, bits) & (8**bits - 1)
    kind = classes[cover]
    return (cover + table[kind[..., 0], kind[..., 1], kind[..., 2], rise]).astype(np.uint8)


def extract(container: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    """The symbols that `embed` wrote, uint8 (..., 3)."""
    return symbols_of_residues(residues(container, bits), bits)
