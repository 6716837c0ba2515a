"""Modes: how large each of a block's 192 coefficients is expected to be.

A mode is a row of 192 *scales*, logarithms of mean magnitudes, 32 per octave. Each block chooses
one. Scale and quantizer index together give a coefficient's class, see `codec.classes`.

Common modes are fitted. The tiles of a picture may have *adaptive modes* as well: one row of scales
measured on the tile itself and stored in it, at several levels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codec.blocks import COEFFICIENTS, QINDICES, QINDICES_PER_OCTAVE, Floats, Ints
from codec.classes import CATEGORY_CLASSES, CLASSES, CLASSES_PER_OCTAVE, FIRST_OCTAVE

LOWEST_SCALE, HIGHEST_SCALE = -3 * QINDICES_PER_OCTAVE, 11 * QINDICES_PER_OCTAVE
RELATIVE_OFFSET = QINDICES - 1 - LOWEST_SCALE  # makes scale - qindex an index from 0

# Adaptive modes: what is added to the tile's scales, one mode each.
ADAPTIVE_LEVELS = 16 * np.arange(-4, 5)
ADAPTIVE_UNIT = 4  # a stored scale is one byte, in these units
ADAPTIVE_WORDS = COEFFICIENTS // 2


def _octaves() -> NDArray[np.float64]:
    """Octaves of each relative index, scale - qindex + RELATIVE_OFFSET."""
    index = np.arange(RELATIVE_OFFSET + HIGHEST_SCALE + 1)
    return (index - RELATIVE_OFFSET + QINDICES_PER_OCTAVE) / QINDICES_PER_OCTAVE


def relative_class() -> tuple[Ints, Floats]:
    """AC class and step multiple for each relative index, scale - qindex + RELATIVE_OFFSET.

    Scales of many steps would need a longer alphabet. Instead they share the four widest classes,
    with the step doubled as often as necessary; the error stays small relative to the coefficient.
    """
    classes = np.floor((_octaves() - FIRST_OCTAVE) * CLASSES_PER_OCTAVE + 0.5).astype(np.int32)
    doublings = np.maximum(0, -(-(classes - (CLASSES - 1)) // CLASSES_PER_OCTAVE))
    classes = np.maximum(classes - CLASSES_PER_OCTAVE * doublings, 0).astype(np.int32)
    return classes, np.exp2(doublings).astype(np.float32)


def relative_category_class() -> Ints:
    """Class of a DC residual's category for each relative index."""
    classes = np.floor(_octaves() - FIRST_OCTAVE + 0.5).astype(np.int32)
    return np.clip(classes, 0, CATEGORY_CLASSES - 1).astype(np.int32)


def adaptive_scales(magnitudes: Floats) -> Ints:
    """Scales of a tile's mean magnitudes, int32 (192,), multiples of ADAPTIVE_UNIT."""
    logs = np.log2(np.maximum(magnitudes, 1e-3)) * (QINDICES_PER_OCTAVE / ADAPTIVE_UNIT)
    scales = np.floor(logs + 0.5).astype(np.int32) * ADAPTIVE_UNIT
    return np.clip(scales, LOWEST_SCALE, HIGHEST_SCALE)
