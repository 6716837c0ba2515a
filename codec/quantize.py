"""From coefficients to the symbols of a coded tile: modes, DC and AC.

These are the encoder's choices, made in floating point. Any choice can be decoded, so devices may
differ in them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from codec import blocks, trellis
from codec.blocks import COEFFICIENTS, COLOURS, Floats, Integers, Ints
from codec.classes import CORES, TAIL_REACH, tail_symbols
from codec.modes import RELATIVE_OFFSET, adaptive_scales, relative_class
from codec.tables import LAMBDA, Tables

AC = COEFFICIENTS - COLOURS
ROUGH = 0.46  # rounding of AC magnitudes before their class is known


@dataclass(frozen=True, eq=False)
class CodedTile:
    """A tile of a picture as symbols. The last axes are (4 blocks, macroblock rows, columns).

    Attributes:
        qindex: Quantizer index, 0 .. 511.
        adaptive: Adaptive scales, int32 (192,), if the tile has them.
        modes: int32 (4, rows, columns).
        dc: int32 (3, 4, rows, columns), in steps; luma is never negative.
        ac: Signed symbols, int32 (189, 4, rows, columns).
    """

    qindex: int
    adaptive: Ints | None
    modes: Ints
    dc: Ints
    ac: Ints

    @property
    def step(self) -> np.float32:
        """The quantizer step, in 8-bit levels."""
        return np.float32(blocks.step_sizes()[self.qindex])


class Quantizer:
    """Chooses modes and symbols with one set of fitted tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._class, self._multiple = relative_class()
        self._steps = blocks.step_sizes()

    def quantize(self, x: Floats, qindex: int, adaptive: bool, price: float = LAMBDA) -> CodedTile:
        """Quantizes coefficients.

        Args:
            x: From `blocks.transform`, float32 (192, 4, rows, columns).
            qindex: Quantizer index.
            adaptive: Whether the tile has adaptive modes.
            price: See `Tables.costs`.
        """
        step = self._steps[qindex]
        scales = None
        if adaptive:
            exact = blocks.dc_residuals(x[:COLOURS])
            exact[:, 0] *= np.float32(0.5)
            exact[:, 0, 0, 0] = 0
            features = np.concatenate([exact, x[COLOURS:]])
            scales = adaptive_scales(np.abs(features).reshape(COEFFICIENTS, -1).mean(axis=1))
        dc = np.floor(x[:COLOURS] / step + np.float32(0.5)).astype(np.int32)
        residuals = np.abs(blocks.dc_residuals(dc)).astype(np.float32)
        # Anchors are predicted from twice as far as the other blocks.
        residuals[:, 0] *= np.float32(0.5)
        magnitudes = np.abs(x[COLOURS:]) / step
        rough = np.concatenate([residuals, np.floor(magnitudes + np.float32(ROUGH))])
        modes = self._choose_modes(rough, qindex, scales)
        tile = CodedTile(qindex, scales, modes, dc, np.zeros(x[COLOURS:].shape, np.int32))
        relative = self.relative(tile)[COLOURS:]
        multiple = self._multiple[relative]
        shapes = np.broadcast_to(self._tables.shape_of_mode[modes], relative.shape)
        lanes = (4 * AC, -1)
        symbols, _ = quantize_ac(
            self._tables.costs(price),
            shapes.reshape(lanes),
            self._class[relative].reshape(lanes),
            (magnitudes / multiple).reshape(lanes),
            multiple.reshape(lanes),
        )
        # Symbol 0 needs a sign as well: in quantizer 1 its level may not be zero.
        signs = np.where(x[COLOURS:] < 0, -1, 1).astype(np.int32)
        return replace(tile, ac=symbols.reshape(signs.shape) * signs)

    def relative(self, tile: CodedTile) -> Ints:
        """Relative index of each coefficient's scale, int32 (192, 4, rows, columns)."""
        scales = self._tables.scales.astype(np.int32)
        if tile.adaptive is not None:
            scales = self._tables.all_scales(tile.adaptive)
        return scales[:, tile.modes] - tile.qindex + RELATIVE_OFFSET

    def _choose_modes(self, quantized: Floats, qindex: int, adaptive: Ints | None) -> Ints:
        """The mode of each block with about the fewest bits, int32 (4, rows, columns)."""
        tables = self._tables
        scales = tables.scales if adaptive is None else tables.all_scales(adaptive)
        shapes = tables.shape_of_mode[: scales.shape[1]]
        score = tables.score[shapes, self._class[scales - qindex + RELATIVE_OFFSET]]
        flat = quantized.reshape(COEFFICIENTS, -1)
        bits = score[..., 2].T @ flat + score[..., 1].T @ np.minimum(flat, 1.0)
        bits += score[..., 0].sum(axis=0)[:, None]
        bits += tables.bits[tables.firsts[tables.mode_class] :][: scales.shape[1], None]
        return np.asarray(bits.argmin(axis=0).reshape(quantized.shape[1:]), np.int32)


def quantize_ac(
    costs: Floats, shapes: Integers, classes: Integers, magnitudes: Floats, multiple: Floats
) -> tuple[Ints, Ints]:
    """Unsigned symbols of AC coefficients, and their parities; both int32 (steps, lanes).

    Args:
        costs: From `Tables.costs`.
        shapes: Shapes of the distributions, (steps, lanes).
        classes: AC classes, (steps, lanes).
        magnitudes: In steps of their classes, (steps, lanes).
        multiple: Steps of the classes, in common steps, (steps, lanes).
    """
    cores = CORES[classes].astype(np.float32)
    path_costs = costs[shapes, classes, trellis.cells(magnitudes)] * (multiple**2)[..., None, None]
    # All symbols of the tail are even, so there is no choice.
    beyond_core = magnitudes >= cores - trellis.NEAR_TAIL
    path_costs[beyond_core] = np.array([[0.0], [trellis.INFINITE_COST]], np.float32)
    parities = trellis.cheapest_path(path_costs.transpose(0, 3, 2, 1))
    level = trellis.levels(magnitudes, trellis.quantizers(parities), parities)
    inner = np.minimum(level, cores).astype(np.int32)
    excess = np.minimum(level - inner, TAIL_REACH).astype(np.int32)
    return np.where(classes > 0, inner + tail_symbols()[excess], 0), parities
