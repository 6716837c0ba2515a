"""The pad: a uniform symbol for each sample, added to what the residues carry.

Its key is public for now, so it keeps nothing secret: it makes the residues look alike whatever
they carry, empty space included.
"""

from __future__ import annotations

import hashlib

import numpy as np

from runtime._pictures import Picture

_PUBLIC_KEY = b"plainsight clear, format version 1, public pad"


def pad_of(tile: int, height: int, width: int) -> Picture:
    """The pad of a tile, uint8 (height, width, 3), uniform in 0 .. 255: SHAKE-128 of its number.

    Taken modulo L, a power of two that divides 256, it is uniform in 0 .. L - 1. It does not
    depend on L, so that a header can be read before the payload is known.
    """
    stream = hashlib.shake_128(_PUBLIC_KEY + tile.to_bytes(4, "big"))
    octets = np.frombuffer(stream.digest(height * width * 3), np.uint8)
    return octets.reshape(height, width, 3)
