"""Part of the fit of the `clear` codec: from counts of symbols to distributions."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from training.clear import tables as t
from training.clear import trellis
from training.clear.codec import quantise
from training.clear.layout import COEFFICIENTS, Floats, Ints
from training.clear.tables import Tables

# Made-up coefficients of each class and shape.
MADE_UP, LANES = 252, 24


def prior(shape: int, scale: float, largest: int, quantiser: int = 0) -> NDArray[np.float64]:
    """Probabilities of magnitudes 0 .. largest of a quantised variable, not normalised.

    Shape 0 is Laplace's, shape 1 normal.
    """
    middle = 0.25 if quantiser else 0.5
    edges = np.concatenate([[0.0, middle], np.arange(2, largest + 2) - (0.5 + 0.5 * quantiser)])
    if shape:
        below = [math.erf(edge) for edge in edges / (scale * np.sqrt(np.pi))]
        return np.diff(below)
    return -np.diff(np.exp(-edges / scale))


def level_of(ac_class: int, quantiser: int) -> Floats:
    """Middle of what each symbol of an AC class, 0 .. support, takes, in steps."""
    if ac_class == 0:
        return np.zeros(1, np.float32)
    tail = t.core(ac_class) + t.tail_middles()[1:]
    levels = np.concatenate([np.arange(t.core(ac_class) + 1), tail])
    return np.maximum(levels - 0.5 * quantiser, 0.0).astype(np.float32)


class Counts:
    """Counts and sums, by quantiser, shape, AC class and symbol, of quantised coefficients."""

    def __init__(self) -> None:
        shape = (t.QUANTISERS, t.SHAPES, t.CLASSES, t.MAGNITUDES)
        self.count, self.total = np.zeros(shape), np.zeros(shape)

    def add(
        self, shapes: Ints, classes: Ints, magnitudes: Floats, symbols: Ints, parities: Ints
    ) -> None:
        """Adds coefficients, (steps, lanes); magnitudes are in steps."""
        turn = trellis.quantisers(parities)
        index = (turn * t.SHAPES + shapes) * t.CLASSES + classes
        index = (index * t.MAGNITUDES + symbols).ravel()
        size = self.count.size
        self.count += np.bincount(index, minlength=size).reshape(self.count.shape)
        sums = np.bincount(index, magnitudes.ravel(), minlength=size)
        self.total += sums.reshape(self.count.shape)


def made_up() -> Counts:
    """Counts of made-up coefficients, each class's of its scale and shape.

    Choosing by the counts' cost and counting again has more than one end. Where rates are low the
    good one is where zero is dear in quantiser 1; it is reached from costs that rise evenly.
    """
    random = np.random.default_rng(0)
    shapes, classes = (x.ravel() for x in np.indices((t.SHAPES, t.CLASSES)))
    shapes, classes = (np.tile(np.repeat(x, LANES), (MADE_UP, 1)) for x in (shapes, classes))
    scales = 2.0 ** (t.FIRST_OCTAVE + np.arange(t.CLASSES) / t.CLASSES_PER_OCTAVE)
    magnitudes = np.where(
        shapes == 0,
        random.exponential(size=shapes.shape),
        np.abs(random.normal(0.0, np.sqrt(np.pi / 2), shapes.shape)),
    )
    magnitudes = (magnitudes * scales[classes]).astype(np.float32)
    x = (np.arange(trellis.CELLS, dtype=np.float32) + np.float32(0.5)) / trellis.GRID
    costs = np.empty((t.SHAPES, t.CLASSES, trellis.CELLS, 2, t.QUANTISERS), np.float32)
    for parity, quantiser in np.ndindex(2, t.QUANTISERS):
        level = trellis.levels(x, quantiser, parity)
        error = (np.maximum(level - 0.5 * quantiser, 0) - x) ** 2
        bits = level * np.log2(np.e) / (scales[:, None] + 0.1)
        costs[..., parity, quantiser] = error + t.WORTH * bits
    costs -= costs.min(axis=(3, 4), keepdims=True)
    for _ in range(10):
        counts = Counts()
        symbols, parities = quantise(costs, shapes, classes, magnitudes, np.ones_like(magnitudes))
        counts.add(shapes, classes, magnitudes, symbols, parities)
        costs = tables_of(ac_distributions(counts)).costs
    return counts


def tables_of(made: tuple[list[Ints], list[Floats]], **others: NDArray) -> Tables:
    """Tables with these AC distributions and what else there is by now."""
    nothing: dict[str, NDArray] = {f.name: np.zeros(0, np.float32) for f in fields(Tables)}
    nothing |= {"scales": np.zeros((COEFFICIENTS, 1), np.int16), "mode_parts": np.ones(1, np.int32)}
    nothing["category_parts"] = np.ones((t.CATEGORY_CLASSES, t.CATEGORIES), np.int32)
    nothing["ac_parts"] = np.concatenate(made[0]).astype(np.int32)
    nothing["ac_values"] = np.concatenate(made[1]).astype(np.float32)
    return Tables(**nothing | others)


def ac_distributions(
    counts: Counts, assumed: Counts | None = None
) -> tuple[list[Ints], list[Floats]]:
    """Parts and reconstruction points of each AC distribution, both for -support .. support."""
    parts, values = [], []
    for q, s, c in np.ndindex(t.QUANTISERS, t.SHAPES, t.CLASSES):
        if c == 0:
            parts.append(np.array([t.PARTS], np.int32))
            values.append(np.zeros(1, np.float32))
            continue
        largest = t.support(c)
        counted = slice(largest + 1)
        count, total = counts.count[q, s, c, counted], counts.total[q, s, c, counted]
        scale = 2.0 ** (t.FIRST_OCTAVE + c / t.CLASSES_PER_OCTAVE)
        usual = prior(s, scale, largest, q)
        usual[t.core(c) + 1 :] = 0.0
        usual /= usual.sum()
        if assumed:
            seen = assumed.count[q, s, c, counted]
            usual = 0.05 * usual + 0.95 * seen / max(seen.sum(), 1.0)
        smooth = count + usual * (200.0 if assumed else 2.0) + 1e-6
        two_sided = np.concatenate([smooth[:0:-1] / 2, smooth[:1], smooth[1:] / 2])
        made = t.parts_of(two_sided)
        made = np.minimum(made, made[::-1])  # the two signs alike; zero takes what that leaves
        made[largest] += t.PARTS - made.sum()
        parts.append(made)
        levels = level_of(c, q)
        exact = slice(1, t.core(c) + 1)
        common = total[exact] - levels[exact] * count[exact]
        common = common.sum() / max(count[exact].sum(), 1.0)
        points = (total + (levels + common) * 50.0) / (count + 50.0)
        points[0] = 0.0
        values.append(np.concatenate([-points[:0:-1], points]).astype(np.float32))
    return parts, values
