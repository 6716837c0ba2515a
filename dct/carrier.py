"""Bits into a picture, and back: all parts of the carrier together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dct import ldpc
from dct.blocks import Floats, Picture, blocks_of
from dct.lattice import coefficients, embed
from dct.ldpc import Bits, Code
from dct.resampling import Axis, resample
from dct.search import Location
from runtime.carriers.dct import layout
from runtime.carriers.dct.judging import Noise, gains, noise_of, turned
from runtime.carriers.dct.strengths import BLOCK, Strength

LEAST_SIDE = 128
_NOTHING = np.zeros(0, np.int64), np.zeros(0, np.int64)
_HALF = 128


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


@dataclass(frozen=True)
class Described:
    """A container's region with its description, as read.

    Attributes:
        place: Where it lies.
        rows: Rows of its blocks.
        columns: Columns of its blocks.
        read: Coefficients, float32 (1024, places); zero for blocks that do not exist.
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


def payload_code(bits: int, places: int) -> tuple[Code, int]:
    """The code of a payload of so many bits in so many places, and the number of its blocks.

    Raises:
        ValueError: There are too few places.
    """
    blocks = max(1, -(-bits // ldpc.MOST_BITS))
    return Code(max(-(-bits // blocks), ldpc.LEAST_BITS), places // blocks), blocks


def capacity(height: int, width: int, strength: Strength) -> int:
    """Places for the payload's bits, sent, in a picture."""
    return len(layout.payload_places(*blocks_of(height, width), strength.number))


def write(
    cover: Picture,
    strength: Strength,
    open_part: Bits,
    sealed_part: Bits,
    payload: Bits,
    sealed_dither: NDArray[np.uint8],
    dither: NDArray[np.uint8],
) -> Picture:
    """Writes a description and a payload into a cover.

    Args:
        cover: uint8 (height, width, 3), at least 128 x 128.
        strength: The strength.
        open_part: 224 bits, in public phases.
        sealed_part: 168 bits.
        payload: Bits; how many must follow from the sealed part.
        sealed_dither: uint8 (1024, places), from the key.
        dither: uint8 (blocks, places), from the key.

    Raises:
        ValueError: The payload is too long, or the cover too small.
    """
    height, width, _ = cover.shape
    if min(height, width) < LEAST_SIDE:
        raise ValueError("the cover is too small")
    rows, columns = blocks_of(height, width)
    phases = dither.copy()
    order = layout.payload_places(rows, columns, strength.number)
    code, blocks = payload_code(len(payload), len(order))
    padded = np.zeros((blocks, code.information), np.uint8)
    padded.reshape(-1)[: len(payload)] = payload
    sent = ldpc.encode(code, padded).T.reshape(-1)
    phases.reshape(-1)[order[: len(sent)]] += np.uint8(_HALF) * sent

    public = layout.public_phases(strength)
    of_pilots = layout.pilots(rows, columns)
    of_open, of_sealed = layout.description()
    for part, (block, place), under in (
        (None, of_pilots, public),
        (open_part, of_open, public),
        (sealed_part, of_sealed, sealed_dither),
    ):
        bits = np.zeros(len(block), np.uint8)
        if part is not None:
            bits = ldpc.encode(Code(len(part), len(block)), part[None])[0]
        value = under[block, place] + np.uint8(_HALF) * bits
        some = layout.exist((block, place), rows, columns)
        phases[_of_picture(block[some], columns), place[some]] = value[some]
    return embed(cover, phases, strength)


def _of_picture(block: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """Numbers of the region's blocks among those of a picture with so many columns."""
    row, column = np.divmod(block, layout.REGION)
    return row * columns + column


def read_region(plane: Floats, place: Location) -> Described:
    """Reads the region of pilots and description of a container that was found."""
    rows, columns = (
        min(layout.REGION, int((size + 1) / axis.ratio) // BLOCK)
        for size, axis in zip(plane.shape, (place.rows, place.columns), strict=True)
    )
    part = resample(plane, place.rows, place.columns, rows * BLOCK, columns * BLOCK, fine=True)
    strength = place.strength
    read = np.zeros((layout.REGION**2, strength.places), np.float32)
    inside = np.arange(rows * columns)
    every = (inside // columns) * layout.REGION + inside % columns
    read[every] = coefficients(part, strength)
    block, where = layout.pilots(rows, columns)
    phases = layout.public_phases(strength)[block, where]
    return _described(place, rows, columns, read, Known(block, where, phases))


def _described(place: Location, rows: int, columns: int, read: Floats, known: Known) -> Described:
    strength = place.strength
    turns = known.phases.astype(np.float32) * np.float32(1 / 256)
    gain = gains(strength, read, turns, known.block, known.where)
    described = Described(place, rows, columns, read, known, gain, noise_of(strength, _NOTHING))
    return replace(described, noise=noise_of(strength, _sure(described)))


def _sure(described: Described) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How far off coefficients are whose bits are known, and their places."""
    known = described.known
    steps = (described.place.strength.steps * described.gains)[known.where]
    return turned(described.read[known.block, known.where], known.phases, steps), known.where


def learned(
    described: Described, part: Bits, places: layout.Places, under: NDArray[np.uint8]
) -> Described:
    """A region judged anew, now that a part of its description is known.

    Args:
        described: The region.
        part: Bits of the part.
        places: Where they are, see `layout.description`.
        under: Phases of zeros, uint8 (1024, places).
    """
    block, where = places
    sent = ldpc.encode(Code(len(part), len(block)), part[None])[0]
    old = described.known
    some = layout.exist(places, described.rows, described.columns)
    phases = under[block, where] + np.uint8(_HALF) * sent
    known = Known(
        np.append(old.block, block[some]),
        np.append(old.where, where[some]),
        np.append(old.phases, phases[some]),
    )
    return _described(described.place, described.rows, described.columns, described.read, known)


def read_open(described: Described) -> tuple[Bits, Described] | None:
    """The open part of a description, 224 bits, and the region judged by it; None if unreadable."""
    places, _ = layout.description()
    under = layout.public_phases(described.place.strength)
    return _read_part(described, places, under, layout.OPEN_BITS)


def read_sealed(described: Described, dither: NDArray[np.uint8]) -> tuple[Bits, Described] | None:
    """The sealed part of a description, 168 bits, like `read_open`.

    Args:
        described: The region.
        dither: uint8 (1024, places), from the key.
    """
    _, places = layout.description()
    return _read_part(described, places, dither, layout.SEALED_BITS)


def _read_part(
    described: Described, places: layout.Places, under: NDArray[np.uint8], bits: int
) -> tuple[Bits, Described] | None:
    block, where = places
    steps = (described.place.strength.steps * described.gains)[where]
    turns = turned(described.read[block, where], under[block, where], steps)
    soft = described.noise.soft_bits(turns, where)
    soft[~layout.exist(places, described.rows, described.columns)] = 0.0
    found, valid = ldpc.decode(Code(bits, len(block)), soft[None])
    return (found[0], learned(described, found[0], places, under)) if valid[0] else None


def read_soft(
    plane: Floats,
    described: Described,
    height: int,
    width: int,
    dither: NDArray[np.uint8],
) -> Floats:
    """Logarithms of how much more probable 0 is than 1, of the payload's bits sent, float32.

    Args:
        plane: Luma of the file.
        described: Its region.
        height: Of the cover at hiding.
        width: Of the cover at hiding.
        dither: uint8 (blocks, places), from the key.
    """
    strength = described.place.strength
    rows, columns = blocks_of(height, width)
    place = described.place
    whole = resample(plane, place.rows, place.columns, rows * BLOCK, columns * BLOCK, fine=True)
    read = coefficients(whole, strength)
    # Some blocks say enough of all.
    stride = max(1, len(read) // 4096)
    turns = turned(read, dither, strength.steps * described.gains)
    number = np.broadcast_to(np.arange(strength.places), turns.shape)
    some = slice(None, None, stride)
    noise = noise_of(strength, _sure(described), (turns[some], number[some]))
    soft = noise.soft_bits(turns, number)
    return soft.reshape(-1)[layout.payload_places(rows, columns, strength.number)]


def read_payload(soft: Floats, bits: int) -> tuple[Bits, NDArray[np.bool_]]:
    """The payload, and which of its blocks are right.

    Args:
        soft: See `read_soft`.
        bits: Length of the payload.

    Returns:
        uint8 (bits,), and bool (blocks,).
    """
    code, blocks = payload_code(bits, len(soft))
    taken = soft[: blocks * code.sent].reshape(code.sent, blocks).T
    found, valid = ldpc.decode(code, taken)
    return found.reshape(-1)[:bits], valid


def with_size(described: Described, shape: tuple[int, ...], height: int, width: int) -> Described:
    """A region placed by the exact size at hiding, unless the picture was cropped.

    Args:
        described: The region.
        shape: Of the file, height and width first.
        height: Of the cover at hiding.
        width: Of the cover at hiding.
    """
    place, axes = described.place, []
    for axis, size, whole in zip((place.rows, place.columns), shape, (height, width), strict=False):
        exact = Axis.resized(size / whole)
        far = min(whole, layout.REGION * BLOCK)
        off = abs(axis.start + axis.ratio * far - exact.start - exact.ratio * far)
        axes.append(exact if abs(axis.start - exact.start) < 0.6 and off < 1.0 else axis)
    return replace(described, place=replace(place, rows=axes[0], columns=axes[1]))
