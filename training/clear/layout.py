"""Geometry of the `clear` codec: transform, quads of blocks, DC prediction and words.

Everything here is what the stream means; nothing is fitted. The graphs of `export.clear_graphs` do
the same in ONNX, and `tests/clear` holds the two together.

A secret is padded to a multiple of 16 by repeating its edge and cut into 8x8 blocks of three
colours, 192 coefficients each: the three DCs, then colour by colour the rest in zigzag. Two by two
blocks are a *quad*; a quad is one lane of the entropy coder. Coefficients are kept as (192, 4, quad
rows, quad columns), the second axis being the block within its quad: top left (the anchor), top
right, bottom left, bottom right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 8
QUAD = 16
COEFFICIENTS = 192
COLOURS = 3  # and the first three coefficients, the DC of each

# The stream: 16-bit words. Each of the `bits` planes of residues holds samples // 16 of them.
WORD = 16
HEADER_WORDS = 32
USER_BYTES = 60
SMALLEST = 16  # pixels a side
CHECK_PRIME = 65521
CHECK_FACTOR = 40503

# Operating points: the quantiser's step is 2**(rung / 32 - 1).
RUNGS = 512
RUNGS_PER_OCTAVE = 32

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Pictures = NDArray[np.uint8]


def step_sizes() -> Floats:
    """The quantiser's step at each rung, float32 (512,), rising."""
    return np.exp2(np.arange(RUNGS) / RUNGS_PER_OCTAVE - 1.0).astype(np.float32)


def zigzag() -> NDArray[np.int64]:
    """Position (row * 8 + column) of each of the 64 frequencies, from low to high."""

    def key(position: int) -> tuple[int, int]:
        row, column = divmod(position, BLOCK)
        return row + column, row if (row + column) % 2 else column

    return np.array(sorted(range(BLOCK * BLOCK), key=key))


def analysis() -> Floats:
    """The orthonormal transform of a block, float32 (192 coefficients, 3 colours, 8, 8).

    Colours are red, green, blue in 0 .. 255. The colour axes are YCoCg's, made orthonormal: on the
    training photographs they lose 0.003 bit a coefficient to the photographs' own principal axes.
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


def quads_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of quads that cover a picture."""
    return -(-height // QUAD), -(-width // QUAD)


def transform(picture: Pictures) -> Floats:
    """Coefficients of a uint8 (height, width, 3) picture, float32 (192, 4, rows, columns)."""
    height, width, _ = picture.shape
    rows, columns = quads_of(height, width)
    margins = ((0, rows * QUAD - height), (0, columns * QUAD - width), (0, 0))
    padded = np.pad(picture, margins, mode="edge").astype(np.float32)
    cut = padded.reshape(rows, 2, BLOCK, columns, 2, BLOCK, 3).transpose(6, 2, 5, 1, 4, 0, 3)
    flat = analysis().reshape(COEFFICIENTS, -1) @ cut.reshape(3 * BLOCK * BLOCK, -1)
    return flat.reshape(COEFFICIENTS, 4, rows, columns)


def synthesis(coefficients: Floats) -> Floats:
    """The picture of `transform`'s coefficients, whole quads, neither rounded nor clipped."""
    _, _, rows, columns = coefficients.shape
    flat = analysis().reshape(COEFFICIENTS, -1).T @ coefficients.reshape(COEFFICIENTS, -1)
    cut = flat.reshape(3, BLOCK, BLOCK, 2, 2, rows, columns).transpose(5, 3, 1, 6, 4, 2, 0)
    return cut.reshape(rows * QUAD, columns * QUAD, 3)


def to_picture(synthesised: Floats, height: int, width: int) -> Pictures:
    """The uint8 (height, width, 3) picture that it is."""
    return np.clip(np.rint(synthesised[:height, :width]), 0, 255).astype(np.uint8)


def inverse(coefficients: Floats, height: int, width: int) -> Pictures:
    """The uint8 (height, width, 3) picture of `transform`'s coefficients, rounded and clipped."""
    return to_picture(synthesis(coefficients), height, width)


def _right(x: NDArray) -> NDArray:
    return np.concatenate([x[..., 1:], x[..., -1:]], axis=-1)


def _below(x: NDArray) -> NDArray:
    return np.concatenate([x[..., 1:, :], x[..., -1:, :]], axis=-2)


def dc_residuals(dc: NDArray) -> NDArray:
    """What prediction leaves of the block means, (3, 4, rows, columns), integers or floats.

    Anchors are predicted by the anchor to the left (those of the first column by the one above),
    the others by the mean of the two or four nearest that are known by then. Integers are predicted
    by integers, rounded down, so that `dc_values` is the exact inverse.
    """
    exact = np.issubdtype(dc.dtype, np.integer)
    anchor = dc[:, 0]
    first = np.diff(anchor[..., :1], axis=-2, prepend=0)
    left = np.concatenate([first, np.diff(anchor, axis=-1)], axis=-1)
    two, four = (1, 2) if exact else (2, 4)

    def mean(total: NDArray, by: int) -> NDArray:
        return total >> by if exact else total / by

    right = dc[:, 1] - mean(anchor + _right(anchor), two)
    below = dc[:, 2] - mean(anchor + _below(anchor), two)
    around = dc[:, 1] + _below(dc[:, 1]) + dc[:, 2] + _right(dc[:, 2])
    return np.stack([left, right, below, dc[:, 3] - mean(around, four)], axis=1)


def dc_values(residuals: Ints, luma_anchors: Ints) -> Ints:
    """The inverse of `dc_residuals` on integers; luma anchors, (rows, columns), come as is."""
    left = residuals[:, 0].copy()
    left[..., 0] = np.cumsum(left[..., 0], axis=-1)
    anchor = np.cumsum(left, axis=-1)
    anchor[0] = luma_anchors
    right = residuals[:, 1] + ((anchor + _right(anchor)) >> 1)
    below = residuals[:, 2] + ((anchor + _below(anchor)) >> 1)
    around = right + _below(right) + below + _right(below)
    return np.stack([anchor, right, below, residuals[:, 3] + (around >> 2)], axis=1)


def checksum(words: Ints) -> int:
    """What word 1 holds: a weighted sum of word 0 and all after the header, modulo a prime.

    The caller's part of the header is left out, so that it can be written later.

    The weights tell places apart. A plain sum misses the commonest damage: a sample changed by one
    level turns a bit on in one plane and off in another, at the same place within two words.
    """
    place = np.arange(1, len(words) + 1, dtype=np.int64)
    weights = 1 + CHECK_FACTOR * place**2 % (CHECK_PRIME - 1)
    weights[1:HEADER_WORDS] = 0
    return int((weights * words).sum() % CHECK_PRIME)


def words_in(samples: int, bits: int) -> int:
    """16-bit words that a tile of so many samples carries at `bits` bits a sample."""
    return bits * (samples // WORD)


def symbols_of_words(words: Ints, samples: int, bits: int) -> Pictures:
    """Spreads words over samples, uint8 (samples,) in 0 .. 2**bits - 1.

    The first samples // 16 words are the lowest bits of the samples, most significant bit first;
    the next are the second lowest, and so on. A header at the front is thus in the lowest bits of
    the first samples, whatever `bits` is. The last samples % 16 symbols are 0.
    """
    planes = words.reshape(bits, -1, 1) >> np.arange(WORD - 1, -1, -1) & 1
    symbols = np.zeros(samples, np.uint8)
    flat = planes.reshape(bits, -1)
    symbols[: flat.shape[1]] = (flat << np.arange(bits)[:, None]).sum(axis=0)
    return symbols


def words_of_symbols(symbols: Pictures, bits: int) -> Ints:
    """The inverse of `symbols_of_words`, int32 (words,)."""
    used = symbols[: len(symbols) // WORD * WORD].astype(np.int32).reshape(1, -1, WORD)
    planes = used >> np.arange(bits)[:, None, None] & 1
    return (planes << np.arange(WORD - 1, -1, -1)).sum(axis=-1).ravel().astype(np.int32)
