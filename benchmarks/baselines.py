"""What one can do by hand: a codec's file, or the top bits, in the lowest bits of the cover.

The lines that `clear` is to beat. Each hides a secret of the cover's size at `bits` bits a sample
and says what is revealed; none carries a header, which favours them a little. `matched` and
`replaced` carry random bits: plain LSB matching and replacement, for detectors to be tried on.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from runtime._pictures import Picture


@dataclass(frozen=True)
class Baseline:
    """A way to hide by hand.

    Attributes:
        name: For tables.
        bits: Bits a sample.
        run: From cover and secret, uint8 (height, width, 3) and of one size, to the container and
            what is revealed.
    """

    name: str
    bits: int
    run: Callable[[Picture, Picture], tuple[Picture, Picture]]


def baselines() -> list[Baseline]:
    """Top bits in the lowest, and JPEG, WebP, AVIF files in optimally written lowest bits."""
    found = [
        Baseline("top 2 bits in 2 LSB", 2, lambda cover, secret: _top_bits(cover, secret, 2)),
    ]
    for bits in (1, 2, 3):
        for extension, name in (("jpeg", "JPEG"), ("webp", "WebP"), ("avif", "AVIF")):
            found.append(
                Baseline(
                    f"{name} in {bits} LSB",
                    bits,
                    lambda cover, secret, e=extension, b=bits: _file(cover, secret, e, b),
                )
            )
    return found


def _top_bits(cover: Picture, secret: Picture, bits: int) -> tuple[Picture, Picture]:
    symbols = secret >> (8 - bits)
    container = write_residues(cover, symbols, bits)
    # The middle of what the top bits leave open.
    revealed = ((container & (2**bits - 1)) << (8 - bits)) + (1 << (7 - bits))
    return container, np.asarray(revealed, np.uint8)


def _file(cover: Picture, secret: Picture, extension: str, bits: int) -> tuple[Picture, Picture]:
    file, revealed = best_file(secret, extension, cover.size * bits // 8)
    stream = np.unpackbits(np.frombuffer(file, np.uint8))
    stream = np.pad(stream, (0, -len(stream) % bits)).reshape(-1, bits)
    symbols = (stream << np.arange(bits - 1, -1, -1)).sum(axis=1)
    # The rest of the room is filled with noise: a full file would look so.
    filler = np.random.default_rng(0).integers(0, 1 << bits, cover.size - len(symbols))
    every = np.concatenate([symbols, filler]).astype(np.uint8).reshape(cover.shape)
    return write_residues(cover, every, bits), revealed


def best_file(picture: Picture, extension: str, most_bytes: int) -> tuple[bytes, Picture]:
    """The file of the highest quality that fits, and the picture that it decodes to.

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


# The searches of one picture at several payloads ask for the same files again.
@lru_cache(maxsize=64)
def _encode(content: bytes, shape: tuple[int, ...], extension: str, quality: int) -> bytes:
    picture = np.frombuffer(content, np.uint8).reshape(shape)
    # Colour at full resolution where the codec has it: at these rates that is what serves the
    # secret best. OpenCV's own AVIF has it at half, and so has every lossy WebP, which is why
    # WebP falls behind as the payload grows.
    file = io.BytesIO()
    settings = {
        "jpeg": {"optimize": True, "subsampling": "4:4:4"},
        "webp": {"method": 4},
        "avif": {"speed": 6, "subsampling": "4:4:4"},
    }[extension]
    Image.fromarray(picture).save(file, extension, quality=quality, **settings)
    return file.getvalue()


def lossless_bytes(picture: Picture) -> int:
    """Bytes that the picture takes as lossless WebP."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "webp", lossless=True, quality=80, method=4)
    return len(file.getvalue())


def write_residues(cover: Picture, symbols: Picture, bits: int) -> Picture:
    """The samples nearest to the cover's that are `symbols` modulo 2^bits."""
    level = 1 << bits
    up = (symbols.astype(np.int16) - cover) % level
    nearest = cover.astype(np.int16) + np.where(2 * up > level, up - level, up)
    nearest = np.where(nearest < 0, nearest + level, nearest)
    return np.where(nearest > 255, nearest - level, nearest).astype(np.uint8)


def matched(cover: Picture, bits: int, seed: int) -> Picture:
    """LSB matching with random bits: the nearest sample of the residue, ties by a coin."""
    generator = np.random.default_rng(seed)
    level = 1 << bits
    symbols = generator.integers(0, level, cover.shape, np.uint8)
    up = (symbols.astype(np.int16) - cover) % level
    tie = np.where(generator.integers(0, 2, cover.shape, np.uint8) == 0, up, up - level)
    nearest = cover + np.where(2 * up > level, up - level, np.where(2 * up == level, tie, up))
    nearest = np.where(nearest < 0, nearest + level, nearest)
    return np.where(nearest > 255, nearest - level, nearest).astype(np.uint8)


def replaced(cover: Picture, share: float, seed: int) -> Picture:
    """LSB replacement of a share of the samples, at random places, with random bits."""
    generator = np.random.default_rng(seed)
    chosen = generator.random(cover.shape) < share
    bits = generator.integers(0, 2, cover.shape, np.uint8)
    return np.where(chosen, (cover & 0xFE) | bits, cover).astype(np.uint8)
