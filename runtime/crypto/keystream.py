"""The keystream that hides what a container carries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.crypto.keys import FileKeys


def keystream(key: bytes, tile: int, size: int) -> NDArray[np.uint8]:
    """The first bytes of a tile's keystream: AES-256 in counter mode (NIST SP 800-38A).

    A byte is uniform in 0 .. 255, so its lowest bits are uniform too: payloads are powers of two,
    and taking fewer bits brings no bias.

    Args:
        key: 32 bytes.
        tile: Number of the tile.
        size: Bytes wanted.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counter = tile.to_bytes(8, "big") + bytes(8)
    encryptor = Cipher(algorithms.AES256(key), modes.CTR(counter)).encryptor()
    return np.frombuffer(encryptor.update(bytes(size)), np.uint8)


def tile_keystream(keys: FileKeys, tile: int, height: int, width: int) -> NDArray[np.uint8]:
    """The keystream of a tile, uint8 (height, width, 3), a byte for each sample."""
    return keystream(keys.cipher, tile, height * width * 3).reshape(height, width, 3)
