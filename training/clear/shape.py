"""Shapes of the restoring network. Apart from the network, so that reading it needs no Keras."""

from __future__ import annotations

from dataclasses import dataclass

from codec.blocks import BLOCK

HALF = 2  # the network works on cells of 2x2 pixels
CELLS = BLOCK // HALF  # per side of a block
# The readout is divided by this. Otherwise Adam's steps change it by more than there is to learn.
DAMPING = 10.0
KNOTS = 9  # of the gain, at steps of 2**-1 ... 2**7


@dataclass(frozen=True)
class RestoreConfig:
    """Shape of the network.

    Attributes:
        filters: Filters of each 3x3 layer at half resolution.
        reach: Cells beyond the block, on each side, that the readout sees.
    """

    filters: tuple[int, ...]
    reach: int = 0

    def __post_init__(self) -> None:
        if not self.filters or min(self.filters) < 1 or self.reach < 0:
            raise ValueError(f"filters must be positive and reach not negative, got {self}")

    @property
    def radius(self) -> int:
        """Radius in pixels of the receptive field around the block that is written."""
        return HALF * (self.reach + len(self.filters))

    @property
    def multiply_accumulates(self) -> float:
        """Multiply-accumulates per pixel."""
        inputs = (3 * HALF**2, *self.filters)
        hidden = sum(9 * a * b for a, b in zip(inputs, self.filters, strict=False)) / HALF**2
        return hidden + 3 * sum(self.filters) * (CELLS + 2 * self.reach) ** 2


WIDTHS = {
    "32": RestoreConfig((32,)),
    "16-16": RestoreConfig((16, 16)),
    "32-16": RestoreConfig((32, 16)),
    "16-16-16": RestoreConfig((16, 16, 16)),
    "32-32": RestoreConfig((32, 32)),
    # For tests.
    "tiny": RestoreConfig((4, 4)),
}
