"""Reference encoder and decoder of the `clear` codec, one tile at a time, in NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.clear import lattice, layout, rans
from training.clear.layout import COEFFICIENTS, COLOURS, HEADER_WORDS, Floats, Ints, Pictures
from training.clear.tables import (
    CATEGORIES,
    CHUNK_BITS,
    RELATIVE_OFFSET,
    TAIL_REACH,
    Tables,
    relative_category_class,
    relative_class,
    tail_symbols,
)

AC = COEFFICIENTS - COLOURS


@dataclass(frozen=True, eq=False)
class Code:
    """A secret in symbols. The last axes are always (4 blocks, quad rows, quad columns).

    Attributes:
        rung: Operating point.
        modes: int32 (4, rows, columns).
        dc: int32 (3, 4, rows, columns), in steps; those of luma are not negative.
        ac: Signed symbols, int32 (189, 4, rows, columns).
    """

    rung: int
    modes: Ints
    dc: Ints
    ac: Ints


class Codec:
    """The codec with one set of fitted tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._steps = layout.step_sizes()
        self._class, self._multiple = relative_class()
        self._category_class = relative_category_class()
        self._tail = tail_symbols()

    # -- from a picture to symbols, and back: the only places with floats --

    def choose(self, secret: Pictures, words: int) -> Code:
        """The code of the finest operating point that fits.

        Args:
            secret: uint8 (height, width, 3).
            words: 16-bit words that there are for it, header included.
        """
        x = layout.transform(secret)
        capacity = words - HEADER_WORDS
        low, high = 0, layout.RUNGS - 1
        while low < high:
            middle = (low + high) // 2
            if self.payload(self.quantise(x, middle)) <= capacity:
                high = middle
            else:
                low = middle + 1
        # Rates do not fall at every single rung: what is taken must be seen to fit.
        while True:
            code = self.quantise(x, low)
            if self.payload(code) <= capacity or low == layout.RUNGS - 1:
                return code
            low += 1

    def quantise(self, x: Floats, rung: int) -> Code:
        """The code of coefficients, (192, 4, rows, columns), at an operating point."""
        tables, step = self.tables, self._steps[rung]
        dc = np.floor(x[:COLOURS] / step + np.float32(0.5)).astype(np.int32)
        residuals = np.abs(layout.dc_residuals(dc)).astype(np.float32)
        residuals[:, 0] *= np.float32(0.5)
        magnitudes = np.abs(x[COLOURS:]) / step
        rough = np.concatenate([residuals, np.floor(magnitudes + np.float32(0.46))])
        modes = self._modes(rough, rung)
        relative = tables.scales[COLOURS:, modes] - rung + RELATIVE_OFFSET
        classes = self._class[relative]
        q = np.floor(magnitudes / self._multiple[relative] + tables.rounding[classes])
        cores = tables.cores[classes]
        beyond = np.clip(q - cores, 0, TAIL_REACH).astype(np.int32)
        symbols = np.minimum(q, cores).astype(np.int32)
        symbols += np.where(classes > 0, self._tail[beyond], 0)
        return Code(rung, modes, dc, symbols * np.sign(x[COLOURS:]).astype(np.int32))

    def _modes(self, quantised: Floats, rung: int) -> Ints:
        """The mode of each block that costs the fewest bits, about; (4, rows, columns)."""
        tables = self.tables
        score = tables.score[self._class[tables.scales - rung + RELATIVE_OFFSET]]
        flat = quantised.reshape(COEFFICIENTS, -1)
        bits = score[..., 2].T @ flat + score[..., 1].T @ np.minimum(flat, 1.0)
        bits += score[..., 0].sum(axis=0)[:, None]
        bits += tables.bits[tables.firsts[tables.mode_class] :, None]
        return bits.argmin(axis=0).reshape(quantised.shape[1:]).astype(np.int32)

    def reconstruct(self, code: Code, height: int, width: int) -> Pictures:
        """The picture of a code."""
        tables, step = self.tables, self._steps[code.rung]
        relative = tables.scales[COLOURS:, code.modes] - code.rung + RELATIVE_OFFSET
        index = tables.ac_centres[self._class[relative]] + code.ac
        ac = tables.values[index] * self._multiple[relative] * step
        return layout.inverse(
            np.concatenate([code.dc.astype(np.float32) * step, ac]), height, width
        )

    # -- from symbols to words, and back: integers only --

    def payload(self, code: Code) -> int:
        """Words that a code takes, without header."""
        state, stream = self._coded(code)
        return 2 * len(state) + len(stream)

    def encode(self, code: Code, user: bytes, words: int) -> Ints:
        """All words of a tile, int32 (words,): header, the lanes' states, the stream, zeros."""
        state, stream = self._coded(code)
        made = np.zeros(words, np.int32)
        made[0] = code.rung
        made[2:HEADER_WORDS] = np.frombuffer(user, ">u2", (HEADER_WORDS - 2))
        body = np.concatenate([state >> 16, state & 0xFFFF, stream])
        if HEADER_WORDS + len(body) > words:
            raise ValueError(f"{len(body)} words of code do not fit {words - HEADER_WORDS}")
        made[HEADER_WORDS : HEADER_WORDS + len(body)] = body
        made[1] = layout.checksum(made)
        return made

    def decode(self, words: Ints, height: int, width: int) -> tuple[Code, bytes, bool]:
        """A tile's code, the user's part of its header, and whether the checksum is right."""
        tables = self.tables
        rows, columns = layout.quads_of(height, width)
        lanes = rows * columns
        rung = int(words[0]) & (layout.RUNGS - 1)
        intact = layout.checksum(words) == words[1]
        body = words[HEADER_WORDS:]
        state = (body[:lanes] & 0x7FFF) << 16 | body[lanes : 2 * lanes]
        decoder = rans.Decoder(tables, state, body[2 * lanes :])

        def take(distributions: Ints) -> Ints:
            return tables.symbols[np.stack([decoder.step(row) for row in distributions])]

        modes = take(np.full((4, lanes), tables.mode_class))
        categories = take(self._category_distributions(modes, rung))
        high, low = self._chunk_bits(categories)
        high = take(tables.chunk_class + high)
        residual = (high << np.minimum(categories, CHUNK_BITS)) + take(tables.chunk_class + low)
        half = (1 << categories) >> 1
        residual = np.where(residual >= half, residual, residual + 1 - (1 << categories))
        relative = tables.scales[COLOURS:][:, modes] - rung + RELATIVE_OFFSET
        ac = take(self._class[relative].reshape(4 * AC, lanes))
        luma = (decoder.state - rans.LOW).astype(np.int32).reshape(rows, columns)
        shape = (4, rows, columns)
        dc = layout.dc_values(residual.reshape(COLOURS, *shape), luma)
        code = Code(rung, modes.reshape(shape), dc, ac.reshape(AC, *shape))
        return code, words[2:HEADER_WORDS].astype(">u2").tobytes(), bool(intact)

    def _coded(self, code: Code) -> tuple[Ints, Ints]:
        tables = self.tables
        modes = code.modes.reshape(4, -1)
        lanes = modes.shape[1]
        residual = layout.dc_residuals(code.dc)
        residual[0, 0] = 0  # the luma anchors travel in the lanes' first states
        residual = residual.reshape(4 * COLOURS, lanes)
        categories = (np.abs(residual)[..., None] >= 1 << np.arange(CATEGORIES - 1)).sum(axis=-1)
        bits = residual + np.where(residual < 0, (1 << categories) - 1, 0)
        high, low = self._chunk_bits(categories)
        relative = tables.scales[COLOURS:][:, modes] - code.rung + RELATIVE_OFFSET
        centres = tables.ac_centres[self._class[relative]].reshape(4 * AC, lanes)
        indices = np.concatenate(
            [
                tables.firsts[tables.mode_class] + modes,
                tables.firsts[self._category_distributions(modes, code.rung)] + categories,
                tables.firsts[tables.chunk_class + high] + (bits >> low),
                tables.firsts[tables.chunk_class + low] + (bits & ((1 << low) - 1)),
                centres + code.ac.reshape(4 * AC, lanes),
            ]
        )
        return rans.encode(tables, indices, rans.LOW + code.dc[0, 0].ravel())

    def _category_distributions(self, modes: Ints, rung: int) -> Ints:
        """Distribution of each DC residual's category, (12, lanes); modes are (4, lanes)."""
        tables = self.tables
        relative = tables.scales[:COLOURS][:, modes] - rung + RELATIVE_OFFSET
        found = self._category_class[relative]
        # Anchors are predicted from twice as far.
        found[:, 0] = np.minimum(found[:, 0] + 1, self._category_class[-1])
        found += tables.category_class
        found[0, 0] = tables.chunk_class  # of no bits: always zero
        return found.reshape(4 * COLOURS, -1)

    @staticmethod
    def _chunk_bits(categories: Ints) -> tuple[Ints, Ints]:
        """How a residual's bits are split into two symbols: those of the upper, of the lower."""
        low = np.minimum(categories, CHUNK_BITS)
        return categories - low, low


def embed(cover: Pictures, words: Ints, pad: Pictures, bits: int) -> Pictures:
    """The container: the pixels nearest to the cover's that carry the words, under the pad."""
    symbols = layout.symbols_of_words(words, cover.size, bits).reshape(cover.shape)
    return lattice.embed(cover, (symbols ^ pad) & ((1 << bits) - 1), bits)


def extract(container: Pictures, pad: Pictures, bits: int) -> Ints:
    """The words that `embed` wrote."""
    symbols = (lattice.extract(container, bits) ^ pad) & ((1 << bits) - 1)
    return layout.words_of_symbols(symbols.ravel(), bits)
