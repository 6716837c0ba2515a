"""The fitted tables of the learned code, and the lookups that follow from them.

Every class of coefficients has its own distribution of symbols, as integer frequencies with a sum
of 16,384. A *symbol index* numbers all symbols of all distributions in a row. Whatever decides how
the stream is read is an integer.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codec.blocks import Floats, Ints
from codec.classes import CATEGORY_CLASSES, CHUNK_BITS, CLASSES, CORES, SUPPORTS, core
from codec.modes import ADAPTIVE_LEVELS, HIGHEST_SCALE, LOWEST_SCALE
from codec.trellis import CELLS, GRID, INFINITE_COST, QUANTIZERS, levels

FREQUENCY_BITS = 14
TOTAL_FREQUENCY = 1 << FREQUENCY_BITS
SHAPES = 2  # of distributions: about Laplace for common modes, about normal for adaptive modes
LAMBDA = 0.1  # squared error, in steps, that one bit is worth
# Groups of modes that are followed by about the same modes. A mode's distribution depends on the
# group of the mode before it in its macroblock, and on whether that is merged.
MODE_GROUPS = 24
MODE_ROWS = 2 * (1 + MODE_GROUPS)
# Of each block of a macroblock: the block whose mode is the one before.
MODE_BEFORE = (-1, 0, 0, 2)
# AC distributions: one for each trellis quantizer, shape and class.
AC_ROWS = SHAPES * CLASSES * QUANTIZERS


def frequencies_of(probabilities: NDArray[np.float64]) -> Ints:
    """Integer frequencies, int32, at least 1 each, with a sum of TOTAL_FREQUENCY."""
    spare = TOTAL_FREQUENCY - len(probabilities)
    ideal = probabilities / probabilities.sum() * spare
    frequencies = np.floor(ideal).astype(np.int32)
    rounded_up = np.argsort(frequencies - ideal, kind="stable")[: spare - frequencies.sum()]
    frequencies[rounded_up] += 1
    return np.asarray(frequencies + 1, np.int32)


@dataclass(frozen=True, eq=False, repr=False)
class Tables:
    """What is fitted.

    Attributes:
        scales: Of the common modes, int16 (192, modes), see `codec.modes`.
        mode_groups: Group of each mode, common and adaptive, int32 (modes,).
        mode_frequencies: int32 (MODE_ROWS, modes), see `mode_row`.
        ac_frequencies: int32, the AC distributions in a row, each for -support .. support.
        ac_values: float32 like `ac_frequencies`: reconstruction points, in steps.
        category_frequencies: int32 (16 classes, 15 categories).
        score: float32 (shapes, classes, 3): a coefficient of quantized magnitude q costs about
            [0] + [1] * (q != 0) + [2] * q bits.
    """

    scales: NDArray[np.int16]
    mode_groups: Ints
    mode_frequencies: Ints
    ac_frequencies: Ints
    ac_values: Floats
    category_frequencies: Ints
    score: Floats

    def save(self, path: Path) -> None:
        """Writes an .npz file."""
        names = [f.name for f in fields(self)]
        np.savez_compressed(path, **{name: getattr(self, name) for name in names})

    @staticmethod
    def load(path: Path) -> Tables:
        """Reads a file that `save` wrote."""
        names = [f.name for f in fields(Tables)]
        with np.load(path) as stored:
            return Tables(**{name: stored[name] for name in names})

    @property
    def modes(self) -> int:
        """Number of common modes."""
        return int(self.scales.shape[1])

    @cached_property
    def ac_centres(self) -> Ints:
        """Symbol index of zero in each AC distribution, int32 (quantizers, shapes, classes)."""
        supports = np.tile(SUPPORTS, QUANTIZERS * SHAPES)
        sizes = 2 * supports + 1
        centres = np.cumsum(sizes) - sizes + supports
        return centres.reshape(QUANTIZERS, SHAPES, CLASSES).astype(np.int32)

    @cached_property
    def shape_of_mode(self) -> Ints:
        """Shape of each mode's distributions, int32; adaptive modes come last."""
        return np.repeat(np.array([0, 1], np.int32), [self.modes, len(ADAPTIVE_LEVELS)])

    def all_scales(self, adaptive: Ints) -> Ints:
        """Scales of all modes, int32 (192, modes), given the tile's adaptive scales, (192,)."""
        level_scales = np.clip(adaptive[:, None] + ADAPTIVE_LEVELS, LOWEST_SCALE, HIGHEST_SCALE)
        return np.asarray(np.concatenate([self.scales, level_scales], axis=1), np.int32)

    @cached_property
    def _distributions(self) -> list[Ints]:
        ends = np.cumsum(np.tile(2 * SUPPORTS + 1, QUANTIZERS * SHAPES))
        ac = np.split(self.ac_frequencies, ends[:-1])
        uniform = [np.full(1 << n, TOTAL_FREQUENCY >> n, np.int32) for n in range(CHUNK_BITS + 1)]
        return [*ac, *self.category_frequencies, *uniform, *self.mode_frequencies]

    @cached_property
    def firsts(self) -> Ints:
        """Symbol index of the first symbol of each distribution, int32.

        The order is: AC distributions, category classes, uniform ones of 0 .. 7 bits, modes.
        """
        sizes = np.array([len(d) for d in self._distributions])
        return np.asarray(np.cumsum(sizes) - sizes, np.int32)

    @cached_property
    def lengths(self) -> Ints:
        """Number of symbols of each distribution, int32."""
        return np.array([len(d) for d in self._distributions], np.int32)

    category_class = AC_ROWS
    chunk_class = AC_ROWS + CATEGORY_CLASSES
    mode_class = AC_ROWS + CATEGORY_CLASSES + CHUNK_BITS + 1

    def mode_rows(self, merged: Ints, before: Ints | None = None) -> Ints:
        """Rows of `mode_frequencies`, given the modes before; None for blocks that have none."""
        groups = 0 if before is None else 1 + self.mode_groups[before]
        return np.asarray(merged * (1 + MODE_GROUPS) + groups, np.int32)

    @cached_property
    def mode_bits(self) -> Floats:
        """Bits of each mode in each row, float32 (MODE_ROWS, modes)."""
        return (FREQUENCY_BITS - np.log2(self.mode_frequencies)).astype(np.float32)

    @cached_property
    def frequencies(self) -> Ints:
        """Frequency of each symbol index, int32."""
        return np.concatenate(self._distributions).astype(np.int32)

    @cached_property
    def cumulative(self) -> Ints:
        """Cumulative frequency of each symbol index: the sum before it in its distribution."""
        return np.concatenate([np.cumsum(d) - d for d in self._distributions]).astype(np.int32)

    @cached_property
    def symbols(self) -> Ints:
        """The symbol of each symbol index, int32: signed for AC, from 0 for all others."""
        supports = np.tile(SUPPORTS, QUANTIZERS * SHAPES)
        ac = [np.arange(-s, s + 1) for s in supports]
        rest = [np.arange(len(d)) for d in self._distributions[AC_ROWS:]]
        return np.concatenate([*ac, *rest]).astype(np.int32)

    @cached_property
    def parities(self) -> Ints:
        """Parity that each symbol index has in the trellis, int32; 0 for the tail and non-AC."""
        cores = np.tile(CORES, QUANTIZERS * SHAPES)
        supports = np.tile(SUPPORTS, QUANTIZERS * SHAPES)
        cores = np.repeat(cores, 2 * supports + 1)
        ac = self.symbols[: len(cores)]
        odd = np.where(np.abs(ac) <= cores, ac & 1, 0)
        return np.pad(odd, (0, len(self.symbols) - len(odd))).astype(np.int32)

    @cached_property
    def _levels(self) -> tuple[Floats, Ints]:
        """Magnitudes of the cells, and the symbol indices of the best levels for them.

        float32 (cells,), in steps; int32 (shapes, classes, cells, parities, quantizers).
        """
        x: Floats = (np.arange(CELLS, dtype=np.float32) + np.float32(0.5)) / np.float32(GRID)
        indices = np.zeros((SHAPES, CLASSES, CELLS, 2, QUANTIZERS), np.int32)
        for shape, c, parity, quantizer in np.ndindex(SHAPES, CLASSES, 2, QUANTIZERS):
            level = np.minimum(levels(x, quantizer, parity), core(c) // 2 * 2 + parity)
            # Class 0 has zero only.
            level = level * min(c, 1)
            centre = self.ac_centres[quantizer, shape, c]
            indices[shape, c, :, parity, quantizer] = centre + level.astype(np.int32)
        return x, indices

    @cached_property
    def level_errors(self) -> Floats:
        """Squared errors, in squared steps, of each AC class's levels.

        float32 (shapes, classes, cells, parities, quantizers); parity 1 is impossible in class 0.
        """
        x, indices = self._levels
        errors = (self.values[indices] - x[:, None, None]) ** 2
        errors[:, 0] = np.array([[0.0], [INFINITE_COST]])
        return np.asarray(errors, np.float32)

    @cached_property
    def level_bits(self) -> Floats:
        """Bits of each AC class's levels, float32 like `level_errors`."""
        bits = self.bits[self._levels[1]]
        bits[:, 0] = 0.0
        return np.asarray(bits, np.float32)

    def costs(self, price: float = LAMBDA) -> Floats:
        """Costs of each AC class's levels, float32 like `level_errors`.

        Args:
            price: Squared error, in squared steps, that one bit is worth.
        """
        costs = self.level_errors + np.float32(price) * self.level_bits
        return np.asarray(costs - costs.min(axis=(3, 4), keepdims=True), np.float32)

    @cached_property
    def symbol_of_slot(self) -> Ints:
        """Symbol index of each slot, int32 (distributions, TOTAL_FREQUENCY).

        A symbol of frequency f has f slots, from its cumulative frequency on.
        """
        rows = [
            first + np.repeat(np.arange(len(d)), d)
            for first, d in zip(self.firsts, self._distributions, strict=True)
        ]
        return np.stack(rows).astype(np.int32)

    @cached_property
    def bits(self) -> Floats:
        """Bits that each symbol index costs, float32."""
        return (FREQUENCY_BITS - np.log2(self.frequencies)).astype(np.float32)

    @cached_property
    def values(self) -> Floats:
        """Reconstruction point of each symbol index, float32, in steps; 0 for non-AC."""
        return np.pad(self.ac_values, (0, len(self.frequencies) - len(self.ac_values)))
