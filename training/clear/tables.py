"""The fitted tables of the `clear` codec, and what encoder and decoder look up in them.

A *mode* is a table of 192 scales (mean absolute values, as logarithms); each block chooses one.
Scale and step together give a coefficient's *class*, and each class has its own distribution of
symbols, 16384 parts in all. Everything that says how to read the stream is an integer here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.clear.layout import COEFFICIENTS, RUNGS, RUNGS_PER_OCTAVE, Floats, Ints
from training.clear.trellis import CELLS, GRID, NEVER, QUANTISERS, levels

PARTS_BITS = 14
PARTS = 1 << PARTS_BITS
CLASSES = 35  # of AC coefficients, four to an octave; class 0 is "always zero"
CLASSES_PER_OCTAVE = 4
FIRST_OCTAVE = -3  # of class 0: a scale of an eighth of the step
TAIL_BUCKETS, TAIL_OCTAVES = 4, 11
TAIL = TAIL_BUCKETS * TAIL_OCTAVES
TAIL_REACH = 4 * ((1 << TAIL_OCTAVES) - 1)  # beyond any coefficient at the finest step
TAIL_SHIFT = 3.01  # 3 would do but for rounding
MAGNITUDES = 512 + TAIL  # of all classes, the most
CATEGORIES = 15  # of DC residuals: how many bits their magnitude has
CATEGORY_CLASSES = 16
CHUNK_BITS = 7  # of a DC residual's magnitude, coded as equally likely

LOWEST_SCALE, HIGHEST_SCALE = -3 * RUNGS_PER_OCTAVE, 11 * RUNGS_PER_OCTAVE
RELATIVE_OFFSET = RUNGS - 1 - LOWEST_SCALE  # added to scale - rung, an index then

SHAPES = 2  # of distributions: about Laplace's for common modes, about normal for a tile's own

# A tile's own modes: one spectrum, at several levels. It takes so many words, one byte a scale, and
# is there only in a tile large enough for that to be worth it.
# What a bit is worth in squared error, in steps.
WORTH = 0.1

OWN_LEVELS = 16 * np.arange(-4, 5)
OWN_UNIT = 4
OWN_WORDS = COEFFICIENTS // 2
OWN_LEAST = 64 * OWN_WORDS  # words of a tile
# AC distributions: of each quantiser of the trellis, of each shape, of each class.
AC_ROWS = SHAPES * CLASSES * QUANTISERS


def core(ac_class: int) -> int:
    """Largest magnitude that an AC class codes exactly."""
    if ac_class == 0:
        return 0
    scale = 2.0 ** (FIRST_OCTAVE + ac_class / CLASSES_PER_OCTAVE)
    return int(min(np.ceil(10 * scale) + 6, MAGNITUDES - TAIL - 1))


def support(ac_class: int) -> int:
    """Largest symbol of an AC class; class 0 has only zero."""
    return core(ac_class) + TAIL if ac_class else 0


def tail_symbols() -> Ints:
    """For 0 .. TAIL_REACH by which a magnitude exceeds the core, by how much its symbol does.

    Four buckets to an octave. A lone spike in a smooth block is thus coded to an eighth of its
    height or so, for about 14 bits, where a longer alphabet would tax every other coefficient of
    its class.
    """
    beyond = np.arange(TAIL_REACH + 1)
    return np.maximum(np.floor(np.log2((beyond + TAIL_SHIFT) / 4.0) * TAIL_BUCKETS) + 1, 0).astype(
        np.int32
    )


def tail_middles() -> Floats:
    """For each tail symbol, 0 .. TAIL, the mean of the magnitudes beyond the core that it takes."""
    symbols = tail_symbols()
    return (np.bincount(symbols, np.arange(len(symbols))) / np.bincount(symbols)).astype(np.float32)


def relative_class() -> tuple[Ints, Floats]:
    """AC class, and what the step is multiplied by, for each index scale - rung + RELATIVE_OFFSET.

    Scales of many steps would need a longer alphabet; they share the widest four classes, with the
    step doubled as often as it takes. Their error stays a small part of them.
    """
    index = np.arange(RELATIVE_OFFSET + HIGHEST_SCALE + 1)
    octaves = (index - RELATIVE_OFFSET + RUNGS_PER_OCTAVE) / RUNGS_PER_OCTAVE
    found = np.floor((octaves - FIRST_OCTAVE) * CLASSES_PER_OCTAVE + 0.5).astype(np.int32)
    doublings = np.maximum(0, -(-(found - (CLASSES - 1)) // CLASSES_PER_OCTAVE))
    found = np.maximum(found - CLASSES_PER_OCTAVE * doublings, 0).astype(np.int32)
    return found, np.exp2(doublings).astype(np.float32)


def relative_category_class() -> Ints:
    """Class of a DC residual's category for each index scale - rung + RELATIVE_OFFSET."""
    index = np.arange(RELATIVE_OFFSET + HIGHEST_SCALE + 1)
    octaves = (index - RELATIVE_OFFSET + RUNGS_PER_OCTAVE) / RUNGS_PER_OCTAVE
    found = np.floor(octaves - FIRST_OCTAVE + 0.5).astype(np.int32)
    return np.clip(found, 0, CATEGORY_CLASSES - 1).astype(np.int32)


def parts_of(probabilities: NDArray[np.float64]) -> Ints:
    """Whole parts, each 1 at least and PARTS in all, as near to the probabilities as can be."""
    spare = PARTS - len(probabilities)
    ideal = probabilities / probabilities.sum() * spare
    parts = np.floor(ideal).astype(np.int32)
    parts[np.argsort(parts - ideal, kind="stable")[: spare - parts.sum()]] += 1
    return parts + 1


def own_spectrum(magnitudes: Floats) -> Ints:
    """A tile's own scales of mean magnitudes, int32 (192,): multiples of OWN_UNIT."""
    logs = np.log2(np.maximum(magnitudes, 1e-3)) * (RUNGS_PER_OCTAVE / OWN_UNIT)
    scales = np.floor(logs + 0.5).astype(np.int32) * OWN_UNIT
    return np.clip(scales, LOWEST_SCALE, HIGHEST_SCALE)


@dataclass(frozen=True, eq=False, repr=False)
class Tables:
    """What is fitted. A *symbol index* numbers every symbol of every distribution.

    Attributes:
        scales: int16 (192, modes): 32 log2 of the mean magnitude.
        mode_parts: int32 (modes and own modes,).
        ac_parts: int32, the AC distributions one after the other, each -support .. support.
        ac_values: float32, as `ac_parts`: reconstruction points, in steps.
        category_parts: int32 (16 classes, 15 categories).
        score: float32 (shapes, classes, 3): a symbol's bits are about [0] + [1] * (q != 0) +
            [2] * |q|.
    """

    scales: NDArray[np.int16]
    mode_parts: Ints
    ac_parts: Ints
    ac_values: Floats
    category_parts: Ints
    score: Floats

    def save(self, path: Path) -> None:
        """Writes an .npz file."""
        np.savez_compressed(path, **{f.name: getattr(self, f.name) for f in fields(self)})

    @staticmethod
    def load(path: Path) -> Tables:
        """Reads what `save` wrote."""
        with np.load(path) as stored:
            return Tables(**{f.name: stored[f.name] for f in fields(Tables)})

    @property
    def modes(self) -> int:
        """How many modes there are."""
        return self.scales.shape[1]

    @cached_property
    def supports(self) -> Ints:
        """Largest symbol of each AC class, int32 (classes,)."""
        return np.array([support(c) for c in range(CLASSES)], np.int32)

    @cached_property
    def cores(self) -> Ints:
        """Largest magnitude that each AC class codes exactly, int32 (classes,)."""
        return np.array([core(c) for c in range(CLASSES)], np.int32)

    @cached_property
    def ac_centres(self) -> Ints:
        """Symbol index of zero in each AC distribution, int32 (quantisers, shapes, classes)."""
        supports = np.tile(self.supports, QUANTISERS * SHAPES)
        sizes = 2 * supports + 1
        centres = np.cumsum(sizes) - sizes + supports
        return centres.reshape(QUANTISERS, SHAPES, CLASSES).astype(np.int32)

    @cached_property
    def shape_of_mode(self) -> Ints:
        """Shape of each mode's distributions, those of own modes last."""
        return np.repeat([0, 1], [self.modes, len(OWN_LEVELS)]).astype(np.int32)

    def all_scales(self, own: Ints) -> Ints:
        """Scales of common and own modes, int32 (192, modes); `own` is a tile's spectrum."""
        levels = np.clip(own[:, None] + OWN_LEVELS, LOWEST_SCALE, HIGHEST_SCALE)
        return np.concatenate([self.scales, levels], axis=1).astype(np.int32)

    @cached_property
    def _distributions(self) -> list[Ints]:
        ends = np.cumsum(np.tile(2 * self.supports + 1, QUANTISERS * SHAPES))
        ac = np.split(self.ac_parts, ends[:-1])
        equal = [np.full(1 << n, PARTS >> n, np.int32) for n in range(CHUNK_BITS + 1)]
        return [*ac, *self.category_parts, *equal, self.mode_parts]

    @cached_property
    def firsts(self) -> Ints:
        """Symbol index of the first symbol of each distribution.

        Distributions are: AC's, the category classes, 0 .. 7 equally likely bits, modes.
        """
        sizes = np.array([len(d) for d in self._distributions])
        return (np.cumsum(sizes) - sizes).astype(np.int32)

    @cached_property
    def lengths(self) -> Ints:
        """How many symbols each distribution has."""
        return np.array([len(d) for d in self._distributions], np.int32)

    category_class = AC_ROWS
    chunk_class = AC_ROWS + CATEGORY_CLASSES
    mode_class = AC_ROWS + CATEGORY_CLASSES + CHUNK_BITS + 1

    @cached_property
    def parts(self) -> Ints:
        """Parts of each symbol index."""
        return np.concatenate(self._distributions).astype(np.int32)

    @cached_property
    def starts(self) -> Ints:
        """First part of each symbol index, within its distribution."""
        return np.concatenate([np.cumsum(d) - d for d in self._distributions]).astype(np.int32)

    @cached_property
    def symbols(self) -> Ints:
        """What each symbol index stands for: signed for AC's, from 0 for the others."""
        supports = np.tile(self.supports, QUANTISERS * SHAPES)
        ac = [np.arange(-s, s + 1) for s in supports]
        rest = [np.arange(len(d)) for d in self._distributions[AC_ROWS:]]
        return np.concatenate([*ac, *rest]).astype(np.int32)

    @cached_property
    def parities(self) -> Ints:
        """What each symbol index does to the trellis; nothing, if it is not AC or of the tail."""
        cores = np.tile(self.cores, QUANTISERS * SHAPES)
        supports = np.tile(self.supports, QUANTISERS * SHAPES)
        cores = np.repeat(cores, 2 * supports + 1)
        ac = self.symbols[: len(cores)]
        odd = np.where(np.abs(ac) <= cores, ac & 1, 0)
        return np.pad(odd, (0, len(self.symbols) - len(odd))).astype(np.int32)

    @cached_property
    def costs(self) -> Floats:
        """Of each AC class's levels, float32 (shapes, classes, cells, parities, quantisers).

        Squared error, in steps, and WORTH of it for each bit.
        """
        x = (np.arange(CELLS, dtype=np.float32) + np.float32(0.5)) / GRID
        found = np.zeros((SHAPES, CLASSES, CELLS, 2, QUANTISERS), np.float32)
        found[:, 0, :, 1] = NEVER
        for shape, c, parity, quantiser in np.ndindex(SHAPES, CLASSES, 2, QUANTISERS):
            if c == 0:
                continue
            level = np.minimum(levels(x, quantiser, parity), core(c) // 2 * 2 + parity)
            index = self.ac_centres[quantiser, shape, c] + level.astype(np.int32)
            error = (self.values[index] - x) ** 2
            found[shape, c, :, parity, quantiser] = error + WORTH * self.bits[index]
        found[:, 1:] -= found[:, 1:].min(axis=(3, 4), keepdims=True)
        return found

    @cached_property
    def of_part(self) -> Ints:
        """Symbol index of each part of each distribution, int32 (distributions, PARTS)."""
        rows = [
            first + np.repeat(np.arange(len(d)), d)
            for first, d in zip(self.firsts, self._distributions, strict=True)
        ]
        return np.stack(rows).astype(np.int32)

    @cached_property
    def bits(self) -> Floats:
        """Bits that each symbol index costs."""
        return (PARTS_BITS - np.log2(self.parts)).astype(np.float32)

    @cached_property
    def values(self) -> Floats:
        """Reconstruction point of each symbol index, in steps; 0 for those that are not AC."""
        return np.pad(self.ac_values, (0, len(self.parts) - len(self.ac_values)))
