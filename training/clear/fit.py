"""Fits the tables of the `clear` codec: python -m training.clear.fit FOLDER -o FILE."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.clear import tables as t
from training.clear.layout import (
    COEFFICIENTS,
    COLOURS,
    QUAD,
    RUNGS_PER_OCTAVE,
    Floats,
    Ints,
    dc_residuals,
    transform,
)
from training.clear.tables import Tables
from training.photographs import find_photographs, read_photograph

# Steps at which distributions are counted, and the share of each: 1 bit a sample works at steps of
# 3 to 24 on photographs, 2 bits at 1 to 8.
STEPS = (1.0, 2.0, 4.0, 8.0, 16.0)
# Of the squared error per bit, at the slope of a fine quantiser: step**2 * ln(2) / 6.
SLOPE = np.log(2.0) / 6.0
ROUGH = 0.46  # rounding before the class is known
ROUNDINGS = np.arange(0.20, 0.501, 0.02)


def sample_blocks(folder: Path, most: int, seed: int) -> Floats:
    """Blocks of a folder's photographs, at most so many from each, float32 (blocks, 192).

    Each photograph is cut at a random place first: many were JPEGs once, whose own grid of 8x8
    blocks would show in the statistics. DC is replaced by what prediction leaves of it.
    """
    random = np.random.default_rng(seed)
    taken = []
    for path in find_photographs(folder):
        picture = read_photograph(path)
        if picture is None or min(picture.shape[:2]) < 64:
            continue
        top, left = random.integers(1, 8, 2)
        rows, columns = (side // QUAD * QUAD for side in (picture[top:, left:]).shape[:2])
        x = transform(picture[top : top + rows, left : left + columns]).astype(np.float32)
        blocks = features(x).reshape(COEFFICIENTS, -1).T
        taken.append(blocks[random.permutation(len(blocks))[:most]])
    return np.concatenate(taken)


def features(x: Floats) -> Floats:
    """Coefficients with DC replaced by what tells of its cost; (192, 4, rows, columns)."""
    x = x.copy()
    residuals = dc_residuals(x[:COLOURS])
    # Anchors are predicted from twice as far, which makes about twice the residual; the luma anchor
    # costs nothing, and its residual stands in for its neighbours' only to choose a mode. The very
    # first has no prediction.
    residuals[:, 0] *= 0.5
    residuals[:, 0, 0, 0] = 0.0
    x[:COLOURS] = residuals
    return x


def fit_scales(blocks: Floats, modes: int, floors: tuple[float, ...], rounds: int) -> Floats:
    """K-means with the bits of a Laplace distribution as distance; scales (modes, 192)."""
    random = np.random.default_rng(0)
    magnitudes = np.abs(blocks)
    mean = magnitudes.mean(axis=0)
    scales = 0.7 * magnitudes[random.choice(len(blocks), modes, replace=False)] + 0.3 * mean
    for _ in range(rounds):
        cost = np.zeros((len(blocks), modes), np.float32)
        for floor in floors:
            floored = np.maximum(scales, floor * 0.5)
            cost += np.log2(floored).sum(axis=1).astype(np.float32)
            cost += np.maximum(magnitudes, floor * 0.25) @ (np.log2(np.e) / floored).T
        mode = cost.argmin(axis=1)
        for m in range(modes):
            mine = magnitudes[mode == m]
            if len(mine) < 8:
                scales[m] = 0.7 * magnitudes[random.integers(len(blocks))] + 0.3 * mean
            else:
                scales[m] = (mine.sum(axis=0) + mean) / (len(mine) + 1)
    return scales


def laplace(scale: float, largest: int, rounding: float = 0.5) -> NDArray[np.float64]:
    """Probabilities of magnitudes 0 .. largest of a quantised Laplace variable, not normalised."""
    edges = np.concatenate([[0.0], np.arange(1, largest + 2) - rounding])
    return -np.diff(np.exp(-edges / scale))


def symbols_of(quantised: Ints, classes: Ints) -> Ints:
    """The symbols of magnitudes in AC classes."""
    cores = np.array([t.core(c) for c in range(t.CLASSES)])[classes]
    tail = t.tail_symbols()[np.clip(quantised - cores, 0, t.TAIL_REACH)]
    return np.minimum(quantised, cores) + np.where(classes > 0, tail, 0)


def level_of(ac_class: int) -> Floats:
    """Middle of what each symbol of an AC class, 0 .. support, takes, in steps."""
    if ac_class == 0:
        return np.zeros(1, np.float32)
    tail = t.core(ac_class) + t.tail_middles()[1:]
    return np.concatenate([np.arange(t.core(ac_class) + 1), tail]).astype(np.float32)


class Counts:
    """Counts and sums, by AC class and magnitude, of quantised training coefficients."""

    def __init__(self) -> None:
        shape = (t.CLASSES, t.MAGNITUDES)
        self.count, self.total = np.zeros(shape), np.zeros(shape)

    def add(self, classes: Ints, magnitudes: Floats, quantised: Ints) -> None:
        """Adds coefficients; magnitudes are in steps."""
        index = (classes * (t.MAGNITUDES) + quantised).ravel()
        size = self.count.size
        self.count += np.bincount(index, minlength=size).reshape(self.count.shape)
        sums = np.bincount(index, magnitudes.ravel(), minlength=size)
        self.total += sums.reshape(self.count.shape)


def _ac(counts: Counts, rounding: Floats) -> tuple[list[Ints], list[Floats]]:
    """Parts and reconstruction points of each class, both for -support .. support."""
    parts, values = [np.array([t.PARTS], np.int32)], [np.zeros(1, np.float32)]
    for c in range(1, t.CLASSES):
        largest = t.support(c)
        count, total = counts.count[c, : largest + 1], counts.total[c, : largest + 1]
        scale = 2.0 ** (t.FIRST_OCTAVE + c / t.CLASSES_PER_OCTAVE)
        prior = laplace(scale, largest, rounding[c])[: largest + 1]
        prior[t.core(c) + 1 :] = 0.0
        smooth = count + prior / prior.sum() * 200.0 + 1e-6
        two_sided = np.concatenate([smooth[:0:-1] / 2, smooth[:1], smooth[1:] / 2])
        made = t.parts_of(two_sided)
        made = np.minimum(made, made[::-1])  # the two signs alike; zero takes what that leaves
        made[largest] += t.PARTS - made.sum()
        parts.append(made)
        levels = level_of(c)
        exact = slice(1, t.core(c) + 1)
        common = total[exact] - levels[exact] * count[exact]
        common = common.sum() / max(count[exact].sum(), 1.0)
        points = (total + (levels + common) * 50.0) / (count + 50.0)
        points[0] = 0.0
        values.append(np.concatenate([-points[:0:-1], points]).astype(np.float32))
    return parts, values


def fit(blocks: Floats, modes: int, floors: tuple[float, ...], rounds: int) -> Tables:
    """Fits everything to blocks of `sample_blocks`."""
    floored = fit_scales(blocks, modes, floors, rounds)
    logs = np.rint(np.log2(np.maximum(floored, 0.01)) * RUNGS_PER_OCTAVE)
    scales = np.clip(logs, t.LOWEST_SCALE, t.HIGHEST_SCALE).astype(np.int16).T
    relative, multiple = t.relative_class()
    magnitudes = np.abs(blocks)
    rounding = np.full(t.CLASSES, ROUGH, np.float32)
    mode_bits = np.full(modes, np.log2(modes), np.float32)
    score = None
    ac = slice(COLOURS, None)
    for _ in range(3):
        counts = Counts()
        searched = np.zeros((len(ROUNDINGS), 2, t.CLASSES))
        mode_count = np.ones(modes)
        bits_of = None if score is None else _bits(parts)  # noqa: F821
        for step in STEPS:
            rung = round((np.log2(step) + 1) * RUNGS_PER_OCTAVE)
            index = scales.astype(np.int32) - rung + t.RELATIVE_OFFSET
            classes, by = relative[index], multiple[index]
            quantised = np.floor(magnitudes / step + ROUGH)
            if score is None:
                floor = np.maximum(floored, step * 0.35)
                cost = np.maximum(magnitudes, step * 0.2) @ (np.log2(np.e) / floor).T
                cost += np.log2(floor).sum(axis=1)
            else:
                cost = quantised @ score[classes, 2] + score[classes, 0].sum(axis=0)
                cost += np.minimum(quantised, 1.0) @ score[classes, 1]
            mode = (cost + mode_bits).argmin(axis=1)
            mode_count += np.bincount(mode, minlength=modes)
            chosen = classes[ac][:, mode].T
            exact = magnitudes[:, ac] / (step * by[ac][:, mode].T)
            q = np.floor(exact + rounding[chosen]).astype(np.int32)
            counts.add(chosen, exact, symbols_of(q, chosen))
            if bits_of is not None:
                part = slice(0, 12000)
                for i, rounding_tried in enumerate(ROUNDINGS):
                    tried = np.floor(exact[part] + rounding_tried).astype(np.int32)
                    tried = symbols_of(tried, chosen[part])
                    bits, value = bits_of
                    error = (exact[part] - value[chosen[part], tried]) ** 2
                    total = error + SLOPE * bits[chosen[part], tried]
                    searched[i, 0] += np.bincount(
                        chosen[part].ravel(), total.ravel(), minlength=t.CLASSES
                    )
        if bits_of is not None:
            rounding = ROUNDINGS[searched[:, 0].argmin(axis=0)].astype(np.float32)
        parts, values = _ac(counts, rounding)
        parts = (parts, values)
        score = _score(*parts, rounding, counts)
        mode_parts = t.parts_of(mode_count)
        mode_bits = (t.PARTS_BITS - np.log2(mode_parts)).astype(np.float32)
    return Tables(
        scales=scales,
        mode_parts=mode_parts,
        ac_parts=np.concatenate(parts[0]).astype(np.int32),
        ac_values=np.concatenate(parts[1]).astype(np.float32),
        category_parts=_categories(blocks, scales, relative_scores=(score, relative, mode_bits)),
        rounding=rounding,
        score=score,
    )


def _bits(parts: tuple[list[Ints], list[Floats]]) -> tuple[Floats, Floats]:
    """Bits and reconstruction points by class and magnitude, beyond the support the largest's."""
    shape = (t.CLASSES, t.MAGNITUDES)
    bits, value = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for c, (p, v) in enumerate(zip(*parts, strict=True)):
        largest = len(p) // 2
        clipped = np.minimum(np.arange(t.MAGNITUDES), largest)
        bits[c] = t.PARTS_BITS - np.log2(p[largest:])[clipped]
        value[c] = v[largest:][clipped]
    return bits, value


def _score(parts: list[Ints], values: list[Floats], rounding: Floats, counts: Counts) -> Floats:
    """What a rough magnitude costs in each class, as [0] + [1] * (q != 0) + [2] * |q|.

    Least squares over what such classes meet. The cost is in bits, and counts the error beyond a
    fine quantiser's at the slope: a class that drops what it should not is no bargain.
    """
    score = np.zeros((t.CLASSES, 3), np.float32)
    within = (np.arange(25) + 0.5) / 25 - ROUGH
    for c in range(t.CLASSES):
        # The tail is left out: its few bits hide its error, and blocks should rather avoid it.
        q = np.arange(t.core(max(c, 1)) + 1)
        x = np.abs(q[:, None] + within)
        symbol = np.minimum(np.floor(x + (rounding[c] if c else 0.0)), t.core(c)).astype(int)
        largest = t.support(c)
        bits = (t.PARTS_BITS - np.log2(parts[c][largest:]))[symbol]
        error = (x - values[c][largest:][symbol]) ** 2 - (x - q[:, None]) ** 2
        cost = (bits + np.maximum(error.mean(axis=1, keepdims=True), 0) / SLOPE).mean(axis=1)
        if c == 0:
            # Mostly class 0 drops little.
            q, cost = q[:7], cost[:7]
            weight = np.sqrt([1, 0.3, 0.1, 0.05, 0.02, 0.01, 0.005])
        else:
            near = counts.count[max(1, c - 4) : c + 5, : len(q)]
            near = near / near.sum(axis=1, keepdims=True).clip(1)
            weight = np.sqrt(near.sum(axis=0) + 1e-5)
        design = np.stack([np.ones(len(q)), q > 0, q], axis=1) * weight[:, None]
        score[c] = np.linalg.lstsq(design, cost * weight, rcond=None)[0]
    score[0, 0] = 0.0
    return score


def _categories(
    blocks: Floats, scales: NDArray[np.int16], relative_scores: tuple[Floats, Ints, Floats]
) -> Ints:
    """Distributions of the category of a DC residual, by class."""
    score, relative, mode_bits = relative_scores
    classes_of = t.relative_category_class()
    count = np.zeros((t.CATEGORY_CLASSES, t.CATEGORIES))
    for c in range(t.CATEGORY_CLASSES):
        largest = 1 << (t.CATEGORIES - 1)
        probability = laplace(2.0 ** (t.FIRST_OCTAVE + c), largest)
        category = np.ceil(np.log2(np.arange(largest + 1) + 1)).astype(int)
        prior = np.bincount(category, probability, minlength=t.CATEGORIES)
        count[c] += prior[: t.CATEGORIES] * 200.0
    magnitudes = np.abs(blocks)
    for step in STEPS:
        rung = round((np.log2(step) + 1) * RUNGS_PER_OCTAVE)
        index = scales.astype(np.int32) - rung + t.RELATIVE_OFFSET
        quantised = np.floor(magnitudes / step + ROUGH)
        classes = relative[index]
        cost = quantised @ score[classes, 2] + score[classes, 0].sum(axis=0) + mode_bits
        cost += np.minimum(quantised, 1.0) @ score[classes, 1]
        mode = cost.argmin(axis=1)
        for row in range(COLOURS):
            q = np.floor(magnitudes[:, row] / step + 0.5)
            category = np.ceil(np.log2(q + 1)).astype(int)
            np.add.at(count, (classes_of[index[row]][mode], category), 1)
    return np.stack([t.parts_of(c) for c in count])


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.clear.fit", description=__doc__)
    parser.add_argument("folder", type=Path, help="photographs to fit to")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the .npz file to write")
    parser.add_argument("--modes", type=int, default=64)
    parser.add_argument("--blocks", type=int, default=150, help="most blocks of a photograph")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--floors", type=float, nargs="+", default=[1.0])
    settings = parser.parse_args(arguments)
    blocks = sample_blocks(settings.folder, settings.blocks, seed=0)
    tables = fit(blocks, settings.modes, tuple(settings.floors), settings.rounds)
    settings.output.parent.mkdir(parents=True, exist_ok=True)
    tables.save(settings.output)
    print(f"{len(blocks)} blocks, {settings.modes} modes -> {settings.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
