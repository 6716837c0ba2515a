"""Least significant bits: writing chosen values, LSB matching and LSB replacement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Picture


def write_residues(cover: Picture, symbols: NDArray[Any], bits: int) -> Picture:
    """The samples nearest to those of the cover that are equal to `symbols` modulo 2^bits."""
    level = 1 << bits
    up = (symbols.astype(np.int16) - cover) % level
    return _in_range(cover + np.where(2 * up > level, up - level, up), level)


def matched(cover: Picture, bits: int, seed: int) -> Picture:
    """LSB matching with random bits: the nearest sample of the residue, ties broken at random."""
    generator = np.random.default_rng(seed)
    level = 1 << bits
    symbols = generator.integers(0, level, cover.shape, np.uint8)
    up = (symbols.astype(np.int16) - cover) % level
    tie = np.where(generator.integers(0, 2, cover.shape, np.uint8) == 0, up, up - level)
    change = np.where(2 * up > level, up - level, np.where(2 * up == level, tie, up))
    return _in_range(cover + change, level)


def replaced(cover: Picture, share: float, seed: int) -> Picture:
    """LSB replacement with random bits in a share (0 to 1) of the samples, at random places."""
    generator = np.random.default_rng(seed)
    chosen = generator.random(cover.shape) < share
    bits = generator.integers(0, 2, cover.shape, np.uint8)
    return np.where(chosen, (cover & 0xFE) | bits, cover).astype(np.uint8)


def _in_range(samples: NDArray[Any], level: int) -> Picture:
    """Moves samples that left 0 to 255 back by one `level`, which keeps their residue."""
    samples = np.where(samples < 0, samples + level, samples)
    return np.where(samples > 255, samples - level, samples).astype(np.uint8)
