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
from codec.tables import LAMBDA, MODE_BEFORE, Tables

AC = COEFFICIENTS - COLOURS
ROUGH = 0.46  # rounding of magnitudes before their class is known
# Modes and merged macroblocks are chosen for a finer quantizer: by an index that is less by a
# quarter of what this one is above FINER_FROM, but by FINER_MOST at most. At low rates, modes that
# keep more coefficients are worth their bits.
FINER_FROM, FINER_MOST = 72, 10


@dataclass(frozen=True, eq=False)
class CodedTile:
    """A tile of a picture as symbols. The last axes are (4 blocks, macroblock rows, columns).

    Attributes:
        qindex: Quantizer index, 0 .. 511.
        adaptive: Adaptive scales, int32 (192,), if the tile has them.
        merged: Whether each macroblock is merged, int32 (rows, columns), 0 or 1.
        modes: int32 (4, rows, columns).
        dc: int32 (3, 4, rows, columns), in steps; luma is never negative.
        ac: Signed symbols, int32 (189, 4, rows, columns).
    """

    qindex: int
    adaptive: Ints | None
    merged: Ints
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
        finer = finer_index(qindex)
        both = x, blocks.merge(x)
        merged = choose_merged(*both, self._steps[finer])
        x = np.where(merged, both[1], both[0])
        exact = blocks.dc_residuals(x[:COLOURS], merged)
        exact[:, 0, 0, 0] = 0
        features = np.concatenate([blocks.dc_magnitudes(exact, merged), np.abs(x[COLOURS:])])
        scales = None
        if adaptive:
            scales = adaptive_scales(features.reshape(COEFFICIENTS, -1).mean(axis=1))
        dc = np.floor(x[:COLOURS] / step + np.float32(0.5)).astype(np.int32)
        rough = np.floor(features / self._steps[finer] + np.float32(ROUGH))
        modes = self._choose_modes(rough, merged, finer, scales)
        magnitudes = features[COLOURS:] / step
        empty = np.zeros(x[COLOURS:].shape, np.int32)
        tile = CodedTile(qindex, scales, merged, modes, dc, empty)
        relative = self.relative(tile)[COLOURS:]
        multiple = self._multiple[relative]
        shapes = np.broadcast_to(self._tables.shape_of_mode[modes], relative.shape)
        of_blocks = (AC, -1)
        symbols, _ = quantize_ac(
            self._tables.costs(price),
            shapes.reshape(of_blocks),
            self._class[relative].reshape(of_blocks),
            (magnitudes / multiple).reshape(of_blocks),
            multiple.reshape(of_blocks),
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

    def _choose_modes(
        self, quantized: Floats, merged: Ints, qindex: int, adaptive: Ints | None
    ) -> Ints:
        """The mode of each block with about the fewest bits, int32 (4, rows, columns)."""
        tables = self._tables
        scales = tables.scales if adaptive is None else tables.all_scales(adaptive)
        shapes = tables.shape_of_mode[: scales.shape[1]]
        score = tables.score[shapes, self._class[scales - qindex + RELATIVE_OFFSET]]
        return choose_modes(tables, score, quantized.reshape(COEFFICIENTS, 4, -1), merged.ravel())[
            0
        ].reshape(quantized.shape[1:])


def finer_index(qindex: int) -> int:
    """The index for which modes and merged macroblocks are chosen."""
    return qindex - min(max(qindex - FINER_FROM, 0) // 4, FINER_MOST)


def choose_merged(x: Floats, merged: Floats, step: np.float32) -> Ints:
    """Which macroblocks have fewer bits if they are merged, about, int32 (rows, columns).

    Args:
        x: Coefficients, float32 (192, 4, rows, columns), with no macroblock merged.
        merged: The same with all merged.
        step: Quantizer step.
    """
    costs = []
    for whether, coefficients in enumerate((x, merged)):
        every = np.full(x.shape[2:], whether, np.int32)
        dc = blocks.dc_magnitudes(blocks.dc_residuals(coefficients[:COLOURS], every), every)
        rough = np.concatenate([dc, np.abs(coefficients[COLOURS:])]) / step
        costs.append(merging_cost(rough.astype(np.float32)).sum(axis=(0, 1)))
    return np.asarray(costs[1] < costs[0], np.int32)


def merging_cost(magnitudes: Floats) -> Floats:
    """About what magnitudes in steps cost, in no unit: enough to compare whole macroblocks."""
    return np.asarray(np.sqrt(np.floor(magnitudes + np.float32(ROUGH))))


def choose_modes(
    tables: Tables, score: Floats, quantized: Floats, merged: Ints
) -> tuple[Ints, Floats]:
    """The mode of each block with about the fewest bits, and those; both (4, lanes).

    Args:
        tables: Fitted tables.
        score: Of each coefficient in each mode, float32 (192, modes, 3); see `Tables.score`.
        quantized: Magnitudes in steps, float32 (192, 4, lanes).
        merged: int32 (lanes,).
    """
    flat = quantized.reshape(COEFFICIENTS, -1)
    bits = score[..., 2].T @ flat + score[..., 1].T @ np.minimum(flat, 1.0)
    bits += score[..., 0].sum(axis=0)[:, None]
    bits = bits.reshape(score.shape[1], 4, -1)
    modes = np.empty(quantized.shape[1:], np.int32)
    least = np.empty(modes.shape, np.float32)
    for block, before in enumerate(MODE_BEFORE):
        rows = tables.mode_rows(merged, None if before < 0 else modes[before])
        of_block = bits[:, block] + tables.mode_bits[rows, : len(bits)].T
        modes[block], least[block] = of_block.argmin(axis=0), of_block.min(axis=0)
    return modes, least


def quantize_ac(
    costs: Floats, shapes: Integers, classes: Integers, magnitudes: Floats, multiple: Floats
) -> tuple[Ints, Ints]:
    """Unsigned symbols of AC coefficients, and their parities; both int32 (steps, blocks).

    Args:
        costs: From `Tables.costs`.
        shapes: Shapes of the distributions, (steps, blocks).
        classes: AC classes, (steps, blocks).
        magnitudes: In steps of their classes, (steps, blocks).
        multiple: Steps of the classes, in common steps, (steps, blocks).
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
