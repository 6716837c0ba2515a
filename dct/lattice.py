"""Dithered quantization index modulation: bits in coefficients, and how near they are read back.

Each place of a block has a phase, 0 .. 255: its dither, plus 128 if its bit is one. The coefficient
is moved towards the nearest point of the lattice step * (phase / 256 + whole number).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dct.blocks import Floats, Picture, cut, join, luma, waves_of
from runtime.carriers.dct.strengths import Strength

Phases = NDArray[np.uint8]

ROUNDS = 4
"""How often the change is corrected for what clipping took away."""


def embed(cover: Picture, phases: Phases, strength: Strength) -> Picture:
    """Changes a cover so that its coefficients lie near their lattices.

    Args:
        cover: uint8 (height, width, 3).
        phases: uint8 (rows * columns, places): of each whole block, row by row.
        strength: The strength.

    Returns:
        uint8 (height, width, 3).
    """
    height, width, _ = cover.shape
    waves, steps = waves_of(strength), strength.steps
    coefficients = cut(luma(cover)) @ waves
    offset = phases.astype(np.float32) * np.float32(1 / 256)
    nearest = steps * (np.rint(coefficients / steps - offset) + offset)
    wanted = coefficients + strength.strides * (nearest - coefficients)
    samples = cover.astype(np.float32)
    change = np.zeros((height, width), np.float32)
    changed = samples
    for _ in range(ROUNDS):
        missing = wanted - cut(luma(changed)) @ waves
        change += join(missing @ waves.T, height, width)
        changed = np.clip(samples + change[..., None], 0.0, 255.0)
    return np.rint(changed).astype(np.uint8)


def coefficients(plane: Floats, strength: Strength) -> Floats:
    """Coefficients of all whole blocks of a luma plane, float32 (rows * columns, places)."""
    return np.asarray(cut(plane) @ waves_of(strength))


def closeness(read: Floats, dither: Phases, steps: Floats) -> Floats:
    """How near coefficients are to the lattice of zero: 1 on it, -1 on that of one.

    Args:
        read: Coefficients, float32 (blocks, places).
        dither: uint8 (blocks, places).
        steps: Steps, times what the channel left of each coefficient, float32 (places,).
    """
    turns = read / steps - dither.astype(np.float32) * np.float32(1 / 256)
    turns -= np.rint(turns)
    return np.cos(turns * np.float32(2 * np.pi)).astype(np.float32)
