"""Fits the tables of the `clear` codec: python -m training.clear.fit FOLDER -o FILE."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codec import blocks as b
from codec import classes as c
from codec import modes as m
from codec import trellis
from codec.blocks import COEFFICIENTS, COLOURS, QINDICES_PER_OCTAVE, Floats, Integers, Ints
from codec.quantize import ROUGH, choose_modes, finer_index, merging_cost, quantize_ac
from codec.tables import (
    FREQUENCY_BITS,
    LAMBDA,
    MODE_BEFORE,
    MODE_GROUPS,
    MODE_ROWS,
    SHAPES,
    Tables,
    frequencies_of,
)
from codec.trellis import QUANTIZERS
from training.clear.counting import (
    Counts,
    Distributions,
    ac_distributions,
    prior,
    synthetic_counts,
    tables_with,
)
from training.photographs import find_photographs, read_photograph

# Steps at which symbols are counted, with equal weight. On photographs, 1 bit per sample needs
# steps of 3 to 24, 2 bits steps of 1 to 8.
STEPS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
# The step for which modes are fitted, of that macroblocks are merged or not.
MIDDLE_STEP = 4.0
ROUNDS = 4  # of choosing symbols and counting them
CHUNK = 16384  # blocks at once


@dataclass(frozen=True, eq=False)
class Sample:
    """Macroblocks of photographs.

    Attributes:
        features: Magnitudes of coefficients, with DC replaced by what predicts its cost, float32
            (2, macroblocks, 4, 192): not merged, and merged.
        photographs: Number of the photograph of each macroblock, int (macroblocks,).
    """

    features: Floats
    photographs: Integers

    def merged(self, step: float) -> Ints:
        """Which macroblocks are merged at a step, int32 (macroblocks,)."""
        finer = b.step_sizes()[finer_index(_index_of(step))]
        costs = (merging_cost(x / finer).sum(axis=(1, 2)) for x in self.features)
        plain, merged = costs
        return np.asarray(merged < plain, np.int32)

    def at(self, merged: Ints) -> Floats:
        """Magnitudes of the macroblocks, merged or not, float32 (macroblocks, 4, 192)."""
        return np.asarray(np.where(merged[:, None, None], self.features[1], self.features[0]))


def _index_of(step: float) -> int:
    """The quantizer index of a step."""
    return int(np.rint((np.log2(step) + 1) * QINDICES_PER_OCTAVE))


def sample_macroblocks(folder: Path, most: int, seed: int) -> Sample:
    """Random macroblocks of a folder's photographs, at most `most` of each.

    Each photograph is first cropped by a random offset: many were JPEGs once, and their own grid of
    8x8 blocks would show in the statistics.
    """
    random = np.random.default_rng(seed)
    taken = []
    for path in find_photographs(folder):
        picture = read_photograph(path)
        if picture is None or min(picture.shape[:2]) < 64:
            continue
        top, left = random.integers(1, 8, 2)
        picture = picture[top:, left:]
        rows, columns = (side // b.MACROBLOCK * b.MACROBLOCK for side in picture.shape[:2])
        x = b.transform(picture[:rows, :columns])
        both = np.stack([_features(x, 0), _features(b.merge(x), 1)])
        chosen = random.permutation(both.shape[-1])[:most]
        taken.append(both[..., chosen].transpose(0, 3, 2, 1))
    photographs = np.repeat(np.arange(len(taken)), [blocks.shape[1] for blocks in taken])
    return Sample(np.concatenate(taken, axis=1), photographs)


def _features(x: Floats, merged: int) -> Floats:
    """Magnitudes of coefficients, (192, 4, macroblocks), with DC replaced by residuals.

    The very first anchor has no prediction.
    """
    every = np.full(x.shape[2:], merged, np.int32)
    residuals = b.dc_residuals(x[:COLOURS], every)
    residuals[:, 0, 0, 0] = 0.0
    magnitudes = np.concatenate([b.dc_magnitudes(residuals, every), np.abs(x[COLOURS:])])
    return magnitudes.reshape(COEFFICIENTS, 4, -1)


def fit_scales(magnitudes: Floats, modes: int, floors: tuple[float, ...], rounds: int) -> Floats:
    """K-means with the bits of a Laplace distribution as distance; mean magnitudes (modes, 192).

    Args:
        magnitudes: Of blocks, float32 (blocks, 192).
        modes: Their number.
        floors: Quantizer steps.
        rounds: Of k-means.
    """
    random = np.random.default_rng(0)
    mean = magnitudes.mean(axis=0)
    scales: Floats = (
        0.7 * magnitudes[random.choice(len(magnitudes), modes, replace=False)] + 0.3 * mean
    )
    for _ in range(rounds):
        cost = np.zeros((len(magnitudes), modes), np.float32)
        for floor in floors:
            floored = np.maximum(scales, floor * 0.5)
            cost += np.log2(floored).sum(axis=1).astype(np.float32)
            cost += np.maximum(magnitudes, floor * 0.25) @ (np.log2(np.e) / floored).T
        closest = cost.argmin(axis=1)
        for mode in range(modes):
            members = magnitudes[closest == mode]
            if len(members) < 8:
                scales[mode] = 0.7 * magnitudes[random.integers(len(magnitudes))] + 0.3 * mean
            else:
                scales[mode] = (members.sum(axis=0) + mean) / (len(members) + 1)
    return scales


def group_modes(follows: NDArray[np.float64]) -> Ints:
    """Groups modes by which modes follow them: k-means with bits as distance, int32 (modes,).

    Args:
        follows: How often each mode follows each, (modes before, modes).
    """
    random = np.random.default_rng(0)
    often = follows.sum(axis=1)
    smooth = follows.sum(axis=0) + 1.0
    smooth /= smooth.sum()
    busiest = np.argsort(-often, kind="stable")
    groups = np.empty(len(follows), np.int32)
    groups[busiest] = np.arange(len(follows)) % MODE_GROUPS
    for _ in range(30):
        sums = np.stack([follows[groups == g].sum(axis=0) for g in range(MODE_GROUPS)])
        for g in np.flatnonzero(sums.sum(axis=1) == 0):
            sums[g] = follows[random.integers(len(follows))]
        chances = sums + 20.0 * smooth
        chances /= chances.sum(axis=1, keepdims=True)
        groups = (-follows @ np.log2(chances).T).argmin(axis=1).astype(np.int32)
    return groups


def fit(sample: Sample, modes: int, floors: tuple[float, ...], rounds: int) -> Tables:
    """Fits all tables to the macroblocks of `sample_macroblocks`."""
    middle = sample.at(sample.merged(MIDDLE_STEP)).reshape(-1, COEFFICIENTS)
    means = fit_scales(middle, modes, floors, rounds)
    logs = np.rint(np.log2(np.maximum(means, 0.01)) * QINDICES_PER_OCTAVE)
    scales = np.clip(logs, m.LOWEST_SCALE, m.HIGHEST_SCALE).astype(np.int16).T
    assumed = counts = synthetic_counts()
    ac = ac_distributions(counts, assumed)
    every = modes + len(m.ADAPTIVE_LEVELS)
    groups = np.zeros(every, np.int32)
    mode_frequencies = np.tile(frequencies_of(np.ones(every)), (MODE_ROWS, 1))

    def tables() -> Tables:
        return tables_with(
            ac,
            scales=scales,
            mode_groups=groups,
            mode_frequencies=mode_frequencies,
            score=_score(ac, counts),
        )

    for _ in range(ROUNDS):
        counts, chosen = _count(tables(), sample)
        ac = ac_distributions(counts, assumed)
        groups, mode_frequencies = _mode_statistics(chosen, every)
    categories = _categories(tables(), sample)
    return replace(tables(), category_frequencies=categories)


def _mode_statistics(chosen: list[tuple[Ints, Ints]], modes: int) -> tuple[Ints, Ints]:
    """Groups of modes, and `Tables.mode_frequencies`, from merged macroblocks and their modes."""
    follows = np.zeros((modes, modes))
    for _, of_blocks in chosen:
        for block, before in enumerate(MODE_BEFORE):
            if before >= 0:
                np.add.at(follows, (of_blocks[before], of_blocks[block]), 1)
    groups = group_modes(follows)
    count = np.zeros((MODE_ROWS, modes))
    for merged, of_blocks in chosen:
        for block, before in enumerate(MODE_BEFORE):
            of_group = 0 if before < 0 else 1 + groups[of_blocks[before]]
            np.add.at(count, (merged * (1 + MODE_GROUPS) + of_group, of_blocks[block]), 1)
    usual = count.sum(axis=0) + 1.0
    usual /= usual.sum()
    return groups, np.stack([frequencies_of(row + 30.0 * usual) for row in count])


def _count(tables: Tables, sample: Sample) -> tuple[Counts, list[tuple[Ints, Ints]]]:
    """Quantizes all blocks at all steps; counts of AC symbols, and merged macroblocks and modes."""
    relative_classes, multiples = m.relative_class()
    counts = Counts()
    chosen = []
    bits = error = mode_bits = 0.0
    for step in STEPS:
        merged = sample.merged(step)
        magnitudes = sample.at(merged)
        modes, relative = _choose_modes(tables, sample, merged, step)
        chosen.append((merged, modes))
        for block, before in enumerate(MODE_BEFORE):
            rows = tables.mode_rows(merged, None if before < 0 else modes[before])
            mode_bits += tables.mode_bits[rows, modes[block]].sum()
        every = magnitudes.reshape(-1, COEFFICIENTS)
        flat, relative = modes.T.ravel(), relative.reshape(-1, COEFFICIENTS)
        for start in range(0, len(every), CHUNK):
            chunk = slice(start, start + CHUNK)
            index = relative[chunk, COLOURS:].T
            classes, multiple = relative_classes[index], multiples[index]
            shapes = np.broadcast_to(tables.shape_of_mode[flat[chunk]], classes.shape)
            exact = every[chunk, COLOURS:].T / (step * multiple)
            symbols, parities = quantize_ac(tables.costs(), shapes, classes, exact, multiple)
            counts.add(shapes, classes, exact, symbols, parities)
            quantizers = trellis.quantizers(parities)
            symbol_index = tables.ac_centres[quantizers, shapes, classes] + symbols
            error += ((tables.values[symbol_index] - exact) ** 2 * multiple**2).sum()
            bits += tables.bits[symbol_index].sum()
    coefficients = sample.features[0].size * len(STEPS)
    bits, mode_bits, error = bits / coefficients, mode_bits / coefficients, error / coefficients
    print(
        f"{bits:.4f} bits per coefficient and {mode_bits:.4f} of modes, error {error:.4f}, "
        f"J {bits + mode_bits + error / LAMBDA:.4f}",
        file=sys.stderr,
        flush=True,
    )
    return counts, chosen


def _choose_modes(tables: Tables, sample: Sample, merged: Ints, step: float) -> tuple[Ints, Ints]:
    """Modes, (4, macroblocks), and the relative indices of scales, (macroblocks, 4, 192)."""
    relative_classes, _ = m.relative_class()
    qindex = _index_of(step)
    finer = finer_index(qindex)
    magnitudes = sample.at(merged)
    modes = np.empty((4, len(magnitudes)), np.int32)
    relative = np.empty(magnitudes.shape, np.int32)
    for number in range(sample.photographs.max() + 1):
        members = sample.photographs == number
        own = magnitudes[members]
        adaptive = m.adaptive_scales(own.mean(axis=(0, 1)))
        index = tables.all_scales(adaptive) - qindex + m.RELATIVE_OFFSET
        score = tables.score[tables.shape_of_mode, relative_classes[index + qindex - finer]]
        quantized = np.floor(own.transpose(2, 1, 0) / b.step_sizes()[finer] + np.float32(ROUGH))
        modes[:, members] = choose_modes(tables, score, quantized, merged[members])[0]
        relative[members] = index[:, modes[:, members]].transpose(2, 1, 0)
    return modes, relative


def _score(ac: Distributions, counts: Counts) -> Floats:
    """`Tables.score`, by least squares over the magnitudes that each class meets.

    The cost is in bits. It includes the error beyond that of a fine quantizer, because a class that
    drops what it should not would look cheap otherwise.
    """
    frequencies, values = ac
    score = np.zeros((SHAPES, c.CLASSES, 3), np.float32)
    within = (np.arange(25) + 0.5) / 25 - ROUGH
    for s, ac_class in np.ndindex(SHAPES, c.CLASSES):
        # Without the tail: its few bits hide its error, and blocks should rather avoid it.
        core = c.core(ac_class)
        q = np.arange(c.core(max(ac_class, 1)) + 1)
        x = np.abs(q[:, None] + within)
        costs = []
        for quantizer in range(QUANTIZERS):
            row = (quantizer * SHAPES + s) * c.CLASSES + ac_class
            middle = len(frequencies[row]) // 2
            exact = slice(middle, middle + core + 1)
            bits, points = FREQUENCY_BITS - np.log2(frequencies[row][exact]), values[row][exact]
            best = np.full(x.shape, np.inf)
            near = np.clip(np.floor(x).astype(int), 0, core)
            for offset in (-1, 0, 1, 2):
                symbol = np.clip(near + offset, 0, core)
                error = (x - points[symbol]) ** 2 - (x - q[:, None]) ** 2
                best = np.minimum(best, bits[symbol] + error / LAMBDA)
            costs.append(best.mean(axis=1))
        cost = np.mean(costs, axis=0)
        if ac_class == 0:
            # Class 0 mostly meets small magnitudes.
            q, cost = q[:7], cost[:7]
            weight = np.sqrt([1, 0.3, 0.1, 0.05, 0.02, 0.01, 0.005])
        else:
            similar = slice(max(1, ac_class - 4), ac_class + 5)
            seen = counts.count[:, s, similar, : len(q)].sum(axis=0)
            seen = seen + prior(s, c.scale_of(ac_class), len(q) - 1)
            seen = seen / seen.sum(axis=1, keepdims=True)
            weight = np.sqrt(seen.sum(axis=0) + 1e-5)
        design = np.stack([np.ones(len(q)), q > 0, q], axis=1) * weight[:, None]
        score[s, ac_class] = np.linalg.lstsq(design, cost * weight, rcond=None)[0]
    score[:, 0, 0] = 0.0
    return score


def _categories(tables: Tables, sample: Sample) -> Ints:
    """Frequencies of the categories of DC residuals, by class."""
    classes = m.relative_category_class()
    count = np.zeros((c.CATEGORY_CLASSES, c.CATEGORIES))
    for category_class in range(c.CATEGORY_CLASSES):
        largest = 1 << (c.CATEGORIES - 1)
        probability = prior(0, 2.0 ** (c.FIRST_OCTAVE + category_class), largest)
        category = np.ceil(np.log2(np.arange(largest + 1) + 1)).astype(int)
        assumed = np.bincount(category, probability, minlength=c.CATEGORIES)
        count[category_class] += assumed[: c.CATEGORIES] * 200.0
    for step in STEPS:
        merged = sample.merged(step)
        _, relative = _choose_modes(tables, sample, merged, step)
        q = sample.at(merged)[..., :COLOURS] / step
        farther = np.zeros(q.shape, np.int32)
        farther[:, 0] = 1 + merged[:, None]
        # Residuals of anchors have been halved, and halved again.
        category = np.ceil(np.log2(np.floor(q * 2.0**farther + 0.5) + 1)).astype(int)
        of_class = np.minimum(classes[relative[..., :COLOURS]] + farther, c.CATEGORY_CLASSES - 1)
        np.add.at(count, (of_class, category), 1)
    return np.stack([frequencies_of(row) for row in count])


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.clear.fit",
        description="Fit the tables of clear's codec to a folder of photographs.",
    )
    add = parser.add_argument
    add("folder", type=Path, help="photographs to fit to")
    add("-o", "--output", type=Path, required=True, help="the .npz file to write")
    add("--modes", type=int, default=64, help="number of common modes (%(default)s)")
    add("--macroblocks", type=int, default=20, help="most of a photograph (%(default)s)")
    add("--rounds", type=int, default=10, help="rounds of k-means for the modes (%(default)s)")
    add(
        "--floors",
        type=float,
        nargs="+",
        default=[1.0],
        help="quantizer steps that the modes are fitted for (1.0)",
    )
    options = parser.parse_args(arguments)
    try:
        sample = sample_macroblocks(options.folder, options.macroblocks, seed=0)
        tables = fit(sample, options.modes, tuple(options.floors), options.rounds)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        tables.save(options.output)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(
        f"{len(sample.photographs)} macroblocks, {options.modes} modes -> {options.output}",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
