"""Baselines for `clear`: the file of a codec, or the top bits, in the lowest bits of the cover.

Each hides a secret of the cover's size at some bits per sample and returns what is revealed. None
writes a header, which favours them a little.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.common.lsb import write_residues
from runtime.images.image import Picture


@dataclass(frozen=True)
class Baseline:
    """A simple method of hiding that needs no training.

    Attributes:
        label: For tables and plots.
        bits: Payload in bits per sample.
        run: From cover and secret, uint8 (height, width, 3) and of one size, to the container and
            what is revealed.
    """

    label: str
    bits: int
    run: Callable[[Picture, Picture], tuple[Picture, Picture]]


def all_baselines() -> list[Baseline]:
    """Top bits in the lowest bits, and JPEG, WebP and AVIF files in optimally written ones."""
    return [
        Baseline("top 2 bits in 2 LSB", 2, partial(_hide_top_bits, 2)),
        *(
            Baseline(f"{name} in {bits} LSB", bits, partial(_hide_file, extension, bits))
            for bits in (1, 2, 3)
            for extension, name in (("jpeg", "JPEG"), ("webp", "WebP"), ("avif", "AVIF"))
        ),
    ]


def _hide_top_bits(bits: int, cover: Picture, secret: Picture) -> tuple[Picture, Picture]:
    symbols = secret >> (8 - bits)
    container = write_residues(cover, symbols, bits)
    # The middle of the range that the top bits leave open.
    revealed = ((container & (2**bits - 1)) << (8 - bits)) + (1 << (7 - bits))
    return container, np.asarray(revealed, np.uint8)


def _hide_file(
    extension: str, bits: int, cover: Picture, secret: Picture
) -> tuple[Picture, Picture]:
    file, revealed = best_file(secret, extension, cover.size * bits // 8)
    stream = np.unpackbits(np.frombuffer(file, np.uint8))
    groups = np.pad(stream, (0, -len(stream) % bits)).reshape(-1, bits)
    symbols = (groups << np.arange(bits - 1, -1, -1)).sum(axis=1)
    # The rest is filled with noise, which is what a file that fills all of it would look like.
    filler = np.random.default_rng(0).integers(0, 1 << bits, cover.size - len(symbols))
    every = np.concatenate([symbols, filler]).astype(np.uint8).reshape(cover.shape)
    return write_residues(cover, every, bits), revealed


def best_file(picture: Picture, extension: str, most_bytes: int) -> tuple[bytes, Picture]:
    """The file of the highest quality that fits, and the picture it decodes to.

    Raises:
        ValueError: Even the lowest quality does not fit.
    """
    low, high = 1, 100
    best: bytes | None = None
    content = picture.tobytes()
    while low <= high:
        quality = (low + high) // 2
        file = _encode(content, picture.shape, extension, quality)
        if len(file) <= most_bytes:
            best, low = file, quality + 1
        else:
            high = quality - 1
    if best is None:
        raise ValueError(f"no {extension} file fits {most_bytes} bytes")
    with Image.open(io.BytesIO(best)) as decoded:
        return best, np.asarray(decoded.convert("RGB"), np.uint8)


# The searches for one picture at several payloads encode the same files again.
@lru_cache(maxsize=64)
def _encode(content: bytes, shape: tuple[int, ...], extension: str, quality: int) -> bytes:
    picture = np.frombuffer(content, np.uint8).reshape(shape)
    # Full colour resolution where the codec has it, which gives the best secret at these rates.
    # OpenCV's AVIF encoder halves it, and so does every lossy WebP file, which is why WebP falls
    # behind as the payload grows.
    file = io.BytesIO()
    settings: dict[str, dict[str, Any]] = {
        "jpeg": {"optimize": True, "subsampling": "4:4:4"},
        "webp": {"method": 4},
        "avif": {"speed": 6, "subsampling": "4:4:4"},
    }
    Image.fromarray(picture).save(file, extension, quality=quality, **settings[extension])
    return file.getvalue()


def lossless_bytes(picture: Picture) -> int:
    """Size in bytes of the picture as a lossless WebP file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "webp", lossless=True, quality=80, method=4)
    return len(file.getvalue())
