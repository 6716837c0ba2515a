"""Shapes of the `classic` networks. Apart from the networks, so that reading it needs no Keras."""

from __future__ import annotations

from dataclasses import dataclass

KERNEL_SIZES = (3, 4, 5)


@dataclass(frozen=True)
class ClassicConfig:
    """Shape of the three networks.

    Attributes:
        filters: Filters of the parallel 3x3, 4x4 and 5x5 branches, in this order.
        prep_blocks: Depth of each block of the prep network. A block of depth ``n`` is three
            parallel branches of ``n`` convolutions each, concatenated at the end.
        blocks: Depth of each block of the hide and reveal networks.
        output_kernel: Kernel size of the last convolution, which outputs RGB.
    """

    filters: tuple[int, int, int]
    prep_blocks: tuple[int, ...]
    blocks: tuple[int, ...]
    output_kernel: int

    def __post_init__(self) -> None:
        if min(self.filters) < 1:
            raise ValueError(f"filters must be positive, got {self.filters}")
        if not self.prep_blocks or not self.blocks or min(self.prep_blocks + self.blocks) < 1:
            raise ValueError(
                f"blocks must be non-empty and positive, got {self.prep_blocks} and {self.blocks}"
            )
        if sum(self.filters) < 3:
            raise ValueError(f"filters must sum to at least 3, got {self.filters}")

    @property
    def hide_radius(self) -> int:
        """Positions that prep and hide together look beyond the one that they write."""
        return 2 * sum(self.prep_blocks) + 2 * sum(self.blocks) + self.output_kernel // 2

    @property
    def reveal_radius(self) -> int:
        """Positions that reveal looks beyond the one that it writes."""
        return 2 * sum(self.blocks) + self.output_kernel // 2


WIDTHS = {
    # As in the paper: every layer is a concatenation of the three branches.
    "paper": ClassicConfig((50, 10, 5), (1, 1), (1, 1, 1, 1, 1), 3),
    # As in the TensorFlow project that this one follows: branches of four layers, then one of one.
    "upstream": ClassicConfig((50, 50, 50), (4, 1), (4, 1), 1),
    # For tests.
    "tiny": ClassicConfig((4, 2, 2), (1,), (1, 1), 3),
}
