"""Reference encoder and decoder of the `clear` codec, one tile at a time, in NumPy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from training.clear import lattice, layout, rans, trellis
from training.clear.layout import (
    COEFFICIENTS,
    COLOURS,
    HEADER_WORDS,
    Floats,
    Ints,
    Pictures,
)
from training.clear.tables import (
    CATEGORIES,
    CHUNK_BITS,
    CLASSES,
    HIGHEST_SCALE,
    LOWEST_SCALE,
    OWN_LEAST,
    OWN_UNIT,
    OWN_WORDS,
    RELATIVE_OFFSET,
    SHAPES,
    TAIL_REACH,
    Tables,
    core,
    own_spectrum,
    relative_category_class,
    relative_class,
    tail_symbols,
)

AC = COEFFICIENTS - COLOURS
CORES = np.array([core(c) for c in range(CLASSES)], np.int32)


@dataclass(frozen=True, eq=False)
class Code:
    """A secret in symbols. The last axes are always (4 blocks, quad rows, quad columns).

    Attributes:
        rung: Operating point.
        own: The tile's own spectrum, int32 (192,), if it has one.
        modes: int32 (4, rows, columns).
        dc: int32 (3, 4, rows, columns), in steps; those of luma are not negative.
        ac: Signed symbols, int32 (189, 4, rows, columns).
    """

    rung: int
    own: Ints | None
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
        own = words >= OWN_LEAST
        low, high = 0, layout.RUNGS - 1
        while low < high:
            middle = (low + high) // 2
            if self.payload(self.quantise(x, middle, own)) <= capacity:
                high = middle
            else:
                low = middle + 1
        # Rates do not fall at every single rung: what is taken must be seen to fit.
        while True:
            code = self.quantise(x, low, own)
            if self.payload(code) <= capacity or low == layout.RUNGS - 1:
                return code
            low += 1

    def quantise(self, x: Floats, rung: int, own: bool) -> Code:
        """The code of coefficients, (192, 4, rows, columns), at an operating point.

        Args:
            x: The coefficients.
            rung: The operating point.
            own: Whether there are modes of the tile's own.
        """
        tables, step = self.tables, self._steps[rung]
        spectrum = None
        if own:
            exact = layout.dc_residuals(x[:COLOURS])
            exact[:, 0] *= np.float32(0.5)
            exact[:, 0, 0, 0] = 0
            features = np.concatenate([exact, x[COLOURS:]])
            spectrum = own_spectrum(np.abs(features).reshape(COEFFICIENTS, -1).mean(axis=1))
        dc = np.floor(x[:COLOURS] / step + np.float32(0.5)).astype(np.int32)
        residuals = np.abs(layout.dc_residuals(dc)).astype(np.float32)
        residuals[:, 0] *= np.float32(0.5)
        magnitudes = np.abs(x[COLOURS:]) / step
        rough = np.concatenate([residuals, np.floor(magnitudes + np.float32(0.46))])
        modes = self._modes(rough, rung, spectrum)
        code = Code(rung, spectrum, modes, dc, np.zeros(x[COLOURS:].shape, np.int32))
        relative = self._relative(code)[COLOURS:]
        multiple = self._multiple[relative]
        shapes = np.broadcast_to(tables.shape_of_mode[modes], relative.shape)
        lanes = (4 * AC, -1)
        symbols, _ = quantise(
            tables.costs,
            shapes.reshape(lanes),
            self._class[relative].reshape(lanes),
            (magnitudes / multiple).reshape(lanes),
            multiple.reshape(lanes),
        )
        # Zero needs a sign as well, as its level may be another.
        signs = np.where(x[COLOURS:] < 0, -1, 1).astype(np.int32)
        return replace(code, ac=symbols.reshape(signs.shape) * signs)

    def _relative(self, code: Code) -> Ints:
        """Relative indices of all coefficients' scales, (192, 4, rows, columns)."""
        scales = self.tables.scales
        if code.own is not None:
            scales = self.tables.all_scales(code.own)
        return scales[:, code.modes].astype(np.int32) - code.rung + RELATIVE_OFFSET

    def _modes(self, quantised: Floats, rung: int, own: Ints | None) -> Ints:
        """The mode of each block that costs the fewest bits, about; (4, rows, columns)."""
        tables = self.tables
        scales = tables.scales if own is None else tables.all_scales(own)
        shapes = tables.shape_of_mode[: scales.shape[1]]
        score = tables.score[shapes, self._class[scales - rung + RELATIVE_OFFSET]]
        flat = quantised.reshape(COEFFICIENTS, -1)
        bits = score[..., 2].T @ flat + score[..., 1].T @ np.minimum(flat, 1.0)
        bits += score[..., 0].sum(axis=0)[:, None]
        bits += tables.bits[tables.firsts[tables.mode_class] :][: scales.shape[1], None]
        return bits.argmin(axis=0).reshape(quantised.shape[1:]).astype(np.int32)

    def dequantise(self, code: Code) -> Floats:
        """The coefficients of a code, (192, 4, rows, columns)."""
        tables, step = self.tables, self._steps[code.rung]
        steps = self._multiple[self._relative(code)[COLOURS:]] * step
        ac = tables.values[self._ac_indices(code)] * steps
        dc = code.dc.astype(np.float32) * step
        return np.concatenate([dc, ac])

    def reconstruct(self, code: Code, height: int, width: int) -> Pictures:
        """The picture of a code."""
        return layout.inverse(self.dequantise(code), height, width)

    # -- from symbols to words, and back: integers only --

    def _ac_indices(self, code: Code) -> Ints:
        """Symbol indices of AC, like `code.ac`."""
        shapes, classes = (
            self.tables.shape_of_mode[code.modes],
            self._class[self._relative(code)[COLOURS:]],
        )
        parity = np.where(np.abs(code.ac) <= CORES[classes], code.ac & 1, 0)
        quantiser = trellis.quantisers(parity.reshape(4 * AC, -1)).reshape(parity.shape)
        return self.tables.ac_centres[quantiser, shapes, classes] + code.ac

    def payload(self, code: Code) -> int:
        """Words that a code takes, without header."""
        state, stream = self._coded(code)
        return 2 * len(state) + len(stream) + (OWN_WORDS if code.own is not None else 0)

    def encode(self, code: Code, user: bytes, words: int) -> Ints:
        """All words of a tile, int32 (words,): header, the lanes' states, the stream, zeros."""
        state, stream = self._coded(code)
        made = np.zeros(words, np.int32)
        made[0] = code.rung
        made[2:HEADER_WORDS] = np.frombuffer(user, ">u2", (HEADER_WORDS - 2))
        own = np.zeros(0, np.int32)
        if code.own is not None:
            own = (code.own - LOWEST_SCALE) // OWN_UNIT
            own = own[::2] << 8 | own[1::2]
        body = np.concatenate([own, state >> 16, state & 0xFFFF, stream])
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
        body, own = words[HEADER_WORDS:], None
        scales = tables.scales
        if len(words) >= OWN_LEAST:
            own = np.stack([body[:OWN_WORDS] >> 8, body[:OWN_WORDS] & 255], axis=1).ravel()
            own = np.minimum(own * OWN_UNIT + LOWEST_SCALE, HIGHEST_SCALE)
            scales, body = tables.all_scales(own), body[OWN_WORDS:]
        state = (body[:lanes] & 0x7FFF) << 16 | body[lanes : 2 * lanes]
        decoder = rans.Decoder(tables, state, body[2 * lanes :])

        def take(distributions: Ints) -> Ints:
            return tables.symbols[np.stack([decoder.step(row) for row in distributions])]

        modes = take(np.full((4, lanes), tables.mode_class))
        # A damaged stream may name own modes where there are none.
        modes = np.minimum(modes, scales.shape[1] - 1)
        relative = scales[:, modes].astype(np.int32) - rung + RELATIVE_OFFSET
        categories = take(self._category_distributions(relative[:COLOURS]))
        high, low = self._chunk_bits(categories)
        high = take(tables.chunk_class + high)
        residual = (high << np.minimum(categories, CHUNK_BITS)) + take(tables.chunk_class + low)
        half = (1 << categories) >> 1
        residual = np.where(residual >= half, residual, residual + 1 - (1 << categories))
        classes = tables.shape_of_mode[modes] * CLASSES + self._class[relative[COLOURS:]]
        classes = classes.reshape(4 * AC, lanes)
        ac = np.empty_like(classes)
        quantiser, before = np.zeros((2, lanes), np.int32)
        for i, row in enumerate(classes):
            index = decoder.step(row + SHAPES * CLASSES * quantiser)
            ac[i] = tables.symbols[index]
            quantiser, before = before ^ tables.parities[index], quantiser
        luma = (decoder.state - rans.LOW).astype(np.int32).reshape(rows, columns)
        places = (4, *luma.shape)
        dc = layout.dc_values(residual.reshape(COLOURS, *places), luma)
        code = Code(rung, own, modes.reshape(places), dc, ac.reshape(AC, *places))
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
        dc_relative = self._relative(code)[:COLOURS].reshape(COLOURS, 4, lanes)
        indices = np.concatenate(
            [
                tables.firsts[tables.mode_class] + modes,
                tables.firsts[self._category_distributions(dc_relative)] + categories,
                tables.firsts[tables.chunk_class + high] + (bits >> low),
                tables.firsts[tables.chunk_class + low] + (bits & ((1 << low) - 1)),
                self._ac_indices(code).reshape(4 * AC, lanes),
            ]
        )
        return rans.encode(tables, indices, rans.LOW + code.dc[0, 0].ravel())

    def _category_distributions(self, relative: Ints) -> Ints:
        """Distribution of each DC residual's category, (12, lanes), of indices (3, 4, lanes)."""
        tables = self.tables
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


def quantise(
    costs: Floats, shapes: Ints, classes: Ints, magnitudes: Floats, multiple: Floats
) -> tuple[Ints, Ints]:
    """AC coefficients' symbols, without their signs, and parities, int32 (steps, lanes).

    Args:
        costs: `Tables.costs`.
        shapes: Of the distributions, (steps, lanes).
        classes: AC classes, likewise.
        magnitudes: In steps of their classes, likewise.
        multiple: What those are of the common step, likewise.
    """
    cores = CORES[classes].astype(np.float32)
    found = costs[shapes, classes, trellis.cells(magnitudes)] * (multiple**2)[..., None, None]
    # Of the tail's symbols, all of which are even, there is no choice.
    found[magnitudes >= cores - trellis.NEAR_TAIL] = [[0, 0], [trellis.NEVER] * 2]
    parities = trellis.cheapest_path(found.transpose(0, 3, 2, 1))
    level = trellis.levels(magnitudes, trellis.quantisers(parities), parities)
    inner = np.minimum(level, cores).astype(np.int32)
    beyond = np.minimum(level - inner, TAIL_REACH).astype(np.int32)
    return np.where(classes > 0, inner + tail_symbols()[beyond], 0), parities


def embed(cover: Pictures, words: Ints, pad: Pictures, bits: int) -> Pictures:
    """The container: the pixels nearest to the cover's that carry the words, under the pad."""
    symbols = layout.symbols_of_words(words, cover.size, bits).reshape(cover.shape)
    return lattice.embed(cover, (symbols ^ pad) & ((1 << bits) - 1), bits)


def extract(container: Pictures, pad: Pictures, bits: int) -> Ints:
    """The words that `embed` wrote."""
    symbols = (lattice.extract(container, bits) ^ pad) & ((1 << bits) - 1)
    return layout.words_of_symbols(symbols.ravel(), bits)
