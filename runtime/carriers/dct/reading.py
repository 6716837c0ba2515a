"""Bits from a file in which a container was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct import layout
from runtime.carriers.dct.averages import readings
from runtime.carriers.dct.axes import Location
from runtime.carriers.dct.judging import Noise, gains, left_by, noise_of, turned
from runtime.carriers.dct.networks import Floats, Networks
from runtime.carriers.dct.writing import HALF
from runtime.images.image import Picture

_NOTHING = np.zeros(0, np.int64), np.zeros(0, np.int64)
_BLURS = (0.0, 4.0, 8.0)  # that a region may have, whatever its pilots say


@dataclass(frozen=True)
class Known:
    """Places of the region whose bits are known.

    Attributes:
        block: Of the region, int64 (n,).
        where: Position of the block, int64 (n,).
        phases: uint8 (n,).
    """

    block: NDArray[np.int64]
    where: NDArray[np.int64]
    phases: NDArray[np.uint8]

    def within(self, rows: int, columns: int) -> Known:
        """Those within a picture of so many blocks, whose blocks are numbered row by row."""
        some = layout.exist((self.block, self.where), rows, columns)
        row, column = np.divmod(self.block[some], layout.REGION)
        return Known(row * columns + column, self.where[some], self.phases[some])


@dataclass(frozen=True, eq=False)
class Region:
    """The region with the description, as read.

    Attributes:
        place: Where it lies.
        rows: Rows of its blocks that there are.
        columns: Columns of its blocks that there are.
        read: Coefficients, float32 (1024, places); zero for blocks that there are not.
        known: Its places whose bits are known.
        gains: What is left of each coefficient, float32 (places,).
        noise: What is known of the noise of each place.
    """

    place: Location
    rows: int
    columns: int
    read: Floats
    known: Known
    gains: Floats
    noise: Noise


def read_regions(
    networks: Networks, picture: Picture, places: Iterable[Location]
) -> Iterator[Region]:
    """Reads the region of pilots and description, in all ways, at places where it may lie."""
    for place in places:
        strength = place.strength
        rows, columns = (
            axis.blocks(size, layout.REGION)
            for axis, size in zip((place.rows, place.columns), picture.shape[:2], strict=True)
        )
        inside = np.arange(rows * columns)
        every = (inside // columns) * layout.REGION + inside % columns
        block, where = layout.pilots(rows, columns)
        known = Known(block, where, layout.public_phases(strength)[block, where])
        for part in readings(networks, picture, place, rows, columns):
            read = np.zeros((layout.REGION**2, strength.places), np.float32)
            read[every] = part
            yield judged(place, rows, columns, read, known)


def judged(place: Location, rows: int, columns: int, read: Floats, known: Known) -> Region:
    """A region with what its known places say of gains and noise."""
    strength = place.strength
    turns = known.phases.astype(np.float32) * np.float32(1 / 256)
    gain = gains(strength, read, turns, known.block, known.where)
    region = Region(place, rows, columns, read, known, gain, noise_of(strength, _NOTHING))
    return _with_gains(region, gain)


def _with_gains(region: Region, gain: Floats) -> Region:
    region = replace(region, gains=gain)
    return replace(region, noise=noise_of(region.place.strength, sure(region)))


def sure(region: Region) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How far off coefficients are whose bits are known, and their places."""
    known = region.known
    steps = (region.place.strength.steps * region.gains)[known.where]
    return turned(region.read[known.block, known.where], known.phases, steps), known.where


def read_open(networks: Networks, region: Region) -> tuple[bytes, Region] | None:
    """The open part of a description, and the region judged by it; None if unreadable."""
    places, _ = layout.description()
    under = layout.public_phases(region.place.strength)
    return _read_part(networks, region, places, under, layout.OPEN_BITS)


def read_sealed(networks: Networks, region: Region, dither: bytes) -> tuple[bytes, Region] | None:
    """The sealed part of a description, like `read_open`.

    Args:
        networks: With the graphs `encode` and `decode`.
        region: The region.
        dither: From the key, a byte for each place of the region.
    """
    _, places = layout.description()
    under = np.frombuffer(dither, np.uint8).reshape(layout.REGION**2, -1)
    return _read_part(networks, region, places, under, layout.SEALED_BITS)


def _read_part(
    networks: Networks, region: Region, places: layout.Places, under: NDArray[np.uint8], bits: int
) -> tuple[bytes, Region] | None:
    block, where = places
    strength = region.place.strength
    some = layout.exist(places, region.rows, region.columns)
    others = (_with_gains(region, left_by(strength, 1.0, blur)) for blur in _BLURS)
    for each in chain([region], others):
        steps = (strength.steps * each.gains)[where]
        turns = turned(each.read[block, where], under[block, where], steps)
        soft = each.noise.soft_bits(turns, where)
        soft[~some] = 0.0
        found, valid = networks.decode(soft[None], bits)
        if valid[0]:
            break
    else:
        return None
    sent = networks.encode(found, len(block))[0]
    old, phases = region.known, under[block, where] + HALF * sent
    known = Known(
        np.append(old.block, block[some]),
        np.append(old.where, where[some]),
        np.append(old.phases, phases[some]),
    )
    better = judged(region.place, region.rows, region.columns, region.read, known)
    return np.packbits(found[0]).tobytes(), better
