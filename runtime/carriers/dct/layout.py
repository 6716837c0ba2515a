"""What each place of a picture carries: pilots, the description, or the payload.

The top left 512x512 pixels (32x32 blocks) carry pilots and the description besides the payload:
blocks of the first 128x128 the most, then those of the first 256x256, then the others, always in
the first places of a block, which come through most safely. Where those are depends on nothing
else, so they are found before the picture's size at hiding is known.

A description has an open part, in phases that anyone can compute, and a sealed part, in phases that
follow from the key. Each is a block of the error-correcting code; places of the two alternate.

All other places, block by block and row by row, carry the payload, after a permutation: bit i of
the payload is carried by place `order[i]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct.strengths import STRENGTHS, Strength

Indices = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Places = tuple[Indices, Indices]

REGION = 32
"""Blocks along a side of the region with pilots and description."""
# By ring of the region: its side in blocks, pilots and description places of each of its blocks.
_RINGS = ((8, 8, 12), (16, 1, 3), (32, 0, 1))
OPEN_BITS, SEALED_BITS = 224, 168
_OPEN_SHARE = (4, 7)


def mixed(numbers: NDArray[np.integer]) -> NDArray[np.uint32]:
    """A hash of numbers below 2**32, uint32, the finalizer of MurmurHash3 (public domain)."""
    x = np.asarray(numbers).astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x


@cache
def _ranks() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each place is a pilot, and whether it is the description's, (32, 32, 20) each."""
    most = sum(_RINGS[0][1:])
    pilots = np.zeros((REGION, REGION, most), bool)
    described = np.zeros((REGION, REGION, most), bool)
    for side, pilot, description in reversed(_RINGS):
        pilots[:side, :side] = described[:side, :side] = False
        count = pilot + description
        block = np.arange(side * side).reshape(side, side)
        row, column = np.divmod(block, side)
        # Which of the first places are pilots turns from block to block.
        place = (np.arange(count) + (row * 3 + column)[..., None]) % count
        pilots[:side, :side, :count] = place < pilot
        described[:side, :side, :count] = place >= pilot
    return pilots, described


def public_phases(strength: Strength) -> Bytes:
    """Phases that anyone can compute, uint8 (32 * 32, places): of pilots, and of open zeros."""
    numbers = np.arange(REGION * REGION * strength.places) + (strength.number << 24)
    return (mixed(numbers) >> np.uint32(24)).astype(np.uint8).reshape(-1, strength.places)


def _inside(flags: NDArray[np.bool_], rows: int, columns: int) -> Places:
    """Blocks of the region, 32 to a row, and places, where flags are set within a picture."""
    row, column, place = np.nonzero(flags[:rows, :columns])
    return row * REGION + column, place


def pilots(rows: int, columns: int) -> Places:
    """Block of the region and place of each pilot in a picture of so many blocks."""
    return _inside(_ranks()[0], rows, columns)


@cache
def description() -> tuple[Places, Places]:
    """Block of the region and place of each bit sent of the open part, and of the sealed part.

    These are of the whole region. A smaller picture lacks some, which count as lost.
    """
    block, place = _inside(_ranks()[1], REGION, REGION)
    row, column = np.divmod(block, REGION)
    ring = np.searchsorted([side for side, _, _ in _RINGS], np.maximum(row, column) + 1)
    # Ring by ring, so that the first bits are in any picture; scattered within a ring.
    order = np.lexsort((mixed(block * 32 + place + (1 << 20)), ring))
    block, place = block[order], place[order]
    part, whole = _OPEN_SHARE
    number = np.arange(len(block))
    is_open = (number * part) % whole < part
    return (block[is_open], place[is_open]), (block[~is_open], place[~is_open])


def exist(places: Places, rows: int, columns: int) -> NDArray[np.bool_]:
    """Which places of the region are in a picture of so many blocks, bool (n,)."""
    row, column = np.divmod(places[0], REGION)
    return (row < rows) & (column < columns)


@lru_cache(4)
def payload_places(rows: int, columns: int, number: int) -> Indices:
    """Places of the payload's bits, int64, as block * places + place, in the order of bits.

    Args:
        rows: Rows of blocks.
        columns: Columns of blocks.
        number: Of the strength.
    """
    count = STRENGTHS[number].places
    free = np.ones((rows, columns, count), bool)
    taken = _ranks()[0] | _ranks()[1]
    part = taken[:rows, :columns]
    free[: part.shape[0], : part.shape[1], : part.shape[2]] &= ~part
    every = np.flatnonzero(free)
    return every[permutation(len(every))]


def permutation(count: int) -> Indices:
    """A fixed permutation of 0 .. count - 1.

    Of 0 .. 2**bits - 1, at least count of them, each number is multiplied and shifted by turns,
    modulo 2**bits, which maps them to themselves; results below `count` are kept in their order.
    """
    bits = max(int(count - 1).bit_length(), 2)
    mask = np.uint32((1 << bits) - 1)
    half = np.uint32((bits + 1) // 2)
    x = np.arange(1 << bits, dtype=np.uint32)
    for factor in (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35):
        x *= np.uint32(factor)
        x &= mask
        x ^= x >> half
    return x[x < count].astype(np.int64)


LEAST_BITS, MOST_BITS = 96, 10_240
"""Fewest and most bits of information of a block of the code."""


@dataclass(frozen=True)
class Code:
    """How a payload is cut into blocks of the error-correcting code.

    Attributes:
        information: Bits of information of each block; the last ones may be filled up with zeros.
        sent: Bits sent of each.
        blocks: How many there are.
    """

    information: int
    sent: int
    blocks: int


def code_of(bits: int, places: int) -> Code | None:
    """The code of a payload of so many bits in so many places; None if these are too few."""
    blocks = max(1, -(-bits // MOST_BITS))
    code = Code(max(-(-bits // blocks), LEAST_BITS), places // blocks, blocks)
    return code if 6 * code.information <= 5 * code.sent else None
