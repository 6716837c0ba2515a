"""How a picture is cut into self-contained tiles; part of the format."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

LARGEST = 512
"""Most pixels per side of a tile: memory stays flat, and damage stays in its tile."""

SMALLEST = 16
"""Fewest pixels per side of a picture; cuts other than the picture's end are multiples of it."""


@dataclass(frozen=True)
class Tile:
    """One tile: its number, row by row from the top left, and its place."""

    number: int
    rows: slice
    columns: slice

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start


def tiles_of(height: int, width: int) -> list[Tile]:
    """Cuts a picture into tiles of nearly equal size. Part of the format: never change it.

    Args:
        height: In pixels, at least 16.
        width: In pixels, at least 16.
    """
    cuts = [(rows, columns) for rows in _cuts(height) for columns in _cuts(width)]
    return [Tile(number, rows, columns) for number, (rows, columns) in enumerate(cuts)]


def first_tile(height: int, width: int) -> Tile:
    """The first of `tiles_of`, without the others."""
    return Tile(0, _cuts(height)[0], _cuts(width)[0])


def _cuts(side: int) -> list[slice]:
    count = -(-side // LARGEST)
    macroblocks = -(-side // SMALLEST)
    ends = [min(number * macroblocks // count * SMALLEST, side) for number in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(ends)]
