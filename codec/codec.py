"""Reference encoder and decoder of the learned code, one tile at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codec import blocks, rans, states, trellis
from codec.blocks import COLOURS, Floats, Ints, Pictures
from codec.classes import CATEGORIES, CLASSES, CORES
from codec.modes import (
    ADAPTIVE_UNIT,
    ADAPTIVE_WORDS,
    HIGHEST_SCALE,
    LOWEST_SCALE,
    RELATIVE_OFFSET,
    relative_category_class,
    relative_class,
)
from codec.quantize import AC, CodedTile, Quantizer
from codec.tables import MODE_BEFORE, SHAPES, Tables


class Codec:
    """The codec with one set of fitted tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._quantizer = Quantizer(tables)
        self._class, self._multiple = relative_class()
        self._category_class = relative_category_class()

    def choose(self, tiles: Sequence[Pictures], words: int, adaptive: bool) -> list[CodedTile]:
        """Codes tiles of a picture with the smallest common quantizer index that fits.

        Args:
            tiles: uint8 (height, width, 3) each.
            words: 16-bit words available to all tiles together.
            adaptive: Whether the tiles have adaptive modes.
        """
        coefficients = [blocks.transform(tile) for tile in tiles]

        def at(qindex: int) -> list[CodedTile]:
            return [self._quantizer.quantize(x, qindex, adaptive) for x in coefficients]

        low, high = 0, blocks.QINDICES - 1
        while low < high:
            middle = (low + high) // 2
            if sum(map(self.size, at(middle))) <= words:
                high = middle
            else:
                low = middle + 1
        # Sizes are not quite monotonic, so the result of the bisection has to be checked.
        while True:
            coded = at(low)
            if sum(map(self.size, coded)) <= words or low == blocks.QINDICES - 1:
                return coded
            low += 1

    def quantize(self, x: Floats, qindex: int, adaptive: bool) -> CodedTile:
        """See `Quantizer.quantize`."""
        return self._quantizer.quantize(x, qindex, adaptive)

    def dequantize(self, tile: CodedTile) -> Floats:
        """The coefficients of a coded tile, float32 (192, 4, rows, columns), none merged."""
        steps = self._multiple[self._quantizer.relative(tile)[COLOURS:]] * tile.step
        ac = self.tables.values[self._ac_indices(tile)] * steps
        dc = tile.dc.astype(np.float32) * tile.step
        x = np.concatenate([dc, ac])
        return np.where(tile.merged, blocks.split(x), x)

    def synthesize(self, tile: CodedTile) -> Floats:
        """The picture of a coded tile, float32 (rows * 16, columns * 16, 3), 8-bit levels.

        It is neither rounded nor clipped: this is what the restoring network takes.
        """
        return blocks.synthesis(self.dequantize(tile))

    def reconstruct(self, tile: CodedTile, height: int, width: int) -> Pictures:
        """The picture of a coded tile, uint8 (height, width, 3)."""
        return blocks.to_picture(self.synthesize(tile), height, width)

    def size(self, tile: CodedTile) -> int:
        """Words that a coded tile takes."""
        return len(self.encode(tile))

    def encode(self, tile: CodedTile) -> Ints:
        """The words of a coded tile, int32 (n,).

        They are: adaptive scales; upper and lower words of the states of the second coder; lower
        words of the states of the lanes; the second coder's stream, and that of the lanes.
        """
        state, stream = self._entropy_coded(tile)
        adaptive = np.zeros(0, np.int32)
        if tile.adaptive is not None:
            units = (tile.adaptive - LOWEST_SCALE) // ADAPTIVE_UNIT
            adaptive = units[::2] << 8 | units[1::2]
        lower, packer, packed = states.pack(self.tables, state)
        return np.concatenate([adaptive, packer >> 16, packer & 0xFFFF, lower, packed, stream])

    def decode(
        self, words: Ints, height: int, width: int, qindex: int, adaptive: bool
    ) -> CodedTile:
        """Reads what `encode` wrote; never fails, whatever the words are.

        Args:
            words: int32 in 0 .. 65535; missing ones count as zeros.
            height: Of the tile, in pixels.
            width: Of the tile, in pixels.
            qindex: Quantizer index, 0 .. 511.
            adaptive: Whether the tile has adaptive scales.
        """
        tables = self.tables
        rows, columns = blocks.macroblocks_of(height, width)
        lanes = rows * columns
        body, of_tile = words, None
        scales = tables.scales.astype(np.int32)
        if adaptive:
            head = _filled(words[:ADAPTIVE_WORDS], ADAPTIVE_WORDS)
            units = np.stack([head >> 8, head & 255], axis=1).ravel()
            of_tile = np.minimum(units * ADAPTIVE_UNIT + LOWEST_SCALE, HIGHEST_SCALE)
            scales, body = tables.all_scales(of_tile), words[ADAPTIVE_WORDS:]
        packers = states.packers(lanes)
        body = _filled(body, 2 * packers + lanes)
        upper, lower, of_lanes, stream = np.split(body, np.cumsum([packers, packers, lanes]))
        unpacker = rans.Decoder(tables, (upper & 0x7FFF) << 16 | lower, stream)
        state = states.unpack(tables, of_lanes, unpacker)
        decoder = rans.Decoder(tables, state, stream[unpacker.taken :])

        def take(distributions: Ints) -> Ints:
            return tables.symbols[np.stack([decoder.step(row) for row in distributions])]

        merged = take(np.full((1, lanes), tables.chunk_class + 1))[0]
        modes = np.empty((4, lanes), np.int32)
        # A damaged stream may name adaptive modes where there are none.
        known = scales.shape[1] - 1
        # In the order of the steps: the second block, the third, which have the same mode before.
        for block, before in enumerate(MODE_BEFORE):
            by_row = tables.mode_rows(merged, None if before < 0 else modes[before])
            modes[block] = np.minimum(take(tables.mode_class + by_row[None])[0], known)
        relative = scales[:, modes] - qindex + RELATIVE_OFFSET
        categories = take(self._category_distributions(relative[:COLOURS], merged))
        high, low = states.chunk_bits(categories)
        start, carried = carried_bits(low)
        residual = take(tables.chunk_class + high) << low
        residual += take(tables.chunk_class + low - carried) << carried
        classes = tables.shape_of_mode[modes] * CLASSES + self._class[relative[COLOURS:]]
        classes = classes.reshape(AC, 4, lanes)
        ac = np.empty_like(classes)
        quantizers, previous = np.zeros((2, 4, lanes), np.int32)
        for i, block in np.ndindex(AC, 4):
            index = decoder.step(classes[i, block] + SHAPES * CLASSES * quantizers[block])
            ac[i, block] = tables.symbols[index]
            following = previous[block] ^ tables.parities[index]
            previous[block], quantizers[block] = quantizers[block], following
        first = (decoder.state - rans.LOW).astype(np.int32)
        residual += first >> start & ((1 << carried) - 1)
        half = (1 << categories) >> 1
        residual = np.where(residual >= half, residual, residual + 1 - (1 << categories))
        places = (4, rows, columns)
        merged = merged.reshape(places[1:])
        dc = blocks.dc_values(residual.reshape(COLOURS, *places), merged)
        ac = ac.reshape(AC, *places)
        return CodedTile(qindex, of_tile, merged, modes.reshape(places), dc, ac)

    def _ac_indices(self, tile: CodedTile) -> Ints:
        """Symbol indices of AC, int32 like `tile.ac`."""
        shapes = self.tables.shape_of_mode[tile.modes]
        classes = self._class[self._quantizer.relative(tile)[COLOURS:]]
        parity = np.where(np.abs(tile.ac) <= CORES[classes], tile.ac & 1, 0)
        quantizer = trellis.quantizers(parity)
        return self.tables.ac_centres[quantizer, shapes, classes] + tile.ac

    def _entropy_coded(self, tile: CodedTile) -> tuple[Ints, Ints]:
        tables = self.tables
        modes = tile.modes.reshape(4, -1)
        lanes = modes.shape[1]
        merged = tile.merged.ravel()
        residual = blocks.dc_residuals(tile.dc, tile.merged)
        residual = residual.reshape(4 * COLOURS, lanes)
        categories = (np.abs(residual)[..., None] >= 1 << np.arange(CATEGORIES - 1)).sum(axis=-1)
        bits = residual + np.where(residual < 0, (1 << categories) - 1, 0)
        high, low = states.chunk_bits(categories)
        start, carried = carried_bits(low)
        lower = bits & ((1 << low) - 1)
        first = ((lower & ((1 << carried) - 1)) << start).sum(axis=0)
        dc_relative = self._quantizer.relative(tile)[:COLOURS].reshape(COLOURS, 4, lanes)
        mode_rows = [
            tables.mode_rows(merged, None if before < 0 else modes[before])
            for before in MODE_BEFORE
        ]
        indices = np.concatenate(
            [
                tables.firsts[tables.chunk_class + 1] + merged[None],
                tables.firsts[tables.mode_class + np.stack(mode_rows)] + modes,
                tables.firsts[self._category_distributions(dc_relative, merged)] + categories,
                tables.firsts[tables.chunk_class + high] + (bits >> low),
                tables.firsts[tables.chunk_class + low - carried] + (lower >> carried),
                self._ac_indices(tile).reshape(4 * AC, lanes),
            ]
        )
        return rans.encode(tables, indices, np.asarray(rans.LOW + first, np.int32))

    def _category_distributions(self, relative: Ints, merged: Ints) -> Ints:
        """Distribution of each DC residual's category, (12, lanes).

        Args:
            relative: Relative indices, int32 (3, 4, lanes).
            merged: int32 (lanes,).
        """
        tables = self.tables
        distributions = self._category_class[relative]
        # Anchors are predicted from farther away than other blocks.
        farther = distributions[:, 0] + 1 + merged
        distributions[:, 0] = np.minimum(farther, self._category_class[-1])
        distributions += tables.category_class
        return distributions.reshape(4 * COLOURS, -1)


def carried_bits(low: Ints) -> tuple[Ints, Ints]:
    """Which bits of DC residuals travel in the first states of the lanes, which hold 15 bits.

    Args:
        low: Bits of the lower chunks, int32 (12, lanes).

    Returns:
        Of each chunk, where its lowest bits are in the state, and how many are there.
    """
    start = np.minimum(np.cumsum(low, axis=0) - low, rans.CARRIED_BITS)
    return start, np.minimum(low, rans.CARRIED_BITS - start)


def _filled(words: Ints, count: int) -> Ints:
    """The words, and zeros after them if there are fewer than `count`."""
    return np.pad(words, (0, max(0, count - len(words))))
