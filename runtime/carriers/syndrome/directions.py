"""A message in which of two ways pixels change, where either will do.

It is carried by the second lowest bits of samples. Only pixels that change anyway are free to go
one way or the other, and who reads does not know which these are (Fridrich, Goljan, Lisonek,
Soukal, "Writing on Wet Paper", IEEE Transactions on Signal Processing 2005). Each sample takes part
in 128 bits of the message next to each other, which are about as far into the message as the
sample is into its order. So Gaussian elimination stays within a band (as in Dillinger, Walzer,
"Ribbon filter: practically smaller than Bloom and Xor", 2021), and nearly every free pixel carries
a bit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome.plane import Flags
from runtime.carriers.syndrome.trellis import Bits

Words = NDArray[np.uint64]
Starts = NDArray[np.int64]

WIDTH = 128
"""Bits of the message that a sample takes part in."""

_WORDS = 4096
_SEED = b"plainsight quiet 1 directions"
_SPARE = 16
_SPARE_SHARE = 30  # one in so many
_CHUNK = 1 << 16
_ROWS = 256


def room(free: int) -> int:
    """Bits that so many free pixels carry nearly always."""
    return max(0, free - _SPARE - free // _SPARE_SHARE)


def read(planes: Sequence[Bits], bits: int) -> Bits:
    """The message of so many bits, uint8 (bits,).

    Args:
        planes: The second lowest bits of each plane, uint8 (pixels,), all in the same order.
        bits: At most one for each pixel.
    """
    found = np.zeros(bits, np.uint8)
    if not bits:
        return found
    pixels = len(planes[0])
    for first in range(0, pixels, _CHUNK):
        some = np.arange(first, min(first + _CHUNK, pixels))
        at = some % _WORDS
        for plane, values in enumerate(planes):
            at += values[some].astype(np.int64) * (_WORDS << plane)
        rows, begins = np.unique(_starts(some, pixels, bits), return_index=True)
        words = [np.bitwise_xor.reduceat(half[at], begins) for half in _sums(len(planes))]
        _add(found, rows, np.stack(words, axis=1))
    return found


def turned(
    planes: Sequence[Bits], changed: Sequence[Flags], free: Flags, message: Bits
) -> Flags | None:
    """The pixels that have to go the other way, so that the message is read.

    Args:
        planes: The second lowest bits of each plane, as they are with a way for each pixel.
        changed: Which samples of each plane change: the second lowest bits of these turn with their
            pixel, bool (pixels,).
        free: Pixels that may go either way, bool (pixels,).
        message: uint8 (bits,), each 0 or 1.

    Returns:
        bool (pixels,), a part of the free ones; None if these do not suffice.
    """
    result = np.zeros(len(free), bool)
    wanted = message ^ read(planes, len(message))
    where = np.flatnonzero(free)
    words = np.zeros((len(where), 2), np.uint64)
    for plane, flags in enumerate(changed):
        turns = flags[where, None]
        np.bitwise_xor(words, _words(plane)[where % _WORDS], out=words, where=turns)
    solution = _solution(words, _starts(where, len(free), len(message)), wanted)
    if solution is None:
        return None
    result[where[solution]] = True
    return result


def _starts(numbers: NDArray[np.int64], pixels: int, bits: int) -> Starts:
    """The first bit that pixels take part in, by their numbers in their order."""
    return np.clip(numbers * bits // pixels - WIDTH // 2, 0, max(0, bits - WIDTH))


@cache
def _words(plane: int) -> Words:
    """What samples of a plane take part in, uint64 (4096, 2), lowest bits first."""
    content = hashlib.shake_256(_SEED + bytes([plane])).digest(_WORDS * WIDTH // 8)
    return np.frombuffer(content, "<u8").astype(np.uint64).reshape(_WORDS, 2)


@cache
def _sums(planes: int) -> tuple[Words, Words]:
    """What pixels take part in, uint64 (4096 << planes,) each: lowest 64 bits, and highest.

    By which of their second lowest bits are one; the first plane's counts 4096, the next 8192.
    """
    sums = np.zeros((1, _WORDS, 2), np.uint64)
    for plane in range(planes):
        sums = np.concatenate([sums, sums ^ _words(plane)])
    low, high = np.ascontiguousarray(sums.reshape(-1, 2).T)
    return low, high


def _unpacked(words: Words) -> Bits:
    """uint8 (words, 128), each 0 or 1."""
    return np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, bitorder="little")


def _add(message: Bits, rows: Starts, words: Words) -> None:
    """Adds what samples take part in, from these bits on, to a message, in place."""
    for first in range(0, len(rows), _ROWS):
        some = rows[first : first + _ROWS]
        block = np.zeros((int(some[-1] - some[0]) + 1, WIDTH), np.uint8)
        block[some - some[0]] = _unpacked(words[first : first + _ROWS])
        # Sums along diagonals: rows that are one longer than they are apart.
        sheared = np.zeros((len(block), len(block) + WIDTH), np.uint8)
        sheared[:, :WIDTH] = block
        flat = sheared.reshape(-1)[: -len(block)].reshape(len(block), -1)
        total = np.bitwise_xor.reduce(flat, axis=0)
        end = min(len(message), int(some[0]) + len(total))
        message[some[0] : end] ^= total[: end - int(some[0])]


def _solution(words: Words, starts: Starts, wanted: Bits) -> Flags | None:
    """Which unknowns are one, bool (unknowns,); those that need not be are zero.

    The equations are numbers whose lowest bit is that of their first unknown.
    """
    equations = [0] * len(words)
    right = bytearray(len(words))
    for row, (first, equation) in enumerate(_equations(words, starts, len(wanted))):
        unknown, value = first, int(wanted[row])
        while equation:
            zeros = (equation & -equation).bit_length() - 1
            equation >>= zeros
            unknown += zeros
            if not equations[unknown]:
                equations[unknown], right[unknown] = equation, value
                break
            equation ^= equations[unknown]
            value ^= right[unknown]
        else:
            if value:
                return None
    return _substituted(equations, right)


def _substituted(equations: list[int], right: bytearray) -> Flags:
    result = np.zeros(len(equations), bool)
    longest = max((equation.bit_length() for equation in equations), default=0)
    mask = (1 << longest) - 1
    later = 0
    for unknown in range(len(equations) - 1, -1, -1):
        equation = equations[unknown]
        is_one = 0
        if equation:
            is_one = right[unknown] ^ ((equation >> 1 & later).bit_count() & 1)
            result[unknown] = is_one
        later = (later << 1 | is_one) & mask
    return result


def _equations(words: Words, starts: Starts, bits: int) -> Iterator[tuple[int, int]]:
    """The first unknown of each equation that can matter, and the equation from it on."""
    for top in range(0, bits, _ROWS):
        rows = np.arange(top, min(top + _ROWS, bits))
        first, end = (int(n) for n in np.searchsorted(starts, (top - WIDTH + 1, rows[-1] + 1)))
        offset = rows[:, None] - starts[None, first:end]
        inside = (offset >= 0) & (offset < WIDTH)
        of_each = _unpacked(words[first:end])
        taken = of_each[np.arange(end - first)[None], np.where(inside, offset, 0)] * inside
        packed = np.packbits(taken, axis=1, bitorder="little")
        yield from ((first, int.from_bytes(row.tobytes(), "little")) for row in packed)
