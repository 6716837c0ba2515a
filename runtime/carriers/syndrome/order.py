"""Orders of positions that look random: permutations made of a few tables of random bytes.

A Feistel network of four rounds, each with a table as its function (Luby and Rackoff, "How to
Construct Pseudorandom Permutations from Pseudorandom Functions", SIAM Journal on Computing 1988),
permutes the numbers below a power of two; those that are too large are left out. Entries can be
computed on their own, so that the first few of a large permutation cost little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.uint32]

_CHUNK = 1 << 18
_ROUNDS = 4


@dataclass(frozen=True)
class _Halves:
    """Bits of the left and of the right half of a number."""

    left: int
    right: int


def table_bytes(count: int) -> int:
    """Bytes of random tables that an order of so many positions takes."""
    half = _halves(count)
    return 2 * _ROUNDS // 2 * ((1 << half.left) + (1 << half.right))


def order(count: int, tables: bytes, most: int | None = None) -> Positions:
    """Numbers 0 .. count - 1 in the order that tables give, uint32 (min(count, most),).

    Args:
        count: Positive, below 2**32.
        tables: `table_bytes(count)` random bytes.
        most: How many are wanted, from the first on; None for all.
    """
    wanted = count if most is None else min(count, most)
    result = np.empty(wanted, np.uint32)
    done = 0
    for part in _in_chunks(count, tables):
        some = part[: wanted - done]
        result[done : done + len(some)] = some
        done += len(some)
        if done == wanted:
            break
    return result


def _in_chunks(count: int, tables: bytes) -> Iterator[Positions]:
    half = _halves(count)
    functions = _functions(tables, half)
    low = np.uint32((1 << half.right) - 1)
    end = 1 << (half.left + half.right)
    for start in range(0, end, _CHUNK):
        number = np.arange(start, min(start + _CHUNK, end), dtype=np.uint32)
        left, right = number >> np.uint32(half.right), number & low
        for of_right, of_left in functions:
            left ^= of_right[right]
            right ^= of_left[left]
        number = left << np.uint32(half.right) | right
        yield number[number < count]


def _halves(count: int) -> _Halves:
    bits = max(2, (count - 1).bit_length())
    return _Halves(bits // 2, bits - bits // 2)


def _functions(tables: bytes, half: _Halves) -> list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
    """The tables of each two rounds: indexed by the right half, and by the left."""
    words = np.frombuffer(tables, "<u2").astype(np.uint32)
    result, start = [], 0
    for _ in range(_ROUNDS // 2):
        middle = start + (1 << half.right)
        end = middle + (1 << half.left)
        of_right = words[start:middle] & np.uint32((1 << half.left) - 1)
        of_left = words[middle:end] & np.uint32((1 << half.right) - 1)
        result.append((of_right, of_left))
        start = end
    return result
