"""How large each coefficient is likely to be, by what is known of those around it.

Coefficients are coded component by component, and within one by frequency, from low to high. Blocks
of a frequency go in four passes, as on a grid of 2x2: those of later passes have neighbours on all
sides. The expected magnitude is a sum of known magnitudes around with fixed weights, which
`training.jpeg` fits to photographs. All arithmetic is of whole numbers, so that it is the same
everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from runtime.payloads.jpeg.headers import Coefficients, Headers

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

PASSES = ((0, 0), (1, 1), (0, 1), (1, 0))
"""Row and column, modulo 2, of the blocks of each pass."""
KINDS = (0, 1, 2, 2)
"""Which weights each pass has."""
CLASSES = 3
"""Components have a class each."""
SCALE = 1 << 12
"""Weights are whole numbers of 1 / SCALE."""
FINENESS = 1 << 6
"""Expected magnitudes are whole numbers of 1 / FINENESS."""

# Coefficients of a block around one, (row, column) relative to it, those that matter most first.
_AROUND = ((-1, 0), (0, -1), (-1, -1), (-2, 0), (0, -2), (-1, 1), (1, -1), (-1, -2), (-2, -1))
_MOST_OUTSIDE = 4  # of these, in the blocks beside it, too
_OWN = 5  # the features before those
FEATURES = _OWN + len(_AROUND) + _MOST_OUTSIDE
"""How many numbers a weight each is for: the step of quantization, the sum of all magnitudes of the
block so far, that of the same coefficient in blocks nearby that are known, that of the component
before, the difference of mean values across the block along its frequency, then the magnitudes of
coefficients around it in its block, and in the blocks beside it."""


def _zigzag() -> list[tuple[int, int]]:
    places = [(row, column) for row in range(8) for column in range(8)]
    # Along diagonals, in turns upwards and downwards (T.81, figure A.6).
    return sorted(places, key=lambda p: (sum(p), p[0] if sum(p) % 2 else p[1]))


ZIGZAG = _zigzag()


def _around(position: int) -> list[int]:
    """Zigzag positions of known coefficients around one, without the first of the block."""
    row, column = ZIGZAG[position]
    places = [(row + down, column + right) for down, right in _AROUND]
    known = [ZIGZAG.index(place) if place in ZIGZAG else position for place in places]
    return [each for each in known if 0 < each < position]


AROUND = [_around(position) for position in range(64)]
# The last position that looks at each.
_LAST_USE = [max((p for p in range(64) if own in AROUND[p]), default=own) for own in range(64)]


class Coder(Protocol):
    """Writes or reads the coefficients of a pass."""

    def code(self, number: int, expected: Int64, values: Int64 | None) -> Int64:
        """Codes values.

        Args:
            number: Class of the component.
            expected: Magnitudes, times `FINENESS`.
            values: What to write; None where they are read.

        Returns:
            The values.
        """


@dataclass(frozen=True, eq=False)
class Pass:
    """What is known before the coefficients of a pass are.

    Attributes:
        number: Class of the component.
        position: Of the coefficients in zigzag order.
        kind: Which weights the pass has.
        features: int64 (FEATURES, blocks), magnitudes times the steps of their quantization.
        step: Of the quantization of these coefficients.
    """

    number: int
    position: int
    kind: int
    features: Int64
    step: int


class Weights(Protocol):
    """The weights of features."""

    def expected(self, known: Pass) -> Int64:
        """Magnitudes, times `FINENESS`."""


def code_all(
    headers: Headers, coder: Coder, weights: Weights, coefficients: Sequence[Coefficients] | None
) -> Sequence[Coefficients]:
    """Codes all coefficients of a file.

    Args:
        headers: Of the file.
        coder: Writes or reads them.
        weights: Of the features.
        coefficients: Of each component, (rows, columns, 64), to write; None to read.

    Returns:
        The coefficients.
    """
    found: list[Coefficients] = []
    before: _Component | None = None
    for number, c in enumerate(headers.components):
        size = c.rows, c.columns
        if number < 2 or (before is not None and before.size != size):
            before = None
        component = _Component(number, size, c.quantization, before)
        source = None if coefficients is None else np.moveaxis(coefficients[number], 2, 0)
        for position in range(64):
            plane = None if source is None else component.plane(source, position)
            for known, place in component.passes(position):
                values = None if plane is None else plane[place].ravel().astype(np.int64)
                coded = coder.code(known.number, weights.expected(known), values)
                component.put(position, place, coded)
            component.finish(position)
        before = component
        if coefficients is None:
            found.append(np.ascontiguousarray(np.moveaxis(component.values, 0, 2)))
    return found if coefficients is None else coefficients


_Place = tuple[slice, slice]


class _Component:
    """The known coefficients of a component."""

    def __init__(
        self, number: int, size: tuple[int, int], steps: Int64, before: _Component | None
    ) -> None:
        self.size = size
        self.values = np.zeros((64, *size), np.int32)
        # Differences at position 0, which are not values any more when all are known.
        self.differences = np.zeros(size, np.int32)
        self._number, self._steps, self._before = number, steps, before
        # By position, as long as they are looked at.
        self._magnitudes: dict[int, Int32] = {}
        self._beside: dict[int, Int32] = {}
        self._sum = np.zeros(size, np.int32)
        self._slopes: tuple[Int32, Int32] | None = None
        # With a border of zeros.
        self._current = np.zeros((size[0] + 2, size[1] + 2), np.int32)

    @staticmethod
    def plane(source: Coefficients, position: int) -> Coefficients:
        """What is coded of a frequency: coefficients, or the errors of predicted first ones."""
        if position:
            return np.asarray(source[position])
        means = source[0].astype(np.int32)
        return np.asarray(means - _predictions(means))

    def passes(self, position: int) -> Iterator[tuple[Pass, _Place]]:
        """What is known before each pass of a frequency, and the places of its blocks."""
        self._current[:] = 0
        for (row, column), kind in zip(PASSES, KINDS, strict=True):
            place = (slice(row, None, 2), slice(column, None, 2))
            if row < self.size[0] and column < self.size[1]:
                features = self._features(position, kind, place)
                step = int(self._steps[position])
                yield Pass(self._number, position, kind, features, step), place

    def _features(self, position: int, kind: int, place: _Place) -> Int64:
        blocks = self._sum[place].size
        features = np.zeros((FEATURES, blocks), np.int64)
        features[0] = self._steps[position]
        features[1] = self._sum[place].ravel()
        if kind:
            features[2] = _sum_around(self._current, place, self.size, diagonal=kind == 1)
        if self._before is not None:
            features[3] = self._before.magnitudes(position, place).ravel()
        row, column = ZIGZAG[position]
        if self._slopes is not None and (row == 0) != (column == 0):
            features[4] = self._slopes[0 if row == 0 else 1][place].ravel()
        for number, other in enumerate(AROUND[position]):
            features[_OWN + number] = self._magnitudes[other][place].ravel()
        for number, other in enumerate(AROUND[position][:_MOST_OUTSIDE]):
            features[_OWN + len(_AROUND) + number] = self._beside[other][place].ravel()
        return features

    def put(self, position: int, place: _Place, coded: Int64) -> None:
        """Adds what was coded in a pass."""
        own = self.values[position][place]
        own[...] = coded.reshape(own.shape)
        inner = self._current[1:-1, 1:-1][place]
        inner[...] = np.abs(own) * np.int32(self._steps[position])

    def magnitudes(self, position: int, place: _Place) -> Int32:
        """Those of a position, for the blocks of a pass."""
        coded = self.values[position] if position else self.differences
        return np.asarray(np.abs(coded[place]) * np.int32(self._steps[position]))

    def finish(self, position: int) -> None:
        """Prepares what later frequencies look at."""
        for old in [each for each in self._magnitudes if _LAST_USE[each] <= position]:
            del self._magnitudes[old], self._beside[old]
        if position:
            c = self._current
            self._magnitudes[position] = c[1:-1, 1:-1].copy()
            self._beside[position] = c[:-2, 1:-1] + c[2:, 1:-1] + c[1:-1, :-2] + c[1:-1, 2:]
            self._sum += c[1:-1, 1:-1]
            return
        self.differences = self.values[0].copy()
        _undo_predictions(self.values[0])
        mean = np.pad(self.values[0] * np.int32(self._steps[0]), 1, mode="edge")
        across = np.abs(mean[1:-1, 2:] - mean[1:-1, :-2])
        self._slopes = across, np.abs(mean[2:, 1:-1] - mean[:-2, 1:-1])


def _sum_around(bordered: Int32, place: _Place, size: tuple[int, int], *, diagonal: bool) -> Int32:
    """Sum of the four neighbours of the blocks of a pass."""
    height, width = size
    steps = [(-1, -1), (-1, 1), (1, -1), (1, 1)] if diagonal else [(-1, 0), (1, 0), (0, -1), (0, 1)]
    parts = [
        bordered[1 + down : 1 + down + height, 1 + right : 1 + right + width][place]
        for down, right in steps
    ]
    return np.asarray(np.sum(parts, axis=0).ravel())


def _median(left: Int32, above: Int32, corner: Int32) -> Int32:
    """The median edge detector of LOCO-I (Weinberger, Seroussi and Sapiro, 2000)."""
    low, high = np.minimum(left, above), np.maximum(left, above)
    return np.asarray(np.clip(left + above - corner, low, high))


def _predictions(means: Int32) -> Int32:
    """What first coefficients are predicted to be, by those to the left and above."""
    found = np.zeros_like(means)
    found[1:, 1:] = _median(means[1:, :-1], means[:-1, 1:], means[:-1, :-1])
    found[0, 1:], found[1:, 0] = means[0, :-1], means[:-1, 0]
    return found


def _undo_predictions(errors: Int32) -> None:
    """From errors of predictions to what was predicted, in place."""
    errors[0] = np.cumsum(errors[0])
    errors[:, 0] = np.cumsum(errors[:, 0])
    height, width = errors.shape
    # Along each diagonal, as all that is needed is on the two before it.
    for diagonal in range(2, height + width - 1):
        row = np.arange(max(1, diagonal - width + 1), min(height, diagonal))
        column = diagonal - row
        left, above, corner = (
            errors[row, column - 1],
            errors[row - 1, column],
            errors[row - 1, column - 1],
        )
        errors[row, column] += _median(left, above, corner)
