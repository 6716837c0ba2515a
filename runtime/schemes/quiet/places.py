"""Where things are in a container: which pixels, in which order.

The open part of the description is in green samples of the first pixels of an order that everyone
can compute. All the rest is in the order of the key: the sealed part in blue samples of its first
pixels, the payload in what is left of each plane.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from runtime.carriers.syndrome.order import Positions, order, table_bytes
from runtime.crypto.keys import FileKeys
from runtime.crypto.keystream import masked

LEAST_SIDE = 64
"""Fewest pixels per side of a cover."""

_SHARE = 4  # of the pixels, one in so many at most
_MOST = 1 << 14
_PUBLIC = b"plainsight quiet 1 order"
_STREAM = 1


def of_description(pixels: int) -> int:
    """How many pixels each part of the description takes, of so many."""
    return min(pixels // _SHARE, _MOST)


@lru_cache(maxsize=4)
def public_places(pixels: int) -> Positions:
    """Pixels of the open part, in order."""
    tables = hashlib.shake_256(_PUBLIC + pixels.to_bytes(8, "big")).digest(table_bytes(pixels))
    places = order(pixels, tables, of_description(pixels))
    places.flags.writeable = False
    return places


def sealed_places(pixels: int, keys: FileKeys) -> Positions:
    """Pixels of the sealed part, in order."""
    return order(pixels, _tables(pixels, keys), of_description(pixels))


def payload_places(pixels: int, keys: FileKeys) -> tuple[Positions, Positions, Positions]:
    """Pixels of the payload, in order: of the green, the red and the blue plane."""
    every = order(pixels, _tables(pixels, keys))
    is_taken = np.zeros(pixels, bool)
    is_taken[public_places(pixels)] = True
    return every[~is_taken[every]], every, every[of_description(pixels) :]


def _tables(pixels: int, keys: FileKeys) -> bytes:
    return masked(keys, _STREAM, bytes(table_bytes(pixels)))
