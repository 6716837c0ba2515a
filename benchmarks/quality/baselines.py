"""Baselines for `clear`: the secret's file, or one by a codec, in the lowest bits of the cover.

Each hides a secret at its own size in at most so many of the lowest bits, as few as hold the file,
with the least change, and leaves alone what the file does not need. None writes a header or a tag,
which favours them a little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.common.lsb import write_residues
from benchmarks.quality.codecs import CODECS, Codec, best_file, lossless_jpeg_xl
from runtime.images.image import Picture


@dataclass(frozen=True, eq=False)
class Secret:
    """What is hidden.

    Attributes:
        picture: As it is meant to be seen, uint8 (height, width, 3).
        file: Its file.
    """

    picture: Picture
    file: bytes


@dataclass(frozen=True)
class Baseline:
    """A simple method of hiding that needs no training.

    Attributes:
        method: What it hides, for tables and plots.
        bits: Most bits per sample.
        run: From cover and secret to the container and what is revealed, at the secret's size; None
            if the secret does not fit.
        slow: Whether it is left out for large pictures.
    """

    method: str
    bits: int
    run: Callable[[Picture, Secret], tuple[Picture, Picture] | None]
    slow: bool = False

    @property
    def label(self) -> str:
        """The method and its payload."""
        return f"{self.method} in {self.bits} LSB"


def all_baselines() -> list[Baseline]:
    """Exact ones, then lossy ones: for each, 1, 2 and 3 bits per sample."""
    payloads = (1, 2, 3)
    return [
        *(Baseline("own file", bits, partial(_hide_own, bits)) for bits in payloads),
        *(Baseline("lossless JPEG XL", bits, partial(_hide_lossless, bits)) for bits in payloads),
        *(
            Baseline(codec.name, bits, partial(_hide_lossy, codec, bits), codec.name == "AVIF")
            for codec in CODECS
            for bits in payloads
        ),
    ]


def top_bits(bits: int) -> Baseline:
    """The top bits of a secret of the cover's size in its lowest ones: for illustration."""
    return Baseline(f"top {bits} bits", bits, partial(_hide_top_bits, bits))


def _hide_own(bits: int, cover: Picture, secret: Secret) -> tuple[Picture, Picture] | None:
    return _exact(bits, cover, secret, secret.file)


def _hide_lossless(bits: int, cover: Picture, secret: Secret) -> tuple[Picture, Picture] | None:
    return _exact(bits, cover, secret, lossless_jpeg_xl(secret.picture))


def _exact(
    bits: int, cover: Picture, secret: Secret, file: bytes
) -> tuple[Picture, Picture] | None:
    if len(file) > _room(cover, bits):
        return None
    return with_file(cover, file, bits), secret.picture


def _hide_lossy(codec: Codec, bits: int, cover: Picture, secret: Secret) -> tuple[Picture, Picture]:
    file, revealed = best_file(secret.picture, codec, _room(cover, bits))
    return with_file(cover, file, bits), revealed


def _hide_top_bits(bits: int, cover: Picture, secret: Secret) -> tuple[Picture, Picture]:
    symbols = secret.picture >> (8 - bits)
    container = write_residues(cover, symbols, bits)
    # The middle of the range that the top bits leave open.
    revealed = ((container & (2**bits - 1)) << (8 - bits)) + (1 << (7 - bits))
    return container, np.asarray(revealed, np.uint8)


def _room(cover: Picture, bits: int) -> int:
    return cover.size * bits // 8


def with_file(cover: Picture, file: bytes, most_bits: int) -> Picture:
    """The cover with a file in the lowest bits of its first samples, as few as hold it.

    Args:
        cover: uint8 (height, width, 3).
        file: At most `most_bits` bits for each sample of the cover.
        most_bits: Most bits per sample.
    """
    bits = min(most_bits, max(1, -(-8 * len(file) // cover.size)))
    stream = np.unpackbits(np.frombuffer(file, np.uint8))
    groups = np.pad(stream, (0, -len(stream) % bits)).reshape(-1, bits)
    symbols = (groups << np.arange(bits - 1, -1, -1)).sum(axis=1).astype(np.uint8)
    samples = cover.reshape(-1)
    used = write_residues(samples[: len(symbols)], symbols, bits)
    return np.concatenate([used, samples[len(symbols) :]]).reshape(cover.shape)
