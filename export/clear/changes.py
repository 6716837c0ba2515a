"""How the hide graph changes a pixel to a wanted residue: a table that replaces the search.

`runtime.carriers.residues` defines residues and the changes that reach them. A graph cannot search
for the nearest change that stays in 0 .. 255, so levels are sorted into classes by their distance
from 0 and 255, and the best change is tabulated for each combination of classes.
"""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray

from codec.blocks import Pictures
from runtime.carriers.residues import MULTIPLIERS, REACH, changes, residues_of

BITS = tuple(MULTIPLIERS)  # per sample
# Levels this close to 0 or 255 have a class each; all others share one.
_MARGIN = {1: 2, 2: 4, 3: 5}


@cache
def change_table(bits: int) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """What to add to a pixel so that its residue rises by a given amount.

    Returns:
        Class of each level, uint8 (256,), in 0 .. n - 1; and the changes, int8
        (n, n, n, 8**bits, 3), by the classes of red, green and blue and the rise of the residue.
    """
    candidates = changes(bits).astype(np.int64)
    margin, reach = _MARGIN[bits], REACH[bits]
    classes = np.full(256, margin, np.uint8)
    classes[:margin] = np.arange(margin)
    classes[256 - margin :] = margin + 1 + np.arange(margin)
    count = 2 * margin + 1
    # The middle class changes by the margin at most, so that all of its levels stay in range.
    lowest = np.array([-c if c <= margin else -reach for c in range(count)])
    highest = np.array([2 * margin - c if c >= margin else reach for c in range(count)])
    table = np.empty((count, count, count, 8**bits, 3), np.int8)
    for where in itertools.product(range(count), repeat=3):
        index = list(where)
        within = (candidates >= lowest[index]) & (candidates <= highest[index])
        allowed = np.asarray(within.all(axis=-1))
        first = allowed.argmax(axis=1)
        assert allowed[np.arange(8**bits), first].all(), "a residue is out of reach"
        table[where] = candidates[np.arange(8**bits), first]
    return classes, table


def with_residues(cover: Pictures, wanted: NDArray[np.uint16], bits: int) -> Pictures:
    """The pixels that the hide graph writes, uint8 (..., 3), for wanted residues (...)."""
    classes, table = change_table(bits)
    rise = wanted.astype(np.int32) - residues_of(cover, bits) & (8**bits - 1)
    kind = classes[cover]
    change = table[kind[..., 0], kind[..., 1], kind[..., 2], rise]
    return np.asarray(cover + change, np.uint8)
