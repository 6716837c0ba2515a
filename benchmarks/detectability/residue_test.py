"""A test for the residues of `clear`: it needs this program, but no key and no training.

Without the key, the residues of a container cannot be told from independent uniform values. Then
the differences of neighbouring residues are uniform too. Those of a photograph are not, because
its neighbouring pixels are alike. So the histogram of the differences is compared with a uniform
one: a good fit means a container. A passphrase does not prevent this, because the multipliers that
make residues from pixels are public.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np

from runtime.carriers.residues import MOST_BITS, MULTIPLIERS, bits_of_group, group_of, residues_of
from runtime.images.grid import tiles_of
from runtime.images.image import Picture
from runtime.schemes.clear.tile import cut, free_of

THRESHOLD = -3.09
"""The score that one container in a thousand falls below, whatever its cover: a threshold that is
not fitted to any photographs."""


Part = Literal["all", "first half", "last half"]
"""Of the pixels of each tile: which are looked at."""

ANY = "any"
"""The test for containers whose density is not known."""

_LEAST_OF_ANY = 3


def residue_differences(picture: Picture, bits: int, part: Part = "all") -> float:
    """Scores how well differences of neighbouring residues fit a uniform distribution.

    The statistic is Pearson's chi-squared of the differences to the next group of pixels, plus that
    of the differences to the group below. The score is its cube root, scaled by Wilson and Hilferty
    (PNAS 17, 1931), with the sign changed. So containers of any size have a mean of 0 and a
    standard deviation of 1, and photographs fall far below.

    Args:
        picture: uint8 (height, width, 3), RGB, at least 16 pixels per side. Below about five groups
            for each residue, the scaling is poor.
        bits: Bits per pixel, 1 .. 9, of the containers that are looked for: those that are filled
            with so many.
        part: Which pixels are looked at.

    Returns:
        The score: the higher, the more likely the picture is a container.
    """
    values, group = 1 << bits_of_group(bits), group_of(bits)
    counts = np.zeros((2, values), np.int64)
    for tile in tiles_of(*picture.shape[:2]):
        free = free_of(cut(picture, tile), tile)
        groups = len(free) // group
        residues = residues_of(free[: groups * group].reshape(groups, 3 * group), bits)
        residues = residues[_PARTS[part](groups)]
        for row, distance in enumerate((1, max(tile.shape[1] // group, 1))):
            # Unsigned: modulo 65536, which the number of values divides.
            differences = residues[distance:] - residues[:-distance]
            counts[row] += np.bincount(differences & (values - 1), minlength=values)
    expected = counts.sum(axis=1, keepdims=True) / values
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = 2 * (values - 1)
    variance = 2 / (9 * freedom)
    return float(((1 - variance) - (statistic / freedom) ** (1 / 3)) / variance**0.5)


_PARTS: dict[Part, Callable[[int], slice]] = {
    "all": lambda count: slice(count),
    "first half": lambda count: slice(count // 2),
    "last half": lambda count: slice(count - count // 2, count),
}


def any_density(picture: Picture) -> float:
    """The highest score at any density from 3 bits per pixel on.

    The first pixels of each tile may carry one bit more than the last ones: either the first half
    or the last half of them are filled alike. Below 3 bits per pixel, too many photographs pass.

    Args:
        picture: See `residue_differences`.
    """
    halves: tuple[Part, ...] = ("first half", "last half")
    return max(
        residue_differences(picture, bits, part)
        for bits in range(_LEAST_OF_ANY, MOST_BITS + 1)
        for part in halves
    )


RESIDUE_TESTS: dict[str, Callable[[Picture], float]] = {
    **{str(bits): partial(residue_differences, bits=bits) for bits in MULTIPLIERS},
    ANY: any_density,
}
"""By the bits per pixel that are tested for."""
