"""Where things are in a container: which pixels, in which order.

The open part of the description is in green samples of the first pixels of an order that everyone
can compute. All the rest is in the order of the key: the sealed part in blue samples of its first
pixels, the payload in what is left of each plane, and in the directions of changes of all pixels.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from runtime.carriers.syndrome.order import Positions, order, table_bytes
from runtime.crypto.keys import FileKeys
from runtime.crypto.keystream import masked

LEAST_SIDE = 64
"""Fewest pixels per side of a cover."""

_STRIDE = 256
_PUBLIC = b"plainsight quiet 1 order"
_STREAM = 1


def of_open_part(pixels: int) -> int:
    """How many pixels the open part of the description takes, of so many."""
    return min(pixels // 4, 1 << 14)


def of_sealed_part(pixels: int) -> int:
    """How many pixels the sealed part of the description takes, of so many."""
    return min(pixels * 3 // 8, 3 << 13)


@lru_cache(maxsize=4)
def public_places(pixels: int) -> Positions:
    """Pixels of the open part, in order."""
    tables = hashlib.shake_256(_PUBLIC + pixels.to_bytes(8, "big")).digest(table_bytes(pixels))
    places = order(pixels, tables, of_open_part(pixels))
    places.flags.writeable = False
    return places


def sealed_places(pixels: int, keys: FileKeys) -> Positions:
    """Pixels of the sealed part, in order."""
    return order(pixels, _tables(pixels, keys), of_sealed_part(pixels))


@dataclass(frozen=True, eq=False)
class Places:
    """Pixels of the payload, in order.

    Attributes:
        planes: Those whose green, red and blue lowest bits carry it.
        directions: All pixels, whose directions carry it.
    """

    planes: tuple[Positions, Positions, Positions]
    directions: Positions


def payload_places(pixels: int, keys: FileKeys) -> Places:
    """Where the payload is."""
    every = order(pixels, _tables(pixels, keys))
    is_taken = np.zeros(pixels, bool)
    is_taken[public_places(pixels)] = True
    planes = every[~is_taken[every]], every, every[of_sealed_part(pixels) :]
    # Those of the sealed part, which change less, spread over all.
    spread = np.concatenate([every[first::_STRIDE] for first in range(_STRIDE)])
    return Places(planes, spread)


def _tables(pixels: int, keys: FileKeys) -> bytes:
    return masked(keys, _STREAM, bytes(table_bytes(pixels)))
