"""Blocks of the learned code: colour transform, DCT, macroblocks and prediction of DC.

Nothing here is fitted: these functions define what the stream means. The graphs of `export.clear`
do the same in ONNX, and `tests/clear` checks that the two agree.

A picture is padded to a multiple of 16 by repeating its edge, and cut into 8x8 blocks. With three
colours, a block has 192 coefficients: first the DC of each colour, then the other coefficients in
zigzag order, colour by colour. A *macroblock* is two by two blocks, and is one lane of the entropy
coder. Coefficients are stored as (192, 4, macroblock rows, macroblock columns). The second axis is
the block within its macroblock: top left (the anchor), top right, bottom left, bottom right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 8
MACROBLOCK = 16
COEFFICIENTS = 192
COLOURS = 3  # also the number of leading coefficients: the DC of each colour

# Quantizer indices: the step is 2**(qindex / 32 - 1).
QINDICES = 512
QINDICES_PER_OCTAVE = 32

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Integers = NDArray[np.signedinteger[Any]]
Pictures = NDArray[np.uint8]


def step_sizes() -> Floats:
    """The quantizer step of each quantizer index, float32 (512,), in 8-bit levels, increasing."""
    return np.exp2(np.arange(QINDICES) / QINDICES_PER_OCTAVE - 1.0).astype(np.float32)


def zigzag() -> NDArray[np.int64]:
    """Position (row * 8 + column) of each of the 64 frequencies, from low to high."""

    def key(position: int) -> tuple[int, int]:
        row, column = divmod(position, BLOCK)
        return row + column, row if (row + column) % 2 else column

    return np.array(sorted(range(BLOCK * BLOCK), key=key))


def analysis() -> Floats:
    """The orthonormal transform of a block, float32 (192 coefficients, 3 colours, 8, 8).

    Its input is red, green and blue in 0 .. 255. The colour axes are those of YCoCg, normalized: on
    the training photographs they cost 0.003 bits per coefficient more than the principal axes do.
    """
    colours = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]], float)
    colours /= np.linalg.norm(colours, axis=1, keepdims=True)
    frequency, place = np.mgrid[0:BLOCK, 0:BLOCK]
    cosines = np.cos(np.pi * (2 * place + 1) * frequency / (2 * BLOCK)) / 2.0
    cosines[0] /= np.sqrt(2.0)
    waves = np.einsum("au,bv->abuv", cosines, cosines).reshape(64, BLOCK, BLOCK)[zigzag()]
    kernels = np.einsum("kc,fuv->kfcuv", colours, waves)
    rest = kernels[:, 1:].reshape(COEFFICIENTS - COLOURS, 3, BLOCK, BLOCK)
    return np.concatenate([kernels[:, 0], rest]).astype(np.float32)


def macroblocks_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of macroblocks that cover a picture."""
    return -(-height // MACROBLOCK), -(-width // MACROBLOCK)


def transform(picture: Pictures) -> Floats:
    """Coefficients of a uint8 (height, width, 3) picture, float32 (192, 4, rows, columns)."""
    height, width, _ = picture.shape
    rows, columns = macroblocks_of(height, width)
    margins = ((0, rows * MACROBLOCK - height), (0, columns * MACROBLOCK - width), (0, 0))
    padded = np.pad(picture, margins, mode="edge").astype(np.float32)
    cut = padded.reshape(rows, 2, BLOCK, columns, 2, BLOCK, 3).transpose(6, 2, 5, 1, 4, 0, 3)
    flat = analysis().reshape(COEFFICIENTS, -1) @ cut.reshape(3 * BLOCK * BLOCK, -1)
    return flat.reshape(COEFFICIENTS, 4, rows, columns)


def synthesis(coefficients: Floats) -> Floats:
    """The inverse of `transform`: float32 (rows * 16, columns * 16, 3), not rounded or clipped."""
    _, _, rows, columns = coefficients.shape
    flat = analysis().reshape(COEFFICIENTS, -1).T @ coefficients.reshape(COEFFICIENTS, -1)
    cut = flat.reshape(3, BLOCK, BLOCK, 2, 2, rows, columns).transpose(5, 3, 1, 6, 4, 2, 0)
    return cut.reshape(rows * MACROBLOCK, columns * MACROBLOCK, 3)


def to_picture(synthesized: Floats, height: int, width: int) -> Pictures:
    """Crops, rounds and clips the result of `synthesis`; uint8 (height, width, 3)."""
    return np.clip(np.rint(synthesized[:height, :width]), 0, 255).astype(np.uint8)


def inverse(coefficients: Floats, height: int, width: int) -> Pictures:
    """`synthesis` and `to_picture` in one: coefficients to uint8 (height, width, 3)."""
    return to_picture(synthesis(coefficients), height, width)


def _right(x: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([x[..., 1:], x[..., -1:]], axis=-1)


def _below(x: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([x[..., 1:, :], x[..., -1:, :]], axis=-2)


def dc_residuals(dc: NDArray[Any]) -> NDArray[Any]:
    """Prediction residuals of DC, (3, 4, rows, columns) like `dc`, integers or floats.

    An anchor is predicted from the anchor to its left, or from the one above in the first column.
    The other blocks are predicted from the mean of the two or four nearest blocks that are already
    decoded. For integers, means are rounded down, so that `dc_values` is the exact inverse.
    """
    exact = np.issubdtype(dc.dtype, np.integer)
    anchor = dc[:, 0]
    first = np.diff(anchor[..., :1], axis=-2, prepend=0)
    left = np.concatenate([first, np.diff(anchor, axis=-1)], axis=-1)
    two, four = (1, 2) if exact else (2, 4)

    def mean(total: NDArray[Any], by: int) -> NDArray[Any]:
        return total >> by if exact else total / by

    right = dc[:, 1] - mean(anchor + _right(anchor), two)
    below = dc[:, 2] - mean(anchor + _below(anchor), two)
    around = dc[:, 1] + _below(dc[:, 1]) + dc[:, 2] + _right(dc[:, 2])
    return np.stack([left, right, below, dc[:, 3] - mean(around, four)], axis=1)


def dc_values(residuals: Ints, luma_anchors: Ints) -> Ints:
    """The inverse of `dc_residuals` on integers, given the luma anchors, (rows, columns)."""
    left = residuals[:, 0].copy()
    left[..., 0] = np.cumsum(left[..., 0], axis=-1)
    anchor = np.cumsum(left, axis=-1)
    anchor[0] = luma_anchors
    right = residuals[:, 1] + ((anchor + _right(anchor)) >> 1)
    below = residuals[:, 2] + ((anchor + _below(anchor)) >> 1)
    around = right + _below(right) + below + _right(below)
    return np.stack([anchor, right, below, residuals[:, 3] + (around >> 2)], axis=1)
