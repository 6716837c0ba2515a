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

import numpy as np

from runtime.carriers.residues import MULTIPLIERS, residues_of
from runtime.images.image import Picture

THRESHOLD = -3.09
"""The score that one container in a thousand falls below, whatever its cover: a threshold that is
not fitted to any photographs."""


def residue_differences(picture: Picture, bits: int) -> float:
    """Scores how well differences of neighbouring residues fit a uniform distribution.

    The statistic is Pearson's chi-squared of the differences to the right neighbour, plus that of
    the differences to the one below. The score is its cube root, scaled by Wilson and Hilferty
    (PNAS 17, 1931), with the sign changed. So containers of any size have a mean of 0 and a
    standard deviation of 1, and photographs fall far below.

    Args:
        picture: uint8 (height, width, 3), RGB. Below about 8**bits * 5 pixels, the scaling is poor.
        bits: Bits per sample of the containers that are looked for.

    Returns:
        The score: the higher, the more likely the picture is a container.
    """
    residues, values = residues_of(picture, bits), 8**bits
    statistic = 0.0
    for differences in (residues[:, 1:] - residues[:, :-1], residues[1:] - residues[:-1]):
        # Unsigned: modulo 65536, which the number of values divides.
        counts = np.bincount((differences & (values - 1)).ravel(), minlength=values)
        expected = differences.size / values
        statistic += float(((counts - expected) ** 2).sum() / expected)
    freedom = 2 * (values - 1)
    variance = 2 / (9 * freedom)
    return float(((1 - variance) - (statistic / freedom) ** (1 / 3)) / variance**0.5)


RESIDUE_TESTS: dict[str, Callable[[Picture], float]] = {
    str(bits): partial(residue_differences, bits=bits) for bits in MULTIPLIERS
}
"""By the bits per sample that are tested for."""
