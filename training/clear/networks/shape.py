"""Shape of the restoring network; apart from it, so that graphs are built without Keras."""

from __future__ import annotations

from dataclasses import dataclass

from training.clear.layout import BLOCK

HALF = 2  # pixels a side of what is one place of the network
PLACES = BLOCK // HALF
# The readout is divided by this, or else Adam's steps shake it by more than there is to learn.
CALM = 10.0
KNOTS = 9  # of the gain: steps of 2**-1 ... 2**7


@dataclass(frozen=True)
class RestoreConfig:
    """Shape of the network.

    Attributes:
        filters: Filters of each layer at half resolution; each is 3x3 places of 2x2 pixels.
        reach: Places that the readout looks beyond its block, at each side.
    """

    filters: tuple[int, ...]
    reach: int = 0

    def __post_init__(self) -> None:
        if not self.filters or min(self.filters) < 1 or self.reach < 0:
            raise ValueError(f"filters must be positive and reach not negative, got {self}")

    @property
    def radius(self) -> int:
        """Pixels that the network looks beyond the block that it writes."""
        return HALF * (self.reach + len(self.filters))

    @property
    def multiply_accumulates(self) -> float:
        """Multiply-accumulates a pixel."""
        inputs = (3 * HALF**2, *self.filters)
        hidden = sum(9 * a * b for a, b in zip(inputs, self.filters, strict=False)) / HALF**2
        return hidden + 3 * sum(self.filters) * (PLACES + 2 * self.reach) ** 2


WIDTHS = {
    "32": RestoreConfig((32,)),
    "16-16": RestoreConfig((16, 16)),
    "32-16": RestoreConfig((32, 16)),
    "16-16-16": RestoreConfig((16, 16, 16)),
    "32-32": RestoreConfig((32, 32)),
    # For tests: the same code in milliseconds.
    "tiny": RestoreConfig((4, 4)),
}
