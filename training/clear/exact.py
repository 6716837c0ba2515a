"""Pictures coded to fill a budget exactly, to validate on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codec import blocks
from codec.blocks import Floats, Pictures
from codec.codec import Codec
from codec.rans import WORD_BITS
from training.files import atomic_file


@dataclass(frozen=True, eq=False)
class Example:
    """A picture coded to fill a budget.

    Attributes:
        secret: uint8 (height, width, 3).
        decoded: As decoded, float32, whole macroblocks, neither rounded nor clipped.
        step: Quantizer step, in 8-bit levels.
    """

    secret: Pictures
    decoded: Floats
    step: np.float32

    @property
    def revealed(self) -> Pictures:
        """What the codec alone reveals, uint8 (height, width, 3)."""
        return blocks.to_picture(self.decoded, *self.secret.shape[:2])


class ExactCoder:
    """Codes pictures to fill a budget, which takes a second each, and caches the result.

    Args:
        codec: The codec.
        folder: Folder of the cache.
        tables: SHA-256 of the codec's tables.
    """

    def __init__(self, codec: Codec, folder: Path, tables: str) -> None:
        self._codec = codec
        self._folder = folder
        self._tables = tables

    def code(self, secret: Pictures, bits: float) -> Example:
        """Codes a picture, with adaptive scales, in at most `bits` bits per sample."""
        name = f"{self._tables} {bits} {secret.shape}".encode() + secret.tobytes()
        path = self._folder / f"{hashlib.sha256(name).hexdigest()}.npy"
        if not path.is_file():
            words = int(secret.size * bits) // WORD_BITS
            (tile,) = self._codec.choose([secret], words, adaptive=True)
            with atomic_file(path) as temporary:
                np.save(temporary, np.append(tile.qindex, self._codec.encode(tile)))
        qindex, *words = np.load(path)
        coded = np.array(words, np.int32)
        height, width, _ = secret.shape
        tile = self._codec.decode(coded, height, width, int(qindex), adaptive=True)
        return Example(secret, self._codec.synthesize(tile), tile.step)
