"""Counts attempts, so that a picture that ends its worker each time does not do so forever."""

from __future__ import annotations

from collections import Counter

MOST = 2
"""Workers that may be lost while they work on one picture, and nothing else."""


class Attempts:
    """Runs as an actor of its own, beside the workers, and outlives them."""

    def __init__(self) -> None:
        self._blocks: Counter[int] = Counter()
        self._rows: Counter[int] = Counter()

    def begin_block(self, block: int) -> int:
        """Notes that a block is begun; returns how often it was begun before."""
        self._blocks[block] += 1
        return self._blocks[block] - 1

    def begin_row(self, row: int) -> int:
        """Notes that a row is in hand alone; returns how many workers were lost with it."""
        self._rows[row] += 1
        return self._rows[row] - 1

    def end_row(self, row: int) -> None:
        """Notes that its worker survived."""
        del self._rows[row]
