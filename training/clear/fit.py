"""Fits the tables of the `clear` codec: python -m training.clear.fit FOLDER -o FILE."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from training.clear import tables as t
from training.clear import trellis
from training.clear.codec import quantise
from training.clear.counting import Counts, ac_distributions, made_up, prior, tables_of
from training.clear.layout import (
    COEFFICIENTS,
    COLOURS,
    QUAD,
    RUNGS_PER_OCTAVE,
    Floats,
    Ints,
    dc_residuals,
    step_sizes,
    transform,
)
from training.clear.tables import Tables
from training.photographs import find_photographs, read_photograph

# Steps at which distributions are counted, and the share of each: 1 bit a sample works at steps of
# 3 to 24 on photographs, 2 bits at 1 to 8.
STEPS = (1.0, 2.0, 4.0, 8.0, 16.0)
ROUGH = 0.46  # rounding before the class is known
ROUNDS = 4  # of choosing symbols and counting them
CHUNK = 16384  # blocks at once


def sample_blocks(folder: Path, most: int, seed: int) -> tuple[Floats, Ints]:
    """Blocks of a folder's photographs, at most so many from each, float32 (blocks, 192).

    And the number of each block's photograph.

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
    photographs = np.repeat(np.arange(len(taken)), [len(blocks) for blocks in taken])
    return np.concatenate(taken), photographs


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


def fit(
    blocks: Floats, photographs: Ints, modes: int, floors: tuple[float, ...], rounds: int
) -> Tables:
    """Fits everything to blocks of `sample_blocks`."""
    floored = fit_scales(blocks, modes, floors, rounds)
    logs = np.rint(np.log2(np.maximum(floored, 0.01)) * RUNGS_PER_OCTAVE)
    scales = np.clip(logs, t.LOWEST_SCALE, t.HIGHEST_SCALE).astype(np.int16).T
    relative, multiple = t.relative_class()
    magnitudes = np.abs(blocks)
    assumed = counts = made_up()
    made = ac_distributions(counts, assumed)
    mode_parts = t.parts_of(np.ones(modes + len(t.OWN_LEVELS)))
    for _ in range(ROUNDS):
        tables = tables_of(made, scales=scales, mode_parts=mode_parts, score=_score(*made, counts))
        counts = Counts()
        mode_count = np.ones(len(mode_parts))
        own_bits = error = 0.0
        for step in STEPS:
            rung = round((np.log2(step) + 1) * RUNGS_PER_OCTAVE)
            mode, all_rows = _choose(tables, magnitudes, photographs, rung)
            mode_count += np.bincount(mode, minlength=len(mode_parts))
            for start in range(0, len(blocks), CHUNK):
                part = slice(start, start + CHUNK)
                rows = all_rows[part, COLOURS:].T
                chosen, by = relative[rows], multiple[rows]
                shapes = np.broadcast_to(tables.shape_of_mode[mode[part]], chosen.shape)
                exact = magnitudes[part, COLOURS:].T / (step * by)
                symbols, parities = quantise(tables.costs, shapes, chosen, exact, by)
                counts.add(shapes, chosen, exact, symbols, parities)
                turn = trellis.quantisers(parities)
                index = tables.ac_centres[turn, shapes, chosen] + symbols
                error += ((tables.values[index] - exact) ** 2 * by**2).sum()
                own_bits += tables.bits[index].sum()
        per = blocks[:, COLOURS:].size * len(STEPS)
        print(
            f"{own_bits / per:.4f} bits a coefficient, error {error / per:.4f}, J "
            f"{own_bits / per + error / per / t.WORTH:.4f} own "
            f"{mode_count[modes:] / mode_count.sum()}",
            file=sys.stderr,
            flush=True,
        )
        made = ac_distributions(counts, assumed)
        mode_parts = t.parts_of(mode_count)
    tables = tables_of(made, scales=scales, mode_parts=mode_parts, score=_score(*made, counts))
    return replace(tables, category_parts=_categories(tables, magnitudes, photographs))


def _choose(tables: Tables, magnitudes: Floats, photographs: Ints, rung: int) -> tuple[Ints, Ints]:
    """The mode of each block, and relative indices of its scales, (blocks, 192)."""
    relative, _ = t.relative_class()
    step = step_sizes()[rung]
    mode_bits = tables.bits[tables.firsts[tables.mode_class] :]
    modes, rows = np.empty(len(magnitudes), np.int64), np.empty(magnitudes.shape, np.int32)
    for number in range(photographs.max() + 1):
        mine = photographs == number
        own = t.own_spectrum(magnitudes[mine].mean(axis=0))
        index = tables.all_scales(own) - rung + t.RELATIVE_OFFSET
        score = tables.score[tables.shape_of_mode, relative[index]]
        quantised = np.floor(magnitudes[mine] / step + ROUGH)
        cost = quantised @ score[..., 2] + score[..., 0].sum(axis=0) + mode_bits
        cost += np.minimum(quantised, 1.0) @ score[..., 1]
        modes[mine] = cost.argmin(axis=1)
        rows[mine] = index[:, modes[mine]].T
    return modes, rows


def _score(parts: list[Ints], values: list[Floats], counts: Counts) -> Floats:
    """What a rough magnitude costs in each class, as [0] + [1] * (q != 0) + [2] * |q|.

    Least squares over what such classes meet. The cost is in bits, and counts the error beyond a
    fine quantiser's: a class that drops what it should not is no bargain.
    """
    score = np.zeros((t.SHAPES, t.CLASSES, 3), np.float32)
    within = (np.arange(25) + 0.5) / 25 - ROUGH
    for s, c in np.ndindex(t.SHAPES, t.CLASSES):
        # The tail is left out: its few bits hide its error, and blocks should rather avoid it.
        q = np.arange(t.core(max(c, 1)) + 1)
        x = np.abs(q[:, None] + within)
        costs = []
        for quantiser in range(t.QUANTISERS):
            row = (quantiser * t.SHAPES + s) * t.CLASSES + c
            middle = len(parts[row]) // 2
            exact = slice(middle, middle + t.core(c) + 1)
            bits, points = t.PARTS_BITS - np.log2(parts[row][exact]), values[row][exact]
            best = np.full(x.shape, np.inf)
            near = np.clip(np.floor(x).astype(int), 0, t.core(c))
            for offset in (-1, 0, 1, 2):
                symbol = np.clip(near + offset, 0, t.core(c))
                error = (x - points[symbol]) ** 2 - (x - q[:, None]) ** 2
                best = np.minimum(best, bits[symbol] + error / t.WORTH)
            costs.append(best.mean(axis=1))
        cost = np.mean(costs, axis=0)
        if c == 0:
            # Mostly class 0 drops little.
            q, cost = q[:7], cost[:7]
            weight = np.sqrt([1, 0.3, 0.1, 0.05, 0.02, 0.01, 0.005])
        else:
            near = counts.count[:, s, max(1, c - 4) : c + 5, : len(q)].sum(axis=0)
            scale = 2.0 ** (t.FIRST_OCTAVE + c / t.CLASSES_PER_OCTAVE)
            near = near + prior(s, scale, len(q) - 1)
            near = near / near.sum(axis=1, keepdims=True)
            weight = np.sqrt(near.sum(axis=0) + 1e-5)
        design = np.stack([np.ones(len(q)), q > 0, q], axis=1) * weight[:, None]
        score[s, c] = np.linalg.lstsq(design, cost * weight, rcond=None)[0]
    score[:, 0, 0] = 0.0
    return score


def _categories(tables: Tables, magnitudes: Floats, photographs: Ints) -> Ints:
    """Distributions of the category of a DC residual, by class."""
    classes_of = t.relative_category_class()
    count = np.zeros((t.CATEGORY_CLASSES, t.CATEGORIES))
    for c in range(t.CATEGORY_CLASSES):
        largest = 1 << (t.CATEGORIES - 1)
        probability = prior(0, 2.0 ** (t.FIRST_OCTAVE + c), largest)
        category = np.ceil(np.log2(np.arange(largest + 1) + 1)).astype(int)
        assumed = np.bincount(category, probability, minlength=t.CATEGORIES)
        count[c] += assumed[: t.CATEGORIES] * 200.0
    for step in STEPS:
        rung = round((np.log2(step) + 1) * RUNGS_PER_OCTAVE)
        _, rows = _choose(tables, magnitudes, photographs, rung)
        q = np.floor(magnitudes[:, :COLOURS] / step + 0.5)
        category = np.ceil(np.log2(q + 1)).astype(int)
        np.add.at(count, (classes_of[rows[:, :COLOURS]], category), 1)
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
    blocks, photographs = sample_blocks(settings.folder, settings.blocks, seed=0)
    tables = fit(blocks, photographs, settings.modes, tuple(settings.floors), settings.rounds)
    settings.output.parent.mkdir(parents=True, exist_ok=True)
    tables.save(settings.output)
    print(f"{len(blocks)} blocks, {settings.modes} modes -> {settings.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
