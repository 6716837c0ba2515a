"""The bytes of the payload `code`: a header, then the words of each tile; part of the format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.errors import AlteredError, TooLargeError
from runtime.images.grid import tiles_of

WORD = 2
QINDICES = 512
# Words of a tile's adaptive scales, and words at most in a step of a macroblock, of which there are
# so many; states are packed by coders for so many macroblocks, with so many steps.
ADAPTIVE_WORDS, STEPS = 96, 797
PACKED_LANES, PACKER_STEPS = 32, 96
# Most pixels of the secret for each that is coded. A few bytes must not ask for gigabytes.
LARGEST_REDUCTION = 4096

FIXED = 15
_COUNT = 3
_ADAPTIVE_FLAG = 1

Words = NDArray[np.uint16]


@dataclass(frozen=True)
class Header:
    """What precedes the words.

    Attributes:
        coded_size: Height and width that the tiles were cut from.
        own_size: Height and width of the secret.
        qindex: Quantizer index, 0 .. 511.
        adaptive: Whether tiles have adaptive scales.
        counts: Number of words of each tile.
    """

    coded_size: tuple[int, int]
    own_size: tuple[int, int]
    qindex: int
    adaptive: bool
    counts: tuple[int, ...]

    def to_bytes(self) -> bytes:
        """The header as bytes."""
        sides = (*self.coded_size[::-1], *self.own_size[::-1])
        return b"".join(
            [
                *(side.to_bytes(3, "big") for side in sides),
                self.qindex.to_bytes(2, "big"),
                bytes([_ADAPTIVE_FLAG if self.adaptive else 0]),
                *(count.to_bytes(_COUNT, "big") for count in self.counts),
            ]
        )


def header_size(tiles: int) -> int:
    """Bytes of the header of so many tiles."""
    return FIXED + _COUNT * tiles


def parse(content: bytes, max_pixels: int) -> Header:
    """Reads a header, and checks it before memory is taken.

    Args:
        content: The whole payload.
        max_pixels: Most pixels that the secret may have.

    Raises:
        AlteredError: It is not the header of a content of this length.
        TooLargeError: The secret has more pixels than `max_pixels`.
    """
    if len(content) < FIXED:
        raise AlteredError("the code of the hidden picture is cut short")
    sides = [int.from_bytes(content[start : start + 3], "big") for start in range(0, 12, 3)]
    coded, own = (sides[1], sides[0]), (sides[3], sides[2])
    qindex, flags = int.from_bytes(content[12:14], "big"), content[14]
    if own[0] * own[1] > max_pixels:
        raise TooLargeError(
            f"the hidden picture has {own[1]} x {own[0]} pixels, more than the {max_pixels:,} "
            "allowed",
            max_pixels=max_pixels,
        )
    plausible = (
        min(coded) >= 1
        and coded[0] <= own[0]
        and coded[1] <= own[1]
        and own[0] * own[1] <= LARGEST_REDUCTION * coded[0] * coded[1]
        and qindex < QINDICES
        and flags <= _ADAPTIVE_FLAG
        # Each macroblock has a word, so this many can be cut into tiles without harm.
        and len(content) >= FIXED + WORD * lanes_of(*coded)
    )
    adaptive = bool(flags & _ADAPTIVE_FLAG)
    if plausible:
        lanes = [lanes_of(*tile.shape) for tile in tiles_of(*coded)]
        start = header_size(len(lanes))
        numbers = np.frombuffer(content[FIXED:start].ljust(start - FIXED, b"\0"), np.uint8)
        counts = numbers.reshape(-1, _COUNT).astype(np.int64) @ (1 << 8 * np.arange(_COUNT)[::-1])
        fits = all(
            least <= count <= most
            for (least, most), count in zip(
                (_words_of(n, adaptive) for n in lanes), counts, strict=True
            )
        )
        if fits and start + WORD * int(counts.sum()) == len(content):
            return Header(coded, own, qindex, adaptive, tuple(map(int, counts)))
    raise AlteredError("the code of the hidden picture does not make sense")


def words_to_bytes(words: Sequence[Words]) -> bytes:
    """The words of all tiles, as bytes."""
    return b"".join(each.astype(">u2").tobytes() for each in words)


def lanes_of(height: int, width: int) -> int:
    """Macroblocks of a tile."""
    return -(-height // 16) * -(-width // 16)


def least_words(tiles: Sequence[int]) -> int:
    """Fewest words of tiles of so many macroblocks each."""
    return sum(_words_of(lanes, False)[0] for lanes in tiles)


def _words_of(lanes: int, adaptive: bool) -> tuple[int, int]:
    """Fewest and most words of a tile of so many macroblocks."""
    packers = -(-lanes // PACKED_LANES)
    least = lanes + 2 * packers + (ADAPTIVE_WORDS if adaptive else 0)
    return least, least + STEPS * lanes + PACKER_STEPS * packers
