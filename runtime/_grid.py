"""How a picture is cut into the self-contained tiles of a coded model."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

LARGEST = 512
"""Most pixels a side of a tile: memory stays flat, and damage stays in its tile."""

SMALLEST = 16
"""Fewest pixels a side of a picture; also what all cuts but the picture's end are multiples of."""


@dataclass(frozen=True)
class Cell:
    """One tile: its number, from the top left, row by row, and where it is."""

    number: int
    rows: slice
    columns: slice

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start


def cells(height: int, width: int) -> list[Cell]:
    """Cuts a picture into tiles of nearly equal size; part of the format, so never to be changed.

    Args:
        height: Pixels, at least 16.
        width: Likewise.
    """
    cuts = [(rows, columns) for rows in _cuts(height) for columns in _cuts(width)]
    return [Cell(number, rows, columns) for number, (rows, columns) in enumerate(cuts)]


def first_cell(height: int, width: int) -> Cell:
    """The first of `cells`, without making the others."""
    return Cell(0, _cuts(height)[0], _cuts(width)[0])


def _cuts(side: int) -> list[slice]:
    count = -(-side // LARGEST)
    quads = -(-side // SMALLEST)
    ends = [min(part * quads // count * SMALLEST, side) for part in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(ends)]
