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
    octets = np.frombuffer(content, np.uint8)
    done, end = 0, 8 * len(content)
    for start, groups, per_pixel in _parts(len(pixels), density):
        each = bits_of_group(per_pixel)
        needed = min(groups, -(-(end - done) // each))
        place = slice(start, start + needed * group_of(per_pixel))
        of_groups = pixels[place].reshape(needed, 3 * group_of(per_pixel))
        wanted = _numbers(octets, done, each, needed)
        result[place] = with_residues(of_groups, wanted, per_pixel).reshape(-1, 3)
        # The last group may have room for more than is left.
        done = min(end, done + needed * each)
    return result


def read(pixels: Samples, length: int, density: Density) -> bytes:
    """The first `length` bytes that `write` wrote into pixels, uint8 (n, 3)."""
    found, missing = [], 8 * length
    for start, groups, per_pixel in _parts(len(pixels), density):
        each = bits_of_group(per_pixel)
        needed = min(groups, -(-missing // each))
        place = slice(start, start + needed * group_of(per_pixel))
        of_groups = pixels[place].reshape(needed, 3 * group_of(per_pixel))
        found.append((residues_of(of_groups, per_pixel), each))
        missing -= min(missing, needed * each)
    if len(found) == 1 or not len(found[1][0]):
        residues, each = found[0]
        if each == 8:
            return residues.astype(np.uint8).tobytes()
    bits = np.concatenate([_unpacked(*part) for part in found])
    return np.packbits(bits[: 8 * length]).tobytes()


def _parts(pixels: int, density: Density) -> list[tuple[int, int, int]]:
    """First pixel, groups, and bits per pixel of the denser part, and of the other."""
    bits = density.bits
    dense = pixels * density.share // WHOLE // group_of(bits)
    parts = [(0, dense, bits)]
    if bits > 1:
        start = dense * group_of(bits)
        parts.append((start, (pixels - start) // group_of(bits - 1), bits - 1))
    return parts


def _numbers(octets: NDArray[np.uint8], done: int, bits: int, count: int) -> NDArray[np.uint16]:
    """Numbers of so many bits each, most significant first, from a bit of the content on.

    What is missing at the end are zeros.
    """
    if bits == 8 and done % 8 == 0:
        return octets[done // 8 : done // 8 + count].astype(np.uint16)
    first, skipped = divmod(done, 8)
    some = octets[first : first + -(-(skipped + bits * count) // 8)]
    flat = np.unpackbits(some)[skipped : skipped + bits * count]
    if len(flat) < bits * count:
        flat = np.pad(flat, (0, bits * count - len(flat)))
    wide = np.zeros((count, 8 if bits <= 8 else 16), np.uint8)
    wide[:, wide.shape[1] - bits :] = flat.reshape(count, bits)
    packed = np.packbits(wide)
    return (packed if bits <= 8 else packed.view(">u2")).astype(np.uint16)


def _unpacked(numbers: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    """The bits of numbers, most significant first, uint8 (n * bits,)."""
    octets = numbers.astype(np.uint8) if bits <= 8 else numbers.astype(">u2").view(np.uint8)
    wide = np.unpackbits(octets).reshape(-1, 8 if bits <= 8 else 16)
    return wide[:, wide.shape[1] - bits :].reshape(-1)
