"""The Huffman codes of a JPEG file: from bytes to coefficients and back (T.81, annex F).

Where a code begins is known only when the one before it is read. But whoever begins in the wrong
place is soon in step with the right codes. So many parts of a file are read side by side, each from
a guess, and once more from where the part before it really ended, until nothing changes (Klein and
Wiseman, "Parallel Huffman Decoding with Applications to JPEG Files", 2003).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from runtime.payloads.jpeg.bits import BitWriter
from runtime.payloads.jpeg.headers import Coefficients, Headers, UnsupportedJpeg

Int16 = NDArray[np.int16]
Int64 = NDArray[np.int64]

# Bits of a part: at least enough to get in step, and so many that there are not too many parts.
_LEAST_PART, _MOST_PARTS = 1 << 11, 1 << 11
_CODES = 1 << 16
_UNITS = 1 << 12  # that are written at once
_WORD = 40
_END_OF_BLOCK, _SIXTEEN_ZEROS = 0x00, 0xF0
_RESTART = 0xD0  # and the seven after it
_MOST_BITS = 15  # of a coefficient
_LARGEST = (1 << _MOST_BITS) - 1


@dataclass(frozen=True, eq=False)
class Scan:
    """The coefficients of a file.

    Attributes:
        coefficients: Of each component, int16 (rows, columns, 64), in zigzag order, quantized.
        size: Bytes of the file that the codes take, without the marker after them.
    """

    coefficients: tuple[Int16, ...]
    size: int


def decode_scan(content: bytes, headers: Headers) -> Scan:
    """Reads the coefficients of a file.

    Damaged codes are read as something: whether `encode_scan` makes the same bytes of what was read
    tells whether they are whole.

    Raises:
        UnsupportedJpeg: The codes have no end, too few blocks, or coefficients out of range.
    """
    raw = np.frombuffer(content, np.uint8, offset=headers.size)
    marks = np.flatnonzero((raw[:-1] == 0xFF) & (raw[1:] != 0))
    is_restart = (raw[marks + 1] & 0xF8 == _RESTART) & (headers.interval > 0)
    ends = marks[~is_restart]
    if not len(ends):
        raise UnsupportedJpeg("it has no end")
    size = int(ends[0])
    restarts = marks[is_restart & (marks < size)]
    left_out = np.flatnonzero(raw[: max(size - 1, 0)] == 0xFF) + 1
    data = np.delete(raw[:size], np.concatenate([left_out, restarts]))
    before = np.searchsorted(left_out, restarts) + np.arange(len(restarts))
    starts = np.concatenate([[0], restarts - before])
    return Scan(_to_components(_Reader(data, starts, headers).blocks(), headers), size)


class _Reader:
    """Reads the codes of a scan, part by part.

    Args:
        data: The codes, without restart markers and the zeros after bytes of ones.
        starts: Where codes start anew, int64 (intervals,), the first 0.
        headers: Of the file.
    """

    def __init__(self, data: NDArray[np.uint8], starts: Int64, headers: Headers) -> None:
        self._end = 8 * len(data)
        self._starts = 8 * starts
        padded = np.concatenate([data, np.full(8, 0xFF, np.uint8)]).astype(np.int64)
        count = len(data) + 1
        self._words = np.zeros(count, np.int64)
        for number in range(_WORD // 8):
            self._words = self._words << 8 | padded[number : number + count]
        in_unit = _in_unit(headers)
        tables = [table.lookup for c in headers.components for table in (c.dc, c.ac)]
        self._lookup = np.concatenate(tables)
        # By place in a unit and whether it is the first coefficient.
        self._table = np.array([(2 * c + 1, 2 * c) for c in in_unit], np.int64) * _CODES
        self._in_unit = len(in_unit)
        self._total = headers.units[0] * headers.units[1] * self._in_unit
        self._first_blocks = _firsts(headers, self._in_unit)

    def blocks(self) -> Int16:
        """Coefficients in the order of the scan, (blocks, 64)."""
        if len(self._starts) != len(self._first_blocks):
            raise UnsupportedJpeg("its codes start anew in other places than they should")
        part = max(_LEAST_PART, -(-self._end // _MOST_PARTS))
        lengths = np.diff(self._starts, append=self._end)
        counts = np.maximum(-(-lengths // part), 1)
        opening = np.cumsum(counts) - counts
        starts = np.repeat(self._starts - part * opening, counts) + part * np.arange(counts.sum())
        stops = np.minimum(starts + part, np.repeat(self._starts + lengths, counts))
        state = np.stack([starts, np.zeros_like(starts), np.zeros_like(starts)])
        opened = state[:, opening]
        ends, finished = np.zeros_like(state), np.zeros_like(starts)
        stale = np.ones(len(starts), bool)
        while stale.any():
            ends[:, stale], finished[stale] = self._run(state[:, stale], stops[stale])
            # The state after a part is the one before the next.
            new = np.concatenate([state[:, :1], ends[:, :-1]], axis=1)
            new[:, opening] = opened
            stale = (new != state).any(axis=0)
            state = new
        stop_blocks = np.append(self._first_blocks[1:], self._total)
        if (np.add.reduceat(finished, opening) < stop_blocks - self._first_blocks).any():
            raise UnsupportedJpeg("it has fewer blocks than it should")
        first = np.cumsum(finished) - finished
        first += np.repeat(self._first_blocks - first[opening], counts)
        output = np.zeros((self._total, 64), np.int16)
        self._run(state, stops, output, np.stack([first, np.repeat(stop_blocks, counts)]))
        return output

    def _run(
        self,
        state: Int64,
        stops: Int64,
        output: Int16 | None = None,
        block: Int64 | None = None,
    ) -> tuple[Int64, Int64]:
        """Reads parts, each from a state until it ends.

        Args:
            state: (3, parts): the next bit, the place of its block in a unit, and the zigzag
                position of the next coefficient.
            stops: (parts,): the bits before which to stop.
            output: Gets the coefficients.
            block: (2, parts): the numbers of the first blocks, and those before which to stop, if
                there is an output.

        Returns:
            The states in the end, and the number of blocks that each part finished.
        """
        ends, finished = state.copy(), np.zeros_like(stops)
        left = np.flatnonzero(state[0] < stops)
        position, place, index = (row[left] for row in state)
        blocks = np.zeros_like(left)
        stop, base = stops[left], None if block is None else block[:, left]
        while len(left):
            word = self._words[position >> 3] << (position & 7)
            later = index > 0
            entry = self._lookup[self._table[place, 1 - later] + ((word >> 24) & (_CODES - 1))]
            length, symbol = entry & 31, entry >> 5
            bits = symbol & 15
            run = np.where(later, symbol >> 4, 0)
            target = index + run
            if output is not None and base is not None:
                value = (word >> (_WORD - length - bits)) & ((1 << bits) - 1)
                value = np.where(value >> np.maximum(bits - 1, 0), value, value - (1 << bits) + 1)
                number = base[0] + blocks
                good = np.flatnonzero((bits > 0) & (target < 64) & (number < base[1]))
                output[number[good], target[good]] = value[good]
            # Where no code begins, the next may begin one bit later.
            position = position + np.maximum(length + bits, 1)
            index = np.where(later & (symbol == _END_OF_BLOCK), 64, target + 1)
            done = index >= 64
            index[done] = 0
            blocks += done
            place = np.where(done, place + 1, place)
            place[place == self._in_unit] = 0
            over = position >= stop
            if over.any():
                which = left[over]
                ends[:, which] = position[over], place[over], index[over]
                finished[which] = blocks[over]
                keep = ~over
                left, position, place, index, blocks, stop = (
                    array[keep] for array in (left, position, place, index, blocks, stop)
                )
                base = None if base is None else base[:, keep]
        return ends, finished


def _in_unit(headers: Headers) -> list[int]:
    """The components of the blocks of a unit, in order."""
    return [n for n, c in enumerate(headers.components) for _ in range(c.across * c.down)]


def _firsts(headers: Headers, in_unit: int) -> Int64:
    """The first block of each interval, int64 (intervals,), of so many blocks in a unit."""
    total = headers.units[0] * headers.units[1]
    return np.arange(0, total, headers.interval or total, dtype=np.int64) * in_unit


def _to_components(blocks: Int16, headers: Headers) -> tuple[Int16, ...]:
    """From blocks in the order of the scan, with differences of first coefficients."""
    rows, columns = headers.units
    units = blocks.reshape(rows, columns, -1, 64)
    found, start = [], 0
    for c in headers.components:
        stop = start + c.across * c.down
        own = units[:, :, start:stop].copy()
        first = _sums(own[..., 0].ravel(), _firsts(headers, c.across * c.down))
        if np.abs(first).max() > _LARGEST:
            raise UnsupportedJpeg("a coefficient is out of range")
        own[..., 0] = first.reshape(own.shape[:3])
        own = own.reshape(rows, columns, c.down, c.across, 64).transpose(0, 2, 1, 3, 4)
        found.append(own.reshape(c.rows, c.columns, 64))
        start = stop
    return tuple(found)


def _sums(differences: Int16, firsts: Int64) -> Int64:
    """Sums of differences, from zero at each of the firsts."""
    sums = np.cumsum(differences, dtype=np.int64)
    before = sums[firsts] - differences[firsts]
    return np.asarray(sums - np.repeat(before, np.diff(firsts, append=len(sums))))


def _to_blocks(components: Sequence[Coefficients], headers: Headers) -> Coefficients:
    """The inverse of `_to_components`."""
    rows, columns = headers.units
    units = []
    for c, coefficients in zip(headers.components, components, strict=True):
        own = coefficients.reshape(rows, c.down, columns, c.across, 64).transpose(0, 2, 1, 3, 4)
        own = own.reshape(rows, columns, c.down * c.across, 64).copy()
        values, firsts = own[..., 0].ravel(), _firsts(headers, c.across * c.down)
        differences = np.diff(values, prepend=own.dtype.type(0))
        differences[firsts] = values[firsts]
        own[..., 0] = differences.reshape(own.shape[:3])
        units.append(own)
    return cast(Coefficients, np.concatenate(units, axis=2).reshape(-1, 64))


def encode_scan(components: Sequence[Coefficients], headers: Headers) -> bytes:
    """The inverse of `decode_scan`: the bytes of the codes, without the marker after them.

    Raises:
        UnsupportedJpeg: A coefficient has no code in the file's tables.
    """
    blocks = _to_blocks(components, headers)
    in_unit = np.array(_in_unit(headers), np.int64)
    stops = np.append(_firsts(headers, len(in_unit))[1:], len(blocks))
    bits, before, sizes = BitWriter(), 0, []
    step = _UNITS * len(in_unit)
    for start in range(0, len(blocks), step):
        part = blocks[start : start + step]
        codes, lengths, ends = _codes(part, np.resize(in_unit, len(part)), headers)
        stopping = stops[(stops > start) & (stops <= start + len(part))]
        places = ends[stopping - start - 1]
        reached = np.concatenate([[0], np.cumsum(lengths)])
        used = np.diff(reached[places], prepend=-before)
        filling = -used % 8
        before = int(reached[-1]) - (int(reached[places[-1]]) if len(places) else -before)
        bits.add(np.insert(codes, places, (1 << filling) - 1), np.insert(lengths, places, filling))
        sizes.append((used + filling) >> 3)
    out = np.frombuffer(bits.finish(1), np.uint8)
    restarts = np.cumsum(np.concatenate(sizes))[:-1]
    markers = np.full((len(restarts), 2), 0xFF, np.uint8)
    markers[:, 1] = _RESTART + np.arange(len(restarts)) % 8
    of_ones = np.flatnonzero(out == 0xFF) + 1
    # A zero goes before a marker at the same place.
    where = np.concatenate([of_ones, np.repeat(restarts, 2)])
    what = np.concatenate([np.zeros(len(of_ones), np.uint8), markers.reshape(-1)])
    return np.insert(out, where, what).tobytes()


def _codes(blocks: Coefficients, component: Int64, headers: Headers) -> tuple[Int64, Int64, Int64]:
    """The codes of blocks with the bits after each, in order, and how many bits these are.

    The third array says how many codes there are up to the end of each block.

    Args:
        blocks: (blocks, 64), with differences of first coefficients.
        component: (blocks,): the number of each block's component.
        headers: Of the file.
    """
    number, index = np.nonzero(blocks[:, 1:])
    value, index = blocks[number, index + 1].astype(np.int64), index + 1
    opens = np.diff(number, prepend=-1) > 0
    run = index - np.where(opens, 0, np.roll(index, 1)) - 1
    # Where each code goes: after those of all blocks and coefficients before.
    symbols = np.cumsum(1 + (run >> 4))
    last = np.zeros(len(blocks), np.int64)
    last[number] = index  # the last of a block stays
    ending = last < 63
    in_block = np.bincount(number, 1 + (run >> 4), len(blocks)).astype(np.int64)
    sizes = 1 + in_block + ending
    ends = np.cumsum(sizes)
    place = number + symbols + (np.cumsum(ending) - ending)[number]
    codes, lengths = np.zeros(ends[-1], np.int64), np.zeros(ends[-1], np.int64)

    def put(where: Int64, table: str, which: Int64, symbol: Int64, extra: Int64) -> None:
        tables = [getattr(c, table) for c in headers.components]
        code = np.stack([t.codes for t in tables])[which, symbol]
        length = np.stack([t.lengths for t in tables])[which, symbol]
        if not length.all():
            raise UnsupportedJpeg("a coefficient has no code")
        bits = symbol & 15
        codes[where], lengths[where] = code << bits | extra, length + bits

    put(ends - sizes, "dc", component, *_bits(blocks[:, 0].astype(np.int64)))
    size, extra = _bits(value)
    put(place, "ac", component[number], (run & 15) << 4 | size, extra)
    for back in (1, 2, 3):
        longer = run >> 4 >= back
        where = place[longer] - back
        zeros = np.zeros_like(where)
        put(where, "ac", component[number[longer]], zeros + _SIXTEEN_ZEROS, zeros)
    zeros = np.zeros(int(ending.sum()), np.int64)
    put(ends[ending] - 1, "ac", component[ending], zeros + _END_OF_BLOCK, zeros)
    return codes, lengths, ends


def _bits(value: Int64) -> tuple[Int64, Int64]:
    """The number of bits of values, and these bits (T.81, tables F.1 and F.2)."""
    size = np.frexp(np.abs(value).astype(np.float64))[1].astype(np.int64)
    if len(size) and size.max() > _MOST_BITS:
        raise UnsupportedJpeg("a coefficient is out of range")
    return size, np.where(value < 0, value + (1 << size) - 1, value)
