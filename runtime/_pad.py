"""The pad: keystream that hides what a container carries, and the tag that shows damage."""

from __future__ import annotations

import hmac

import numpy as np
from numpy.typing import NDArray

from runtime._keys import FileKeys
from runtime._lattice import Residues
from runtime._pictures import Picture

TAG_BYTES = 16


def keystream(key: bytes, tile: int, size: int) -> NDArray[np.uint8]:
    """The first bytes of a tile's keystream: AES-256 in counter mode (NIST SP 800-38A).

    A byte is uniform in 0 .. 255, so its lowest bits are uniform too: payloads are powers of two,
    and taking fewer bits brings no bias.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    counter = tile.to_bytes(8, "big") + bytes(8)
    encryptor = Cipher(algorithms.AES256(key), modes.CTR(counter)).encryptor()
    return np.frombuffer(encryptor.update(bytes(size)), np.uint8)


def pad_of(keys: FileKeys, tile: int, height: int, width: int) -> Picture:
    """The pad of a tile, uint8 (height, width, 3), a byte for each sample."""
    return keystream(keys.cipher, tile, height * width * 3).reshape(height, width, 3)


def tag_of(
    keys: FileKeys, tile: int, shape: tuple[int, int], bits: int, residues: Residues
) -> bytes:
    """HMAC-SHA256 (RFC 2104) of a tile's place, shape, payload and residues, 16 bytes of it.

    Args:
        keys: Of the file.
        tile: Number of the tile.
        shape: Height and width of the tile.
        bits: Payload in bits a sample.
        residues: uint16 (height * width,), those bits cleared that carry the tag.
    """
    place = b"".join(number.to_bytes(4, "big") for number in (tile, *shape)) + bytes([bits])
    message = place + residues.astype("<u2", copy=False).tobytes()
    return hmac.digest(keys.tag, message, "sha256")[:TAG_BYTES]
