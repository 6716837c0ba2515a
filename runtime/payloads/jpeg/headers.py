"""The parts of a JPEG file (ITU-T T.81, annex B) that its coefficients depend on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Coefficients = NDArray[np.int16] | NDArray[np.int32]

_SOI, _SOF0, _SOF1, _DHT, _SOS, _DQT, _DRI = 0xD8, 0xC0, 0xC1, 0xC4, 0xDA, 0xDB, 0xDD
_FIRST_SOF, _LAST_SOF, _NO_SOF = 0xC0, 0xCF, (0xC4, 0xC8, 0xCC)
_CODES = 1 << 16
_LARGEST_FACTOR = 4


class UnsupportedJpeg(Exception):  # noqa: N818 - not an error: the file is carried as it is
    """A file that is not coded anew, because it is no JPEG file, or not one of the usual kind."""


@dataclass(frozen=True, eq=False)
class HuffmanTable:
    """A table of codes.

    Attributes:
        lookup: int32 (65536,), by the next 16 bits: symbol * 32 + length of its code; 0 where no
            code begins like that.
        codes: int64 (256,), by symbol.
        lengths: int64 (256,), by symbol; 0 where it has no code.
    """

    lookup: NDArray[np.int32]
    codes: NDArray[np.int64]
    lengths: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Component:
    """A component of a picture.

    Attributes:
        across: Its blocks of 8x8 samples from left to right in a unit (MCU).
        down: Its blocks from top to bottom in a unit.
        rows: Rows of blocks, with those that fill the last units.
        columns: Columns of blocks, with those that fill the last units.
        quantization: int64 (64,), by zigzag position: steps, 1 to 255.
        dc: Codes of the first coefficient of each block.
        ac: Codes of the others.
    """

    across: int
    down: int
    rows: int
    columns: int
    quantization: NDArray[np.int64]
    dc: HuffmanTable
    ac: HuffmanTable


@dataclass(frozen=True, eq=False)
class Headers:
    """What comes before the coefficients.

    Attributes:
        components: One or three.
        shape: Height and width of the picture in pixels.
        units: Rows and columns of units.
        interval: Units after which the codes start anew; 0 if they never do.
        size: Bytes of the headers; the coded coefficients begin there.
    """

    components: tuple[Component, ...]
    shape: tuple[int, int]
    units: tuple[int, int]
    interval: int
    size: int


def read_headers(content: bytes) -> Headers:
    """Reads the headers of a baseline file with all its components in one scan.

    Raises:
        UnsupportedJpeg: It is another kind of file.
    """
    try:
        return _read(content)
    except (IndexError, KeyError, ValueError) as error:
        raise UnsupportedJpeg(f"damaged headers: {error}") from error


def _read(content: bytes) -> Headers:
    if content[:2] != bytes((0xFF, _SOI)):
        raise UnsupportedJpeg("not a JPEG file")
    at, frame, interval = 2, b"", 0
    quantization: dict[int, NDArray[np.int64]] = {}
    tables: dict[int, HuffmanTable] = {}
    while True:
        if content[at] != 0xFF:
            raise UnsupportedJpeg("no marker where one should be")
        marker, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        segment = content[at + 4 : at + 2 + size]
        if size < 2 or len(segment) != size - 2:
            raise UnsupportedJpeg("a segment is cut off")
        at += 2 + size
        if marker == _DQT:
            _read_quantization(segment, quantization)
        elif marker == _DHT:
            _read_tables(segment, tables)
        elif marker in (_SOF0, _SOF1):
            frame = segment
        elif _FIRST_SOF <= marker <= _LAST_SOF and marker not in _NO_SOF:
            raise UnsupportedJpeg("not a baseline file")
        elif marker == _DRI:
            interval = int.from_bytes(segment[:2], "big")
        elif marker == _SOS:
            return replace(_frame(frame, segment, quantization, tables, at), interval=interval)


def _read_quantization(segment: bytes, found: dict[int, NDArray[np.int64]]) -> None:
    at = 0
    while at < len(segment):
        precision, number = segment[at] >> 4, segment[at] & 15
        steps = np.frombuffer(segment, np.uint8, 64, at + 1).astype(np.int64)
        if precision or not steps.all():
            raise UnsupportedJpeg("quantization is not of 8 bits")
        found[number] = steps
        at += 65


def _read_tables(segment: bytes, found: dict[int, HuffmanTable]) -> None:
    at = 0
    while at < len(segment):
        counts = segment[at + 1 : at + 17]
        total = sum(counts)
        symbols = segment[at + 17 : at + 17 + total]
        if len(counts) != 16 or len(symbols) != total or len(set(symbols)) != total:
            raise UnsupportedJpeg("a table of codes is damaged")
        found[segment[at]] = _table(counts, symbols)
        at += 17 + total


def _table(counts: bytes, symbols: bytes) -> HuffmanTable:
    """The codes of a table (T.81, annex C)."""
    lookup = np.zeros(_CODES, np.int32)
    codes, lengths = np.zeros(256, np.int64), np.zeros(256, np.int64)
    code = number = 0
    for length, count in enumerate(counts, start=1):
        for _ in range(count):
            first, after = code << (16 - length), (code + 1) << (16 - length)
            if after > _CODES:
                raise UnsupportedJpeg("a table has too many codes")
            symbol = symbols[number]
            lookup[first:after] = symbol * 32 + length
            codes[symbol], lengths[symbol] = code, length
            code, number = code + 1, number + 1
        code <<= 1
    return HuffmanTable(lookup, codes, lengths)


def _frame(
    frame: bytes,
    scan: bytes,
    quantization: dict[int, NDArray[np.int64]],
    tables: dict[int, HuffmanTable],
    size: int,
) -> Headers:
    height, width = (int.from_bytes(frame[at : at + 2], "big") for at in (1, 3))
    count = frame[5]
    if frame[0] != 8 or count not in (1, 3) or not height or not width:
        raise UnsupportedJpeg("not of 1 or 3 components of 8 bits")
    if scan[0] != count or scan[1 + 2 * count :] != bytes((0, 63, 0)):
        raise UnsupportedJpeg("not all components are in one scan")
    factors = [(1, 1)] if count == 1 else [divmod(frame[7 + 3 * n], 16) for n in range(count)]
    if not all(1 <= factor <= _LARGEST_FACTOR for pair in factors for factor in pair):
        raise UnsupportedJpeg("sampling factors are out of range")
    largest = [max(pair[axis] for pair in factors) for axis in (1, 0)]
    units = tuple(
        -(-side // (8 * most)) for side, most in zip((height, width), largest, strict=True)
    )
    components = []
    for number, (across, down) in enumerate(factors):
        identity, chosen = scan[1 + 2 * number], scan[2 + 2 * number]
        if identity != frame[6 + 3 * number]:
            raise UnsupportedJpeg("components are in another order")
        components.append(
            Component(
                across,
                down,
                units[0] * down,
                units[1] * across,
                quantization[frame[8 + 3 * number]],
                tables[chosen >> 4],
                tables[16 + (chosen & 15)],
            )
        )
    return Headers(tuple(components), (height, width), (units[0], units[1]), 0, size)
