"""Symbols of AC coefficients: the alphabet of each class, and its tail.

A *class* says how wide the distribution of a coefficient is, as its mean magnitude in steps. A
class codes magnitudes up to its *core* exactly. Larger ones fall into the tail, whose symbols each
stand for a range of magnitudes.
"""

from __future__ import annotations

import numpy as np

from codec.blocks import Floats, Ints

CLASSES = 35  # four per octave of mean magnitude; coefficients of class 0 are always zero
CLASSES_PER_OCTAVE = 4
FIRST_OCTAVE = -3  # class 0 stands for a mean magnitude of 1/8 of the step
TAIL_BUCKETS, TAIL_OCTAVES = 4, 11
TAIL = TAIL_BUCKETS * TAIL_OCTAVES
TAIL_REACH = 4 * ((1 << TAIL_OCTAVES) - 1)  # more than any coefficient at the finest step
TAIL_SHIFT = 3.01  # 3 plus a margin against rounding
MAGNITUDES = 512 + TAIL  # symbols of the widest class

CATEGORIES = 15  # of DC residuals: the bit length of the magnitude
CATEGORY_CLASSES = 16
CHUNK_BITS = 7  # the bits of a DC residual are coded in two chunks of at most so many


def scale_of(ac_class: float) -> float:
    """Mean magnitude that a class stands for, in steps."""
    return float(2.0 ** (FIRST_OCTAVE + ac_class / CLASSES_PER_OCTAVE))


def core(ac_class: int) -> int:
    """Largest magnitude that an AC class codes exactly."""
    if ac_class == 0:
        return 0
    return int(min(np.ceil(10 * scale_of(ac_class)) + 6, MAGNITUDES - TAIL - 1))


def support(ac_class: int) -> int:
    """Largest symbol of an AC class; class 0 has only zero."""
    return core(ac_class) + TAIL if ac_class else 0


CORES = np.array([core(c) for c in range(CLASSES)], np.int32)
SUPPORTS = np.array([support(c) for c in range(CLASSES)], np.int32)


def tail_symbols() -> Ints:
    """Tail symbol, 0 .. TAIL, for each excess of a magnitude over the core, 0 .. TAIL_REACH.

    There are four buckets per octave, so a single spike in a smooth block is coded to about an
    eighth of its height for about 14 bits. A longer alphabet would cost bits in every other
    coefficient of the class.
    """
    excess = np.arange(TAIL_REACH + 1)
    buckets = np.floor(np.log2((excess + TAIL_SHIFT) / 4.0) * TAIL_BUCKETS) + 1
    return np.asarray(np.maximum(buckets, 0), np.int32)


def tail_middles() -> Floats:
    """Mean excess over the core that each tail symbol, 0 .. TAIL, stands for."""
    symbols = tail_symbols()
    return (np.bincount(symbols, np.arange(len(symbols))) / np.bincount(symbols)).astype(np.float32)
