"""Luma, blocks and frequencies.

A picture is cut into blocks of 16x16 pixels from its top left corner; pixels beyond the last whole
block are left alone. Luma is that of JPEG. A change of luma is made to red, green and blue alike,
so that it costs its own squared error and leaves the colour differences as they are.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct.strengths import BLOCK, Strength

Floats = NDArray[np.float32]
Picture = NDArray[np.uint8]

PIXELS = BLOCK * BLOCK
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def blocks_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of whole blocks."""
    return height // BLOCK, width // BLOCK


def luma(picture: NDArray[np.uint8] | Floats) -> Floats:
    """Luma of (height, width, 3) red, green and blue, float32 (height, width)."""
    return np.asarray(picture.astype(np.float32) @ LUMA)


def cut(plane: Floats) -> Floats:
    """Whole blocks of a (height, width) plane, (rows * columns, 256)."""
    rows, columns = blocks_of(*plane.shape)
    whole = plane[: rows * BLOCK, : columns * BLOCK]
    return whole.reshape(rows, BLOCK, columns, BLOCK).transpose(0, 2, 1, 3).reshape(-1, PIXELS)


def join(blocks: Floats, height: int, width: int) -> Floats:
    """The inverse of `cut`; zero beyond the last whole block."""
    rows, columns = blocks_of(height, width)
    plane = np.zeros((height, width), np.float32)
    whole = blocks.reshape(rows, columns, BLOCK, BLOCK).transpose(0, 2, 1, 3)
    plane[: rows * BLOCK, : columns * BLOCK] = whole.reshape(rows * BLOCK, columns * BLOCK)
    return plane


@cache
def waves_of(strength: Strength) -> Floats:
    """The wave of each place, float32 (256, places); orthonormal."""
    return np.stack([_wave(strength.size, *wave) for wave in strength.waves], axis=1)


def _wave(size: int, row: int, column: int, across: int, along: int) -> Floats:
    """One wave of the DCT, as part of a block of 16x16, float32 (256,), of norm 1.

    Args:
        size: Of the square that it fills, 8 or 16.
        row: Of the square's top left pixel.
        column: Of the square's top left pixel.
        across: Half periods from top to bottom.
        along: Half periods from left to right.
    """
    place = np.arange(size)

    def one(frequency: int) -> NDArray[np.float64]:
        norm = np.sqrt((2.0 if frequency else 1.0) / size)
        return np.asarray(norm * np.cos(np.pi * (2 * place + 1) * frequency / (2 * size)))

    block = np.zeros((BLOCK, BLOCK))
    block[row : row + size, column : column + size] = np.outer(one(across), one(along))
    return block.reshape(-1).astype(np.float32)
