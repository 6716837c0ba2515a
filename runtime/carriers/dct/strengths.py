"""Which frequencies carry bits, and how coarsely; part of the format, and of the graphs.

`normal` uses the DCT of 8x8 pixels that JPEG has, since a lattice of two of JPEG's steps comes
through JPEG almost without error. The others use 16x16 pixels: what resizing leaves is low
frequencies, and of those a larger block has more. (At equal cover quality they carry 15 % more
after quality 50 and scale 0.75, and 30 % more after scale 0.5; `normal` would carry 14 % less.)

Steps were found by search: each frequency was measured at many steps and strides at once, through
real JPEG files of 120 training photographs, resized and not, as mutual information against squared
error; then those were taken that give the most in the worst of a strength's channels, at 37.9 dB
(`normal`, `strong`) or 36.3 dB (`max`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

BLOCK = 16
"""Pixels per side of a block."""

Group = tuple[int, int, float, float]

# Frequencies across and along (and the other way round), step, stride.
_NORMAL: tuple[Group, ...] = (
    (0, 1, 18, 0.85), (1, 1, 20, 0.85), (0, 2, 20, 0.85), (1, 2, 20, 0.9),
    (0, 3, 22, 0.85), (2, 2, 22, 0.9), (1, 3, 24, 0.9), (0, 4, 27, 0.85),
    (2, 3, 29, 0.85), (1, 4, 29, 0.85), (3, 3, 36, 0.75),
)  # fmt: skip
_STRONG: tuple[Group, ...] = (
    (0, 2, 31, 0.83), (1, 2, 34, 0.75), (1, 3, 32, 0.83), (0, 3, 32, 0.83),
    (1, 1, 36, 0.75), (2, 2, 33, 0.75), (0, 1, 33, 0.75), (2, 3, 33, 0.75),
    (0, 4, 30, 0.83), (1, 4, 31, 0.82), (2, 4, 34, 0.82), (3, 3, 31, 0.8),
    (3, 4, 35, 0.75), (0, 5, 32, 0.82), (1, 5, 35, 0.75), (4, 4, 37, 0.73),
    (2, 5, 36, 0.74), (0, 6, 36, 0.75), (1, 6, 38, 0.73), (2, 6, 42, 0.72),
    (3, 5, 37, 0.73), (4, 5, 38, 0.73), (1, 7, 40, 0.73), (0, 7, 36, 0.73),
    (3, 6, 39, 0.71),
)  # fmt: skip
_MAX: tuple[Group, ...] = (
    (0, 2, 50, 0.78), (1, 1, 56, 0.72), (1, 2, 50, 0.75), (0, 1, 54, 0.74),
    (2, 2, 56, 0.72), (0, 3, 52, 0.78), (1, 3, 58, 0.7), (2, 3, 58, 0.74),
    (3, 3, 60, 0.75), (0, 4, 51, 0.8), (1, 4, 64, 0.7), (2, 4, 65, 0.7),
    (0, 5, 64, 0.73), (1, 5, 70, 0.76),
)  # fmt: skip


@dataclass(frozen=True)
class Strength:
    """How a block of 16x16 pixels carries bits.

    Attributes:
        name: Name.
        number: Number in descriptions, and in graphs.
        size: Of the squares whose DCT is taken, 8 or 16.
        groups: Its frequencies, those that come through most safely first.
    """

    name: str
    number: int
    size: int
    groups: tuple[Group, ...]

    @cached_property
    def waves(self) -> list[tuple[int, int, int, int]]:
        """Row and column of the square, and frequencies across and along, of each place."""
        return [wave for wave, _, _ in self._places]

    @cached_property
    def _places(self) -> list[tuple[tuple[int, int, int, int], float, float]]:
        corners = range(0, BLOCK, self.size)
        return [
            ((row, column, across, along), step, stride)
            for one, other, step, stride in self.groups
            for across, along in sorted({(one, other), (other, one)})
            for row in corners
            for column in corners
        ]

    @property
    def places(self) -> int:
        """Places for a bit in a block."""
        return len(self._places)

    @cached_property
    def steps(self) -> NDArray[np.float32]:
        """Distance of lattice points of equal bits, float32 (places,), in units of luma."""
        return np.array([step for _, step, _ in self._places], np.float32)

    @cached_property
    def strides(self) -> NDArray[np.float32]:
        """How far towards its lattice point hiding moves a coefficient, float32 (places,), up to 1.

        All the way costs more than it gives where the channel adds noise (Chen and Wornell,
        "Quantization Index Modulation", IEEE Transactions on Information Theory, 2001).
        """
        return np.array([stride for _, _, stride in self._places], np.float32)

    @cached_property
    def frequencies(self) -> NDArray[np.float32]:
        """Frequency of each place in periods per pixel, float32 (places,)."""
        return np.array(
            [np.hypot(across, along) / (2 * self.size) for _, _, across, along in self.waves],
            np.float32,
        )


STRENGTHS = (
    Strength("normal", 0, 8, _NORMAL),
    Strength("strong", 1, 16, _STRONG),
    Strength("max", 2, 16, _MAX),
)
"""By their numbers."""


def strength_named(name: str) -> Strength:
    """The strength of a name."""
    return next(strength for strength in STRENGTHS if strength.name == name)
