"""Blocks of the learned code: colour transform, DCT, macroblocks and prediction of DC.

Nothing here is fitted: these functions define what the stream means. The graphs of `export.clear`
do the same in ONNX, and `tests/clear` checks that the two agree.

A picture is padded to a multiple of 16 by repeating its edge, and cut into 8x8 blocks. With three
colours, a block has 192 coefficients: first the DC of each colour, then the other coefficients in
zigzag order, colour by colour. A *macroblock* is two by two blocks, and is one lane of the entropy
coder. Coefficients are stored as (192, 4, macroblock rows, macroblock columns). The second axis is
the block within its macroblock: top left (the anchor), top right, bottom left, bottom right.

The blocks of a *merged* macroblock are transformed together, as one of 16x16, for smooth places.
Its coefficients are dealt out to four blocks, two rows and columns apart each, so that coefficient
k has about the same frequency whether a macroblock is merged or not: block 2 a + b has vertical
frequencies 2 u + a and horizontal ones 2 v + b.
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
    cosines = _cosines(BLOCK)
    waves = np.einsum("au,bv->abuv", cosines, cosines).reshape(64, BLOCK, BLOCK)[zigzag()]
    kernels = np.einsum("kc,fuv->kfcuv", colours, waves)
    rest = kernels[:, 1:].reshape(COEFFICIENTS - COLOURS, 3, BLOCK, BLOCK)
    return np.concatenate([kernels[:, 0], rest]).astype(np.float32)


def macroblocks_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of macroblocks that cover a picture."""
    return -(-height // MACROBLOCK), -(-width // MACROBLOCK)


def transform(picture: Pictures) -> Floats:
    """Coefficients of a uint8 (height, width, 3) picture, float32 (192, 4, rows, columns).

    None of its macroblocks is merged.
    """
    height, width, _ = picture.shape
    rows, columns = macroblocks_of(height, width)
    margins = ((0, rows * MACROBLOCK - height), (0, columns * MACROBLOCK - width), (0, 0))
    padded = np.pad(picture, margins, mode="edge").astype(np.float32)
    cut = padded.reshape(rows, 2, BLOCK, columns, 2, BLOCK, 3).transpose(6, 2, 5, 1, 4, 0, 3)
    flat = analysis().reshape(COEFFICIENTS, -1) @ cut.reshape(3 * BLOCK * BLOCK, -1)
    return flat.reshape(COEFFICIENTS, 4, rows, columns)


def _cosines(size: int) -> NDArray[np.float64]:
    """The orthonormal DCT of so many samples, (size, size)."""
    frequency, place = np.mgrid[0:size, 0:size]
    cosines = np.cos(np.pi * (2 * place + 1) * frequency / (2 * size)) * np.sqrt(2.0 / size)
    cosines[0] /= np.sqrt(2.0)
    return np.asarray(cosines)


def merging() -> Floats:
    """From the coefficients of two neighbours of 8 samples to those of all 16, float32 (16, 16)."""
    return (_cosines(MACROBLOCK) @ np.kron(np.eye(2), _cosines(BLOCK).T)).astype(np.float32)


def as_grid() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of a colour's 64 x 4 coefficients in a grid of 16 x 16, int64 (256,) each.

    The first are the places, row * 16 + column, if the grid has the blocks side by side; the second
    if it has the frequencies of a merged macroblock in order.
    """
    row, column = np.divmod(zigzag()[:, None], BLOCK)
    lower, right = np.divmod(np.arange(4), 2)
    side = (lower * BLOCK + row) * MACROBLOCK + right * BLOCK + column
    merged = (2 * row + lower) * MACROBLOCK + 2 * column + right
    return side.ravel(), merged.ravel()


def merge(x: Floats) -> Floats:
    """The coefficients, (192, 4, rows, columns), if all macroblocks are merged."""
    return _through_grid(x, *as_grid(), merging())


def split(x: Floats) -> Floats:
    """The inverse of `merge`."""
    return _through_grid(x, *as_grid()[::-1], merging().T)


def _through_grid(
    x: Floats, before: NDArray[np.int64], after: NDArray[np.int64], matrix: Floats
) -> Floats:
    shape = x.shape
    dc, ac = x[:COLOURS, None], x[COLOURS:].reshape(COLOURS, 63, *shape[1:])
    every = np.concatenate([dc, ac], axis=1).reshape(COLOURS, MACROBLOCK**2, -1)
    places = np.empty_like(every)
    places[:, before] = every
    grid = places.reshape(COLOURS, MACROBLOCK, MACROBLOCK, -1)
    grid = np.einsum("ua,vb,kabn->kuvn", matrix, matrix, grid, optimize=True)
    by_colour = grid.reshape(COLOURS, MACROBLOCK**2, -1)[:, after].reshape(COLOURS, 64, 4, -1)
    ac = by_colour[:, 1:].reshape(COEFFICIENTS - COLOURS, 4, -1)
    return np.concatenate([by_colour[:, 0], ac]).reshape(shape).astype(np.float32)


def synthesis(coefficients: Floats) -> Floats:
    """The inverse of `transform`: float32 (rows * 16, columns * 16, 3), not rounded or clipped.

    No macroblock is merged any more.
    """
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


def _after(x: NDArray[Any], axis: int) -> NDArray[Any]:
    """The next neighbour along an axis; the last is its own."""
    return np.concatenate([np.delete(x, 0, axis), np.take(x, [-1], axis)], axis)


def _before(x: NDArray[Any], axis: int) -> NDArray[Any]:
    """The previous neighbour along an axis; the first is its own."""
    return np.concatenate([np.take(x, [0], axis), np.delete(x, -1, axis)], axis)


# The first frequency of a merged macroblock is about so much, in 64ths, of the difference of its
# neighbours' DC.
GRADIENT = 18


def _divided(x: NDArray[Any], bits: int) -> NDArray[Any]:
    """Divided by 2**bits; integers are rounded down, so that decoding is exact."""
    return x >> bits if np.issubdtype(x.dtype, np.integer) else x / (1 << bits)


def _predictions(
    levels: NDArray[Any], right: NDArray[Any], below: NDArray[Any], merged: Ints
) -> tuple[NDArray[Any], ...]:
    """Predictions of DC of the blocks other than anchors, (3, rows, columns) each; see below."""
    one = _divided(levels + _after(levels, -1), 1)
    two = _divided(levels + _after(levels, -2), 1)
    around = right + _after(right, -2) + below + _after(below, -1)
    across, down = (
        -_divided((_after(levels, axis) - _before(levels, axis)) * GRADIENT, 6) for axis in (-1, -2)
    )
    return (
        np.where(merged, across, one),
        np.where(merged, down, two),
        np.where(merged, 0, _divided(around, 2)),
    )


def dc_residuals(dc: NDArray[Any], merged: Ints) -> NDArray[Any]:
    """Prediction residuals of DC, (3, 4, rows, columns) like `dc`, integers or floats.

    The *level* of a macroblock is its anchor's DC, or half of it if it is merged, so that it has
    the same unit. An anchor is predicted from the level to its left, or from the one above in the
    first column. The other blocks are predicted from the mean of the two or four nearest blocks
    that are already decoded, and those of a merged macroblock, which are the lowest frequencies,
    from the difference of the levels on both sides. For integers, means are rounded down, so that
    `dc_values` is the exact inverse.

    Args:
        dc: DC.
        merged: 0 or 1 for each macroblock, int32 (rows, columns).
    """
    levels = np.where(merged, _divided(dc[:, 0], 1), dc[:, 0])
    left = np.zeros_like(levels)
    left[..., 1:], left[..., 1:, 0] = levels[..., :-1], levels[..., :-1, 0]
    right, below = (np.where(merged, levels, dc[:, block]) for block in (1, 2))
    one, two, three = _predictions(levels, right, below, merged)
    anchors = dc[:, 0] - left * (1 + merged).astype(dc.dtype)
    return np.stack([anchors, dc[:, 1] - one, dc[:, 2] - two, dc[:, 3] - three], axis=1)


def dc_values(residuals: Ints, merged: Ints) -> Ints:
    """The inverse of `dc_residuals` on integers."""
    anchors = residuals[:, 0]
    rises = np.where(merged, anchors >> 1, anchors)
    rises[..., 0] = np.cumsum(rises[..., 0], axis=-1)
    levels = np.cumsum(rises, axis=-1)
    anchors = np.where(merged, 2 * levels + (anchors & 1), levels)
    one, two, _ = _predictions(levels, levels, levels, merged)
    right, below = residuals[:, 1] + one, residuals[:, 2] + two
    seen = np.where(merged, levels, right), np.where(merged, levels, below)
    _, _, three = _predictions(levels, *seen, merged)
    return np.stack([anchors, right, below, residuals[:, 3] + three], axis=1)


def dc_magnitudes(residuals: NDArray[Any], merged: Ints) -> Floats:
    """Magnitudes of residuals as those of other blocks: anchors are predicted from farther away."""
    magnitudes: Floats = np.abs(residuals).astype(np.float32)
    magnitudes[:, 0] *= np.where(merged, np.float32(0.25), np.float32(0.5))
    return magnitudes
