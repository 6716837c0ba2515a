"""Shapes of the restoring network. Apart from the network, so that reading it needs no Keras."""

from __future__ import annotations

from dataclasses import dataclass

HALF = 2  # the network works on cells of 2x2 pixels
INPUTS = 3 * HALF**2 + 1  # a cell, and the quality
MOST_QUALITY = 100.0
LEVELS = 64.0  # 8-bit levels that the network sees as one
# The readout is divided by this. Otherwise Adam's steps change it by more than there is to learn.
DAMPING = 10.0
SLOPE = 0.2  # of rectifiers below zero, as Keras has it


@dataclass(frozen=True)
class RestoreConfig:
    """Shape of the network.

    Attributes:
        filters: Filters of each hidden 3x3 layer at half resolution.
        hidden: How many of these layers there are.
    """

    filters: int
    hidden: int

    @property
    def radius(self) -> int:
        """Pixels around a pixel that its restored value depends on."""
        return HALF * (self.hidden + 1)

    @property
    def multiply_accumulates(self) -> float:
        """Multiply-accumulates per pixel."""
        outer = INPUTS + 3 * HALF**2
        return 9 * self.filters * (outer + (self.hidden - 1) * self.filters) / HALF**2


WIDTHS = {
    "32x7": RestoreConfig(32, 7),
    # For tests.
    "tiny": RestoreConfig(4, 2),
}
