"""Reference encoder and decoder of the learned code, one tile at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codec import blocks, rans, trellis
from codec.blocks import COLOURS, Floats, Ints, Pictures
from codec.classes import CATEGORIES, CHUNK_BITS, CLASSES, CORES
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
from codec.tables import SHAPES, Tables


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
        """The coefficients of a coded tile, float32 (192, 4, rows, columns)."""
        steps = self._multiple[self._quantizer.relative(tile)[COLOURS:]] * tile.step
        ac = self.tables.values[self._ac_indices(tile)] * steps
        dc = tile.dc.astype(np.float32) * tile.step
        return np.concatenate([dc, ac])

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
        """The words of a coded tile: adaptive scales, states of the lanes, stream; int32 (n,)."""
        state, stream = self._entropy_coded(tile)
        adaptive = np.zeros(0, np.int32)
        if tile.adaptive is not None:
            units = (tile.adaptive - LOWEST_SCALE) // ADAPTIVE_UNIT
            adaptive = units[::2] << 8 | units[1::2]
        return np.concatenate([adaptive, state >> 16, state & 0xFFFF, stream])

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
        body = _filled(body, 2 * lanes)
        state = (body[:lanes] & 0x7FFF) << 16 | body[lanes : 2 * lanes]
        decoder = rans.Decoder(tables, state, body[2 * lanes :])

        def take(distributions: Ints) -> Ints:
            return tables.symbols[np.stack([decoder.step(row) for row in distributions])]

        modes = take(np.full((4, lanes), tables.mode_class))
        # A damaged stream may name adaptive modes where there are none.
        modes = np.minimum(modes, scales.shape[1] - 1)
        relative = scales[:, modes] - qindex + RELATIVE_OFFSET
        categories = take(self._category_distributions(relative[:COLOURS]))
        high, low = _chunk_bits(categories)
        high = take(tables.chunk_class + high)
        residual = (high << np.minimum(categories, CHUNK_BITS)) + take(tables.chunk_class + low)
        half = (1 << categories) >> 1
        residual = np.where(residual >= half, residual, residual + 1 - (1 << categories))
        classes = tables.shape_of_mode[modes] * CLASSES + self._class[relative[COLOURS:]]
        classes = classes.reshape(4 * AC, lanes)
        ac = np.empty_like(classes)
        quantizer, before = np.zeros((2, lanes), np.int32)
        for i, row in enumerate(classes):
            index = decoder.step(row + SHAPES * CLASSES * quantizer)
            ac[i] = tables.symbols[index]
            quantizer, before = before ^ tables.parities[index], quantizer
        luma = (decoder.state - rans.LOW).astype(np.int32).reshape(rows, columns)
        places = (4, *luma.shape)
        dc = blocks.dc_values(residual.reshape(COLOURS, *places), luma)
        return CodedTile(qindex, of_tile, modes.reshape(places), dc, ac.reshape(AC, *places))

    def _ac_indices(self, tile: CodedTile) -> Ints:
        """Symbol indices of AC, int32 like `tile.ac`."""
        shapes = self.tables.shape_of_mode[tile.modes]
        classes = self._class[self._quantizer.relative(tile)[COLOURS:]]
        parity = np.where(np.abs(tile.ac) <= CORES[classes], tile.ac & 1, 0)
        quantizer = trellis.quantizers(parity.reshape(4 * AC, -1)).reshape(parity.shape)
        return self.tables.ac_centres[quantizer, shapes, classes] + tile.ac

    def _entropy_coded(self, tile: CodedTile) -> tuple[Ints, Ints]:
        tables = self.tables
        modes = tile.modes.reshape(4, -1)
        lanes = modes.shape[1]
        residual = blocks.dc_residuals(tile.dc)
        residual[0, 0] = 0  # the luma anchors travel in the first states of the lanes
        residual = residual.reshape(4 * COLOURS, lanes)
        categories = (np.abs(residual)[..., None] >= 1 << np.arange(CATEGORIES - 1)).sum(axis=-1)
        bits = residual + np.where(residual < 0, (1 << categories) - 1, 0)
        high, low = _chunk_bits(categories)
        dc_relative = self._quantizer.relative(tile)[:COLOURS].reshape(COLOURS, 4, lanes)
        indices = np.concatenate(
            [
                tables.firsts[tables.mode_class] + modes,
                tables.firsts[self._category_distributions(dc_relative)] + categories,
                tables.firsts[tables.chunk_class + high] + (bits >> low),
                tables.firsts[tables.chunk_class + low] + (bits & ((1 << low) - 1)),
                self._ac_indices(tile).reshape(4 * AC, lanes),
            ]
        )
        return rans.encode(tables, indices, rans.LOW + tile.dc[0, 0].ravel())

    def _category_distributions(self, relative: Ints) -> Ints:
        """Distribution of each DC residual's category, (12, lanes), from (3, 4, lanes) indices."""
        tables = self.tables
        distributions = self._category_class[relative]
        # Anchors are predicted from twice as far as the other blocks.
        distributions[:, 0] = np.minimum(distributions[:, 0] + 1, self._category_class[-1])
        distributions += tables.category_class
        distributions[0, 0] = tables.chunk_class  # of no bits: always zero
        return distributions.reshape(4 * COLOURS, -1)


def _chunk_bits(categories: Ints) -> tuple[Ints, Ints]:
    """Bits of the upper and of the lower chunk of residuals of these categories."""
    low = np.minimum(categories, CHUNK_BITS)
    return categories - low, low


def _filled(words: Ints, count: int) -> Ints:
    """The words, and zeros after them if there are fewer than `count`."""
    return np.pad(words, (0, max(0, count - len(words))))
