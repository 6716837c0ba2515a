"""Pictures coded to their exact capacity, to validate on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codec import blocks
from codec.blocks import Floats, Pictures
from codec.codec import Codec
from codec.words import USER_BYTES, words_in
from training.files import atomic_file


@dataclass(frozen=True, eq=False)
class Example:
    """A picture coded to its exact capacity.

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
    """Codes pictures to their exact capacity, which takes a second each, and caches the result.

    Args:
        codec: The codec.
        folder: Folder of the cache.
        tables: SHA-256 of the codec's tables.
    """

    def __init__(self, codec: Codec, folder: Path, tables: str) -> None:
        self._codec = codec
        self._folder = folder
        self._tables = tables

    def code(self, secret: Pictures, bits: int) -> Example:
        """Codes a picture for a container of its size at `bits` bits per sample.

        Raises:
            ValueError: The cached file is damaged.
        """
        name = f"{self._tables} {bits} {secret.shape}".encode() + secret.tobytes()
        path = self._folder / f"{hashlib.sha256(name).hexdigest()}.npy"
        if not path.is_file():
            capacity = words_in(secret.size, bits)
            tile = self._codec.choose(secret, capacity)
            with atomic_file(path) as temporary:
                np.save(temporary, self._codec.encode(tile, bytes(USER_BYTES), capacity))
        tile, _, intact = self._codec.decode(np.load(path), *secret.shape[:2])
        if not intact:
            raise ValueError(f"{path} is damaged: delete it, and it will be recreated")
        return Example(secret, self._codec.synthesize(tile), tile.step)
