"""Codecs of the baselines: the best file of a picture that fits into a number of bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import imagecodecs
import numpy as np
from PIL import Image

from runtime.images.image import Picture
from runtime.images.resize import resize_to

_FACTORS = (1.0, 0.75, 0.5, 0.375, 0.25, 0.1875, 0.125, 0.0625)
"""Sizes that are tried, of which the first is taken at which a codec can go low enough."""

_FULL = 0.999
"""The share of the bytes from which on they count as filled."""


@dataclass(frozen=True)
class Codec:
    """A lossy codec.

    Attributes:
        name: For tables and plots.
        encode: From a picture, uint8 (height, width, 3), and a quality to a file.
        decode: From a file to its picture.
        qualities: All qualities, lowest first; files grow with it, nearly always.
    """

    name: str
    encode: Callable[[Picture, float], bytes]
    decode: Callable[[bytes], Picture]
    qualities: tuple[float, ...]


def best_file(picture: Picture, codec: Codec, most_bytes: int) -> tuple[bytes, Picture]:
    """The file of the highest quality that fits, and the picture it decodes to.

    The picture is reduced only if the file of lowest quality does not fit at its own size; what is
    decoded is then enlarged again.

    Raises:
        ValueError: Nothing fits.
    """
    height, width, _ = picture.shape
    for factor in _FACTORS:
        size = max(1, round(factor * height)), max(1, round(factor * width))
        file = _filling(resize_to(picture, *size), codec, most_bytes)
        if file is not None:
            return file, resize_to(codec.decode(file), height, width)
    raise ValueError(f"no {codec.name} file fits {most_bytes} bytes")


def _filling(picture: Picture, codec: Codec, most_bytes: int) -> bytes | None:
    """The largest file that fits, by halving the range of qualities; None if none fits."""
    low, high = 0, len(codec.qualities) - 1
    best: bytes | None = None
    content = picture.tobytes()
    while low <= high:
        middle = (low + high) // 2
        file = _encoded(content, picture.shape, codec, codec.qualities[middle])
        if len(file) > most_bytes:
            high = middle - 1
            continue
        best, low = file, middle + 1
        if len(file) > _FULL * most_bytes:
            break
    return best


# The searches for one picture at several payloads encode the same files again.
@lru_cache(maxsize=64)
def _encoded(content: bytes, shape: tuple[int, ...], codec: Codec, quality: float) -> bytes:
    return codec.encode(np.frombuffer(content, np.uint8).reshape(shape), quality)


def lossless_jpeg_xl(picture: Picture) -> bytes:
    """The picture as a lossless JPEG XL file."""
    return bytes(imagecodecs.jpegxl_encode(picture, lossless=True, effort=7, numthreads=1))


def _by_pillow(name: str, extension: str, **settings: Any) -> Codec:
    def encode(picture: Picture, quality: float) -> bytes:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, extension, quality=int(quality), **settings)
        return file.getvalue()

    def decode(file: bytes) -> Picture:
        with Image.open(io.BytesIO(file)) as decoded:
            return np.asarray(decoded.convert("RGB"), np.uint8)

    return Codec(name, encode, decode, tuple(range(1, 101)))


def _jpeg_2000(name: str, reversible: bool) -> Codec:
    def encode(picture: Picture, quality: float) -> bytes:
        # Without the boxes of a .jp2 file. The quality is the PSNR in dB that is aimed at.
        return bytes(
            imagecodecs.jpeg2k_encode(
                picture,
                level=quality,  # type: ignore[arg-type] # which takes fractions, too
                reversible=reversible,
                codecformat="j2k",
                numthreads=1,
            )
        )

    def decode(file: bytes) -> Picture:
        return np.asarray(imagecodecs.jpeg2k_decode(file, numthreads=1), np.uint8)

    return Codec(name, encode, decode, tuple(np.arange(5, 120, 1 / 32).tolist()))


JPEG_2000 = _jpeg_2000("JPEG 2000 9/7", reversible=False)
JPEG_2000_REVERSIBLE = _jpeg_2000("JPEG 2000 5/3", reversible=True)
# Full colour resolution and libaom's tuning for PSNR, which give the best secret at these rates.
AVIF = _by_pillow(
    "AVIF",
    "avif",
    speed=6,
    codec="aom",
    subsampling="4:4:4",
    max_threads=1,
    advanced={"tune": "psnr"},
)
JPEG = _by_pillow("JPEG", "jpeg", optimize=True, subsampling="4:4:4")

CODECS = (JPEG_2000, JPEG_2000_REVERSIBLE, AVIF, JPEG)
