"""From counts of symbols to distributions: a part of the fit of the codec's tables."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codec import classes as c
from codec import trellis
from codec.blocks import COEFFICIENTS, Floats, Integers, Ints
from codec.quantize import quantize_ac
from codec.tables import LAMBDA, MODE_ROWS, SHAPES, TOTAL_FREQUENCY, Tables, frequencies_of
from codec.trellis import QUANTIZERS

# Synthetic coefficients of each class and shape: steps and lanes.
SYNTHETIC_STEPS, SYNTHETIC_LANES = 252, 24

# Frequencies and reconstruction points of all AC distributions, each for -support .. support.
Distributions = tuple[list[Ints], list[Floats]]


def prior(shape: int, scale: float, largest: int, quantizer: int = 0) -> NDArray[np.float64]:
    """Probabilities of the quantized magnitudes 0 .. largest, not normalized.

    Args:
        shape: 0 for a Laplace distribution, 1 for a normal one.
        scale: Mean magnitude, in steps.
        largest: Largest magnitude.
        quantizer: Of the trellis.
    """
    middle = 0.25 if quantizer else 0.5
    edges = np.concatenate([[0.0, middle], np.arange(2, largest + 2) - (0.5 + 0.5 * quantizer)])
    if shape:
        below = [math.erf(edge) for edge in edges / (scale * np.sqrt(np.pi))]
        return np.diff(below)
    return -np.diff(np.exp(-edges / scale))


def level_of(ac_class: int, quantizer: int) -> Floats:
    """Middle of the range of each symbol of an AC class, 0 .. support, in steps."""
    if ac_class == 0:
        return np.zeros(1, np.float32)
    tail = c.core(ac_class) + c.tail_middles()[1:]
    levels = np.concatenate([np.arange(c.core(ac_class) + 1), tail])
    return np.maximum(levels - 0.5 * quantizer, 0.0).astype(np.float32)


class Counts:
    """Counts and sums of quantized coefficients, by quantizer, shape, AC class and symbol."""

    def __init__(self) -> None:
        shape = (QUANTIZERS, SHAPES, c.CLASSES, c.MAGNITUDES)
        self.count, self.total = np.zeros(shape), np.zeros(shape)

    def add(
        self, shapes: Integers, classes: Integers, magnitudes: Floats, symbols: Ints, parities: Ints
    ) -> None:
        """Adds coefficients; all arrays are (steps, lanes), magnitudes are in steps."""
        quantizers = trellis.quantizers(parities)
        index = (quantizers * SHAPES + shapes) * c.CLASSES + classes
        index = (index * c.MAGNITUDES + symbols).ravel()
        size = self.count.size
        self.count += np.bincount(index, minlength=size).reshape(self.count.shape)
        sums = np.bincount(index, magnitudes.ravel(), minlength=size)
        self.total += sums.reshape(self.count.shape)


def synthetic_counts() -> Counts:
    """Counts of synthetic coefficients, with the scale and shape of each class.

    Alternating between choosing symbols by cost and counting them has more than one fixed point. At
    low rates the good one has an expensive zero in quantizer 1; it is reached from costs that rise
    evenly.
    """
    random = np.random.default_rng(0)
    shapes, classes = (x.ravel() for x in np.indices((SHAPES, c.CLASSES)))
    shapes, classes = (
        np.tile(np.repeat(x, SYNTHETIC_LANES), (SYNTHETIC_STEPS, 1)) for x in (shapes, classes)
    )
    scales = np.array([c.scale_of(ac_class) for ac_class in range(c.CLASSES)])
    magnitudes = np.where(
        shapes == 0,
        random.exponential(size=shapes.shape),
        np.abs(random.normal(0.0, np.sqrt(np.pi / 2), shapes.shape)),
    )
    magnitudes = (magnitudes * scales[classes]).astype(np.float32)
    x = (np.arange(trellis.CELLS, dtype=np.float32) + np.float32(0.5)) / np.float32(trellis.GRID)
    costs = np.empty((SHAPES, c.CLASSES, trellis.CELLS, 2, QUANTIZERS), np.float32)
    for parity, quantizer in np.ndindex(2, QUANTIZERS):
        level = trellis.levels(x, quantizer, parity)
        error = (np.maximum(level - 0.5 * quantizer, 0) - x) ** 2
        bits = level * np.log2(np.e) / (scales[:, None] + 0.1)
        costs[..., parity, quantizer] = error + LAMBDA * bits
    costs -= costs.min(axis=(3, 4), keepdims=True)
    for _ in range(10):
        counts = Counts()
        ones = np.ones_like(magnitudes)
        symbols, parities = quantize_ac(costs, shapes, classes, magnitudes, ones)
        counts.add(shapes, classes, magnitudes, symbols, parities)
        costs = tables_with(ac_distributions(counts)).costs()
    return counts


def tables_with(ac: Distributions, **others: NDArray[Any]) -> Tables:
    """Tables with these AC distributions; arrays that are not given are placeholders."""
    arrays: dict[str, NDArray[Any]] = {f.name: np.zeros(0, np.float32) for f in fields(Tables)}
    arrays["scales"] = np.zeros((COEFFICIENTS, 1), np.int16)
    arrays["mode_groups"] = np.zeros(1, np.int32)
    arrays["mode_frequencies"] = np.ones((MODE_ROWS, 1), np.int32)
    arrays["category_frequencies"] = np.ones((c.CATEGORY_CLASSES, c.CATEGORIES), np.int32)
    arrays["ac_frequencies"] = np.concatenate(ac[0]).astype(np.int32)
    arrays["ac_values"] = np.concatenate(ac[1]).astype(np.float32)
    return Tables(**arrays | others)


def ac_distributions(counts: Counts, assumed: Counts | None = None) -> Distributions:
    """Frequencies and reconstruction points of each AC distribution.

    Args:
        counts: Of coefficients.
        assumed: Counts that the distributions are drawn towards where there are few coefficients.
    """
    frequencies, values = [], []
    for q, s, ac_class in np.ndindex(QUANTIZERS, SHAPES, c.CLASSES):
        if ac_class == 0:
            frequencies.append(np.array([TOTAL_FREQUENCY], np.int32))
            values.append(np.zeros(1, np.float32))
            continue
        largest, core = c.support(ac_class), c.core(ac_class)
        symbols = slice(largest + 1)
        count, total = counts.count[q, s, ac_class, symbols], counts.total[q, s, ac_class, symbols]
        usual = prior(s, c.scale_of(ac_class), largest, q)
        usual[core + 1 :] = 0.0
        usual /= usual.sum()
        if assumed:
            seen = assumed.count[q, s, ac_class, symbols]
            usual = 0.05 * usual + 0.95 * seen / max(seen.sum(), 1.0)
        smooth = count + usual * (200.0 if assumed else 2.0) + 1e-6
        two_sided = np.concatenate([smooth[:0:-1] / 2, smooth[:1], smooth[1:] / 2])
        rounded = frequencies_of(two_sided)
        # Both signs get the same frequencies; zero gets what is left.
        rounded = np.minimum(rounded, rounded[::-1])
        rounded[largest] += TOTAL_FREQUENCY - rounded.sum()
        frequencies.append(rounded)
        levels = level_of(ac_class, q)
        exact = slice(1, core + 1)
        offsets = total[exact] - levels[exact] * count[exact]
        common = offsets.sum() / max(count[exact].sum(), 1.0)
        points = (total + (levels + common) * 50.0) / (count + 50.0)
        points[0] = 0.0
        values.append(np.concatenate([-points[:0:-1], points]).astype(np.float32))
    return frequencies, values
