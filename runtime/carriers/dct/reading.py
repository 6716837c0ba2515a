"""Bits from a file in which a container was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct import layout
from runtime.carriers.dct.axes import Location, of_size, read_blocks
from runtime.carriers.dct.judging import Noise, blind_gains, gains, left_by, noise_of, turned
from runtime.carriers.dct.networks import Floats, Networks
from runtime.carriers.dct.strengths import BLOCK
from runtime.carriers.dct.writing import HALF
from runtime.images.image import Picture

_SAMPLE = 4096  # blocks that say enough of all
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


@dataclass(frozen=True, eq=False)
class Payload:
    """A payload, as read.

    Attributes:
        content: Its bytes.
        valid: Which blocks of the code are right, bool (blocks,).
        corrected: Share of the bits sent that were read wrong, where all blocks are right.
        sent: Bits sent of each block.
        rate: Bits of payload for a bit sent.
        information: Bits that a bit sent still says, where all blocks are right; else about.
    """

    content: bytes
    valid: NDArray[np.bool_]
    corrected: float
    sent: int
    rate: float
    information: float


def read_region(networks: Networks, picture: Picture, place: Location) -> Region:
    """Reads the region of pilots and description of a container that was found."""
    strength = place.strength
    rows, columns = (
        axis.blocks(size, layout.REGION)
        for axis, size in zip((place.rows, place.columns), picture.shape[:2], strict=True)
    )
    read = np.zeros((layout.REGION**2, strength.places), np.float32)
    inside = np.arange(rows * columns)
    every = (inside // columns) * layout.REGION + inside % columns
    read[every] = read_blocks(networks, picture, place, rows, columns)
    block, where = layout.pilots(rows, columns)
    phases = layout.public_phases(strength)[block, where]
    return judged(place, rows, columns, read, Known(block, where, phases))


def judged(place: Location, rows: int, columns: int, read: Floats, known: Known) -> Region:
    """A region with what its known places say of gains and noise."""
    strength = place.strength
    turns = known.phases.astype(np.float32) * np.float32(1 / 256)
    gain = gains(strength, read, turns, known.block, known.where)
    region = Region(place, rows, columns, read, known, gain, noise_of(strength, _NOTHING))
    return _with_gains(region, gain)


def _with_gains(region: Region, gain: Floats) -> Region:
    region = replace(region, gains=gain)
    return replace(region, noise=noise_of(region.place.strength, _sure(region)))


def _sure(region: Region) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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


def read_payload(
    networks: Networks,
    picture: Picture,
    region: Region,
    size: tuple[int, int],
    length: int,
    dither: bytes,
) -> Payload | None:
    """Reads a payload; None if a cover of that size cannot hold one of that length.

    Args:
        networks: With the graphs `read`, `encode` and `decode`.
        picture: The file's, uint8 (height, width, 3).
        region: Its region.
        size: Height and width of the cover at hiding.
        length: Of the payload in bytes.
        dither: From the key, a byte for each place of the cover.
    """
    rows, columns = size[0] // BLOCK, size[1] // BLOCK
    strength = region.place.strength
    order = layout.payload_places(rows, columns, strength.number)
    code = layout.code_of(8 * length, len(order))
    if code is None:
        return None
    place = of_size(region.place, (picture.shape[0], picture.shape[1]), size)
    read = read_blocks(networks, picture, place, rows, columns)
    phases = np.frombuffer(dither, np.uint8).reshape(rows * columns, -1)
    guess = 0.0
    for judgement in judgements(region, read, phases):
        soft = softly(judgement, read, phases).reshape(-1)[order]
        guess = max(guess, _expected_information(soft))
        taken = soft[: code.blocks * code.sent].reshape(code.sent, code.blocks).T
        found, valid = networks.decode(np.ascontiguousarray(taken), code.information)
        if valid.all():
            break
    corrected, information = 0.0, guess
    if valid.all():
        sent = networks.encode(found, code.sent)
        right = np.where(sent > 0, -taken, taken).astype(np.float64)
        corrected = float((right < 0).mean())
        information = float(1 - np.log2(1 + np.exp(-right)).mean())
    content = np.packbits(found.reshape(-1)[: 8 * length]).tobytes()
    rate = code.information / code.sent
    return Payload(content, valid, corrected, code.sent, rate, information)


def judgements(region: Region, read: Floats, phases: NDArray[np.uint8]) -> Iterator[Region]:
    """A region as its known places judge it, and with other gains; the likely ones first.

    Where the region is black or white, what it did not take of a change looks like blur, which the
    rest of the picture does not have. And a region that is smooth says little of blur.

    Args:
        region: What is known already.
        read: Coefficients of the payload, float32 (blocks, places).
        phases: Of zeros, uint8 (blocks, places).
    """
    yield region
    plain = np.ones_like(region.gains)
    if not np.array_equal(plain, region.gains):
        yield replace(region, gains=plain)
    for guess in blind_gains(region.place.strength, read, phases):
        yield replace(region, gains=guess)


def softly(region: Region, read: Floats, phases: NDArray[np.uint8]) -> Floats:
    """Logarithms of how much more probable 0 is than 1, of all blocks, float32 (blocks, places).

    Args:
        region: What is known already.
        read: Coefficients, float32 (blocks, places).
        phases: Of zeros, uint8 (blocks, places).
    """
    strength = region.place.strength
    turns = turned(read, phases, strength.steps * region.gains)
    places = np.broadcast_to(np.arange(strength.places), turns.shape)
    some = slice(None, None, max(1, len(read) // _SAMPLE))
    noise = noise_of(strength, _sure(region), (turns[some], places[some]))
    return noise.soft_bits(turns, places)


def _expected_information(soft: Floats) -> float:
    """Bits that a bit says, if the logarithms are what they should be."""
    few = soft[:: max(1, len(soft) // 100_000)].astype(np.float64)
    right = 1 / (1 + np.exp(-np.abs(few)))
    entropy = -right * np.log2(right) - (1 - right) * np.log2(np.maximum(1 - right, 1e-12))
    return float(1 - entropy.mean())
