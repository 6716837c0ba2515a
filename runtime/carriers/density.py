"""How densely pixels carry bytes: as few bits per pixel as hold what is hidden.

The first pixels carry `bits` bits each, the others one less. A share of pixels at each of two
densities changes less than all at a density between them could, since the mean squared change grows
ever faster with the density.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.residues import (
    MOST_BITS,
    Samples,
    bits_of_group,
    group_of,
    residues_of,
    with_residues,
)

WHOLE = 1 << 16


@dataclass(frozen=True)
class Density:
    """How many bits pixels carry.

    Attributes:
        bits: Of the denser pixels, 1 .. 9; the others carry one less.
        share: Of the pixels that are dense, in 65,536ths, 1 .. 65,536.
    """

    bits: int
    share: int = WHOLE

    @property
    def bits_per_pixel(self) -> float:
        """Mean over all pixels."""
        return self.bits - 1 + self.share / WHOLE

    def is_valid(self) -> bool:
        """Whether both numbers are in their ranges."""
        return 1 <= self.bits <= MOST_BITS and 1 <= self.share <= WHOLE


def capacity(pixels: int, density: Density) -> int:
    """Whole bytes that so many pixels hold."""
    return sum(groups * bits_of_group(bits) for _, groups, bits in _parts(pixels, density)) // 8


def least_density(pixels: Sequence[int], length: int, most_bits: int) -> Density | None:
    """The least density at which pixels hold content.

    Args:
        pixels: Their number in each tile.
        length: Of the content in bytes.
        most_bits: Most bits per pixel, 1 .. 9.

    Returns:
        The density, or None if `most_bits` are not enough.
    """

    def holds(density: Density) -> bool:
        return sum(capacity(count, density) for count in pixels) >= length

    for bits in range(1, most_bits + 1):
        if holds(Density(bits)):
            low, high = 1, WHOLE
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if holds(Density(bits, middle)) else (middle + 1, high)
            return Density(bits, low)
    return None


def write(pixels: Samples, content: bytes, density: Density) -> Samples:
    """Pixels that carry content, nearest to those given.

    Args:
        pixels: uint8 (n, 3).
        content: At most `capacity` bytes.
        density: How densely.

    Returns:
        uint8 (n, 3). Pixels after those that the content needs are as they were.
    """
    result = pixels.copy()
    bits = np.unpackbits(np.frombuffer(content, np.uint8))
    for start, groups, per_pixel in _parts(len(pixels), density):
        each = bits_of_group(per_pixel)
        needed = min(groups, -(-len(bits) // each))
        part, bits = bits[: needed * each], bits[needed * each :]
        part = np.pad(part, (0, needed * each - len(part)))
        place = slice(start, start + needed * group_of(per_pixel))
        of_groups = pixels[place].reshape(needed, 3 * group_of(per_pixel))
        changed = with_residues(of_groups, _packed(part.reshape(needed, each)), per_pixel)
        result[place] = changed.reshape(-1, 3)
    return result


def read(pixels: Samples, length: int, density: Density) -> bytes:
    """The first `length` bytes that `write` wrote into pixels, uint8 (n, 3)."""
    found, missing = [], 8 * length
    for start, groups, per_pixel in _parts(len(pixels), density):
        each = bits_of_group(per_pixel)
        needed = min(groups, -(-missing // each))
        place = slice(start, start + needed * group_of(per_pixel))
        of_groups = pixels[place].reshape(needed, 3 * group_of(per_pixel))
        found.append(_unpacked(residues_of(of_groups, per_pixel), each))
        missing -= min(missing, needed * each)
    return np.packbits(np.concatenate(found)[: 8 * length]).tobytes()


def _parts(pixels: int, density: Density) -> list[tuple[int, int, int]]:
    """First pixel, groups, and bits per pixel of the denser part, and of the other."""
    bits = density.bits
    dense = pixels * density.share // WHOLE // group_of(bits)
    parts = [(0, dense, bits)]
    if bits > 1:
        start = dense * group_of(bits)
        parts.append((start, (pixels - start) // group_of(bits - 1), bits - 1))
    return parts


def _packed(bits: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Numbers, uint16 (n,), of their bits, uint8 (n, up to 16), most significant first."""
    wide = np.zeros((len(bits), 16), np.uint8)
    wide[:, 16 - bits.shape[1] :] = bits
    return np.packbits(wide).view(">u2").astype(np.uint16)


def _unpacked(numbers: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    """The inverse of `_packed`, uint8 (n * bits,)."""
    wide = np.unpackbits(numbers.astype(">u2").view(np.uint8)).reshape(-1, 16)
    return wide[:, 16 - bits :].reshape(-1)
