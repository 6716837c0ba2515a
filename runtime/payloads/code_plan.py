"""How a secret is coded to fill a budget: its size, its quantizer index, and the price of bits.

The estimate graph says what tiles would take and lose. First, few samples of some tiles at many
quantizer indices; then, at one index, nearly exact bits of every tile.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from runtime.errors import PictureError
from runtime.images.grid import tiles_of
from runtime.images.image import Picture
from runtime.images.resize import resize_to
from runtime.payloads.code_bytes import (
    ADAPTIVE_WORDS,
    QINDICES,
    WORD,
    header_size,
    lanes_of,
    least_words,
)
from runtime.payloads.code_curve import (
    GRID,
    LARGE,
    LARGE_PIECES,
    PIECES,
    Curve,
    Graph,
    curve_of,
    estimated,
    mosaic,
)

PRICE = 0.1
"""Squared error, in squared steps, that one bit is worth, unless the budget asks for another."""

# Prices that are still near the best trade of bits for error.
_LEAST_PRICE, _MOST_PRICE = 0.05, 0.22
# Bits b of a sample fall with the price as its power of -min(_ELASTIC, _STIFF / b).
_ELASTIC, _STIFF = 0.11, 0.16
# Smaller pictures share runs with others, which must have one price.
_PRICED_PIXELS = 512 * 512 // 2
# Bits of each macroblock that nearly exact estimates are off by at most, nearly always: before any
# tile is coded, and once some are. Coding again takes longer than all estimates.
_MARGIN, _LATER_MARGIN = 6.0, 4.0
# If they were coded before.
_KNOWN_MARGIN = 1.5
# Less of the budget is not enough: all is coded again, once. A step of the index is worth about one
# of so many parts of the bits.
_FULL, _INDICES = 0.98, 48
# An index that is more than so far off has to be corrected again, but not endlessly.
_FAR, _MOST_CORRECTIONS = 9, 3
# Choices for a finer quantizer take more bits, by so much for each index.
_STALE = 0.0015
# Tiles that are reduced to see how much is lost.
_REDUCED_TILES = 4
# Fewer words of a tile are not worth its adaptive scales, and so many always are.
_ADAPTIVE_LEAST, _ADAPTIVE_SURE = 16 * ADAPTIVE_WORDS, 256 * ADAPTIVE_WORDS
# Below so many bits per sample, a smaller secret may be revealed better.
_DENSE = 0.15
# Sizes that are tried: each has half the pixels of the one two before.
_SCALES: list[float] = [2.0 ** (-step / 4) for step in range(25)]
# Decibels by which the trellis does better than estimated at one bit per sample, and the power of
# the bits with which that falls; and the most.
_GAINED, _FALLING, _MOST_GAINED = 0.3, -0.4, 0.8
# What stretching makes of each squared error of a coded picture, together with what is lost by
# reducing it.
_STRETCHED = 1.2


class Plan:
    """How one secret is being coded.

    Args:
        coded: What is cut into tiles, uint8 (height, width, 3).
        own_size: Height and width of the secret.
        budget: Most bytes of the code.
        adaptive: Whether tiles have adaptive scales.
        curve: Estimated from few samples.
        reduction_error: Squared error of stretching the coded picture to the secret's size.

    Attributes:
        tiles: Of the coded picture.
        qindex: Of all tiles.
        exact: Bits and squared error of each tile at `qindex`, to be filled in before `correct`.
        choices: What the estimate graph chose for each tile, to be filled in before `correct`.

    Raises:
        PictureError: The budget is too small for any code.
    """

    def __init__(
        self,
        coded: Picture,
        own_size: tuple[int, int],
        budget: int,
        adaptive: bool,
        curve: Curve,
        reduction_error: float,
    ) -> None:
        self._coded, self.own_size, self.adaptive = coded, own_size, adaptive
        self.coded_size = coded.shape[0], coded.shape[1]
        self.tiles = tiles_of(*self.coded_size)
        self._lanes = [lanes_of(*tile.shape) for tile in self.tiles]
        self._budget = budget
        self._bits = 8.0 * WORD * ((budget - header_size(len(self.tiles))) // WORD)
        if self._bits <= 0:
            raise self._too_small(8.0 * WORD * least_words(self._lanes))
        self._curve, self._reduction_error = curve, reduction_error
        self._priced = coded.shape[0] * coded.shape[1] >= _PRICED_PIXELS
        self.qindex = round(curve.qindex_for(self._bits))
        self.exact = np.zeros((len(self.tiles), 2))
        self.choices: dict[int, NDArray[np.uint8]] = {}
        self._expected = np.zeros(len(self.tiles))
        self._taken: dict[int, float] = {}
        self._forecast: dict[int, float] = {}
        self._last_round: list[int] = []
        self._known = False
        self._corrections = 0

    def tile(self, number: int) -> Picture:
        """A tile, uint8 (height, width, 3)."""
        tile = self.tiles[number]
        return self._coded[tile.rows, tile.columns]

    def correct(self) -> bool:
        """Chooses the index again, once `exact` is known.

        Returns:
            Whether `exact` has to be found again, as the index was far off.
        """
        curve, at = self._curve, self.qindex
        bits, error = self.exact.sum(axis=0)
        scale = bits / curve.bits_at(at), error / curve.error_at(at)
        self._curve = curve = Curve(curve.bits * scale[0], curve.error * scale[1])
        usable = self._bits - _MARGIN * sum(self._lanes) / math.sqrt(len(self._lanes))
        qindex = curve.qindex_for(max(usable, 1.0))
        self._move(int(qindex + 0.5) if self._priced else math.ceil(qindex - 1e-6))
        self._corrections += 1
        return abs(self.qindex - at) > _FAR and self._corrections < _MOST_CORRECTIONS

    def expected_size(self) -> int:
        """Bytes of the code that are expected."""
        bits = min(float(self._expected.sum()), self._bits)
        return header_size(len(self.tiles)) + WORD * math.ceil(bits / 8 / WORD)

    def psnr(self) -> float:
        """What the revealed secret is expected to have, in dB."""
        samples = 3.0 * self.own_size[0] * self.own_size[1]
        error = self._curve.error_at(self.qindex)
        if self.coded_size != self.own_size:
            error *= _STRETCHED * samples / self._coded.size
        gained = _GAINED * (self._bits / self._coded.size) ** _FALLING
        error *= 10.0 ** (-min(gained, _MOST_GAINED) / 10)
        return _psnr((error + self._reduction_error) / samples)

    def next_round(self, side_by_side: int) -> list[int]:
        """Tiles to be coded next, all at the same price; none if all are."""
        # In an order that takes some from everywhere.
        order = sorted(range(len(self.tiles)), key=lambda n: n * 0.6180339887 % 1.0)
        left = [number for number in order if number not in self._taken]
        if self._priced:
            left = left[: max(side_by_side, len(left) // 2 // side_by_side * side_by_side)]
        self._last_round = left
        return left

    def price(self) -> float:
        """The price at which what is left to be coded is expected to fill what is left."""
        return min(max(self._wanted_price(), _LEAST_PRICE), _MOST_PRICE)

    def add(self, number: int, words: int, price: float) -> None:
        """Notes what a tile took at a price."""
        self._taken[number] = 8.0 * WORD * words
        self._forecast[number] = self._expected[number] * (price / PRICE) ** -self._elasticity()

    def repeat_if_off(self) -> None:
        """If all tiles are coded, and took too much, makes some of them be coded again.

        Once, also if they took much too little.

        Raises:
            PictureError: They take too much even with the coarsest quantizer.
        """
        if len(self._taken) < len(self.tiles):
            return
        total = sum(self._taken.values())
        over = total > self._bits
        if not over and (self._known or total > _FULL * self._bits or self.qindex == 0):
            return
        self._known = True
        for number, taken in self._taken.items():
            self._expected[number] *= taken / self._forecast[number]
            self._forecast[number] = taken
        again = dict.fromkeys(self._last_round)
        coded = {number: bits for number, bits in self._taken.items() if number not in again}
        self._taken, every = coded, self._taken
        wanted = self._wanted_price()
        if over and (not self._priced or wanted > _MOST_PRICE):
            if self.qindex == QINDICES - 1:
                raise self._too_small(total)
            self._taken = {}
            self._move(self.qindex + 1 + int(_INDICES * (total - self._bits) / total))
        elif not over and (not self._priced or (wanted < _LEAST_PRICE and not coded)):
            lower = int(_INDICES * (_FULL * self._bits - total) / total)
            self._taken = {} if lower else every
            self._move(max(self.qindex - lower, 0))

    def _move(self, qindex: int) -> None:
        """Changes the index of all tiles."""
        before, self.qindex = self.qindex, min(qindex, QINDICES - 1)
        known = self._expected if self._taken or self._known else self.exact[:, 0]
        change = self._curve.bits_at(self.qindex) / self._curve.bits_at(before)
        self._expected = known * (change * (1.0 + _STALE * (self.qindex - before)))

    def _wanted_price(self) -> float:
        if not self._priced:
            return PRICE
        left = [number for number in range(len(self.tiles)) if number not in self._taken]
        taken = sum(self._taken.values())
        forecast = float(self._expected[left].sum())
        margin = _MARGIN
        if self._taken:
            forecast *= taken / sum(self._forecast[number] for number in self._taken)
            margin = _LATER_MARGIN
        if self._known:
            margin = _KNOWN_MARGIN
        margin *= sum(self._lanes[number] for number in left) / math.sqrt(max(len(left), 1))
        room = self._bits - taken - margin
        return float(PRICE * (max(room, 1.0) / max(forecast, 1.0)) ** (-1 / self._elasticity()))

    def _elasticity(self) -> float:
        bits = float(self._expected.sum()) / self._coded.size
        return min(_ELASTIC, _STIFF / max(bits, 1e-3))

    def _too_small(self, bits: float) -> PictureError:
        needed = header_size(len(self.tiles)) + math.ceil(bits / 8)
        return PictureError(
            f"secret needs {needed:,} bytes as code, and there is room for {self._budget:,}"
        )


def make_plan(estimate: Graph, secret: Picture, budget: int) -> Plan:
    """Decides at which size to code a secret, whether with adaptive scales, and about which index.

    Args:
        estimate: The estimate graph.
        secret: uint8 (height, width, 3).
        budget: Most bytes of the code.

    Raises:
        PictureError: The budget is too small for any code.
    """
    size = secret.shape[0], secret.shape[1]
    coded, reduction_error = secret, 0.0
    if 8.0 * budget < _DENSE * secret.size:
        scale, reduction_error = _best_scale(estimate, secret, budget)
        coded = resize_to(secret, *_scaled(size, scale))
    tiles = len(tiles_of(coded.shape[0], coded.shape[1]))
    words = budget / WORD / tiles
    adaptive = words >= _ADAPTIVE_LEAST
    sample = mosaic([coded], LARGE_PIECES if secret.size > 3 * LARGE else PIECES)
    curve = curve_of(estimate, sample, coded.size, adaptive)
    if _ADAPTIVE_LEAST <= words < _ADAPTIVE_SURE:
        near = int(np.abs(GRID - curve.qindex_for(8.0 * budget)).argmin())
        without = estimated(estimate, sample, GRID[near : near + 1], False)[0][0]
        saved = without * coded.size / sample.size - float(curve.bits[near])
        adaptive = saved > 8.0 * WORD * ADAPTIVE_WORDS * tiles
    return Plan(coded, size, budget, adaptive, curve, reduction_error)


def _best_scale(estimate: Graph, secret: Picture, budget: int) -> tuple[float, float]:
    """The scale with about the least error at the secret's own size, and how much reducing adds."""
    tiles = tiles_of(secret.shape[0], secret.shape[1])
    count = min(_REDUCED_TILES, len(tiles))
    some = [tiles[int((number + 0.5) * len(tiles) / count)] for number in range(count)]
    crops = [secret[tile.rows, tile.columns] for tile in some]
    share = secret.size / sum(crop.size for crop in crops)
    best, least, worse = (_SCALES[-1], 0.0), math.inf, 0
    for scale in _SCALES:
        parts = [_reduced(crop, scale) for crop in crops]
        small = [picture for picture, _ in parts]
        samples = share * sum(picture.size for picture in small)
        curve = curve_of(estimate, mosaic(small, PIECES), samples, False)
        qindex = curve.qindex_for(8.0 * budget)
        if curve.bits_at(qindex) > 8.08 * budget:
            continue
        lost = share * sum(error for _, error in parts)
        error = curve.error_at(qindex)
        if scale < 1.0:
            error *= _STRETCHED * secret.size / samples
        if error + lost < least:
            best, least, worse = (scale, lost), error + lost, 0
        else:
            worse += 1
        if worse == 2:
            break
    return best


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """A size, reduced."""
    height, width = (max(1, round(side * scale)) for side in size)
    return height, width


def _reduced(crop: Picture, scale: float) -> tuple[Picture, float]:
    """A tile, reduced, and the squared error of stretching it back."""
    small = resize_to(crop, *_scaled((crop.shape[0], crop.shape[1]), scale))
    back = resize_to(small, crop.shape[0], crop.shape[1]).astype(np.int32)
    return small, float(((back - crop) ** 2).sum())


def _psnr(error: float) -> float:
    """About the PSNR in dB, after rounding to 8 bits, of a mean squared error.

    Errors are taken to be normal, and those below half a level are rounded away.
    """
    if error < 4.0:
        deviation = math.sqrt(2.0 * max(error, 1e-3))
        # The square of a rounded error is a sum of odd numbers: 1, and 3 from 2 on, and so forth.
        error = sum((2 * k + 1) * math.erfc((k + 0.5) / deviation) for k in range(16))
    else:
        error += 1 / 12
    return 10.0 * math.log10(255.0**2 / max(error, 1e-9))
