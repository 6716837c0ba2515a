"""A secret's own file, as it is or in fewer bytes, or a lossless file of its pixels."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from runtime.errors import (
    ContainerError,
    FileError,
    OutOfMemoryError,
    TooLargeError,
)
from runtime.images.decode import decode
from runtime.images.image import Image, Picture
from runtime.payloads.jpeg.rans import Damaged
from runtime.payloads.jpeg.repacking import pack, unpack

LARGEST = (1 << 32) - 1
"""Most bytes of a payload."""

WEBP_LARGEST_SIDE = (1 << 14) - 1

# How hard WebP's lossless encoder tries: more takes many times as long, for 2 % less.
_QUALITY, _METHOD = 50, 3
# What a repacked file takes at least, of its bytes.
_LEAST_REPACKED = 0.75
# What a lossless file takes at least, of the entropy of its prediction errors, for photographs.
_LEAST = 0.8
_FEW_COLOURS = 256
_ROWS = 1 << 8  # that are looked at


def pixels_file(secret: Image, budget: int) -> bytes | None:
    """A lossless file of a secret's pixels, if it has at most `budget` bytes.

    Coding takes long, so the size is estimated first: if that is far too large for the budget, the
    answer is None without trying.
    """
    if secret.alpha is not None or secret.deep or max(secret.size) > WEBP_LARGEST_SIDE:
        return None
    if not _is_promising(secret.pixels, budget):
        return None
    content = _webp(secret.pixels)
    if len(content) > budget:
        return None
    back = decode(content, secret.size[0] * secret.size[1])
    return content if np.array_equal(back.pixels, secret.pixels) else None


def repacked_file(content: bytes, budget: int) -> bytes | None:
    """A file in fewer bytes than it has, if it is a JPEG file that then has at most `budget`."""
    if len(content) * _LEAST_REPACKED > budget:
        return None
    packed = pack(content)
    return packed if packed is not None and len(packed) <= budget else None


def unpacked_file(packed: bytes, max_pixels: int) -> bytes:
    """The inverse of `repacked_file`.

    Raises:
        TooLargeError: The picture has more than `max_pixels` pixels.
        ContainerError: No file was ever packed like that.
    """
    try:
        return unpack(packed, max_pixels)
    except Damaged as error:
        raise ContainerError("the hidden file cannot be unpacked; it is not written") from error


def _webp(pixels: Picture) -> bytes:
    from PIL import Image as Pillow  # seldom needed

    out = io.BytesIO()
    image = Pillow.fromarray(pixels)
    image.save(out, "WEBP", lossless=True, quality=_QUALITY, method=_METHOD)
    return out.getvalue()


def _is_promising(pixels: Picture, budget: int) -> bool:
    height, width, _ = pixels.shape
    if min(height, width) < 2:
        return True
    step = max(height // _ROWS, 1)
    # Pairs of rows, as each is predicted from the one above.
    rows = [pixels[offset::step][: height // step] for offset in (0, min(1, step))]
    above, below = (rows[0][:-1], rows[0][1:]) if step == 1 else rows
    least = _LEAST * _entropy(above[: len(below)], below[: len(above)])
    if least * height * width <= 8 * budget:
        return True
    colours = below[..., 0] * np.int32(1 << 16) + below[..., 1] * np.int32(1 << 8) + below[..., 2]
    # A few pixels of a photograph have too many already.
    return all(len(np.unique(some)) <= _FEW_COLOURS for some in (colours[:, ::16], colours))


def _entropy(above: Picture, below: Picture) -> float:
    """Bits per pixel of errors of the median predictor (LOCO-I), of green and two differences."""
    total = 0.0
    for upper, lower in zip(_planes(above), _planes(below), strict=True):
        left, up, corner = lower[:, :-1], upper[:, 1:], upper[:, :-1]
        predicted = np.clip(left + up - corner, np.minimum(left, up), np.maximum(left, up))
        counts = np.bincount((lower[:, 1:] - predicted).ravel() + 1024)
        shares = counts[counts > 0] / max(counts.sum(), 1)
        total -= float((shares * np.log2(shares)).sum())
    return total


def _planes(pixels: Picture) -> list[NDArray[np.int16]]:
    red, green, blue = (pixels[..., sample].astype(np.int16) for sample in range(3))
    return [green, red - green, blue - green]


def read_file(content: bytes, max_pixels: int) -> Image:
    """Decodes a picture file that a container carried.

    Whoever made the container may have put anything there, so nothing that is not a whole picture
    may go further.

    Raises:
        TooLargeError: It has more than `max_pixels` pixels.
        ContainerError: It is not a whole picture of a format that is read.
        OutOfMemoryError: There is not enough memory for it.
    """
    try:
        return decode(content, max_pixels)
    except TooLargeError as error:
        error.message = f"the hidden picture {error.message}"
        raise
    except OutOfMemoryError:
        raise
    except FileError as error:
        raise ContainerError(f"the hidden file {error.message}; it is not written") from error
