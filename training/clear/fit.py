"""Fits the tables of the `clear` codec: python -m training.clear.fit FOLDER -o FILE."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codec import blocks as b
from codec import classes as c
from codec import modes as m
from codec import trellis
from codec.blocks import COEFFICIENTS, COLOURS, QINDICES_PER_OCTAVE, Floats, Integers, Ints
from codec.quantize import ROUGH, quantize_ac
from codec.tables import FREQUENCY_BITS, LAMBDA, SHAPES, Tables, frequencies_of
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
STEPS = (1.0, 2.0, 4.0, 8.0, 16.0)
ROUNDS = 4  # of choosing symbols and counting them
CHUNK = 16384  # blocks at once


def sample_blocks(folder: Path, most: int, seed: int) -> tuple[Floats, Integers]:
    """Random blocks of a folder's photographs, at most `most` of each.

    Each photograph is first cropped by a random offset: many were JPEGs once, and their own grid of
    8x8 blocks would show in the statistics. DC is replaced by its prediction residual.

    Returns:
        float32 (blocks, 192), and the number of the photograph of each block, int (blocks,).
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
        x = b.transform(picture[:rows, :columns]).astype(np.float32)
        blocks = features(x).reshape(COEFFICIENTS, -1).T
        taken.append(blocks[random.permutation(len(blocks))[:most]])
    photographs = np.repeat(np.arange(len(taken)), [len(blocks) for blocks in taken])
    return np.concatenate(taken), photographs


def features(x: Floats) -> Floats:
    """Coefficients, (192, 4, rows, columns), with DC replaced by what predicts its cost."""
    x = x.copy()
    residuals = b.dc_residuals(x[:COLOURS])
    # Anchors are predicted from twice as far, which about doubles the residual. The luma anchor
    # costs nothing: its residual only stands in for its neighbours' when a mode is chosen. The very
    # first anchor has no prediction.
    residuals[:, 0] *= 0.5
    residuals[:, 0, 0, 0] = 0.0
    x[:COLOURS] = residuals
    return x


def fit_scales(blocks: Floats, modes: int, floors: tuple[float, ...], rounds: int) -> Floats:
    """K-means with the bits of a Laplace distribution as distance; mean magnitudes (modes, 192)."""
    random = np.random.default_rng(0)
    magnitudes = np.abs(blocks)
    mean = magnitudes.mean(axis=0)
    scales: Floats = 0.7 * magnitudes[random.choice(len(blocks), modes, replace=False)] + 0.3 * mean
    for _ in range(rounds):
        cost = np.zeros((len(blocks), modes), np.float32)
        for floor in floors:
            floored = np.maximum(scales, floor * 0.5)
            cost += np.log2(floored).sum(axis=1).astype(np.float32)
            cost += np.maximum(magnitudes, floor * 0.25) @ (np.log2(np.e) / floored).T
        closest = cost.argmin(axis=1)
        for mode in range(modes):
            members = magnitudes[closest == mode]
            if len(members) < 8:
                scales[mode] = 0.7 * magnitudes[random.integers(len(blocks))] + 0.3 * mean
            else:
                scales[mode] = (members.sum(axis=0) + mean) / (len(members) + 1)
    return scales


def fit(
    blocks: Floats, photographs: Integers, modes: int, floors: tuple[float, ...], rounds: int
) -> Tables:
    """Fits all tables to the blocks of `sample_blocks`."""
    means = fit_scales(blocks, modes, floors, rounds)
    logs = np.rint(np.log2(np.maximum(means, 0.01)) * QINDICES_PER_OCTAVE)
    scales = np.clip(logs, m.LOWEST_SCALE, m.HIGHEST_SCALE).astype(np.int16).T
    magnitudes = np.abs(blocks)
    assumed = counts = synthetic_counts()
    ac = ac_distributions(counts, assumed)
    mode_frequencies = frequencies_of(np.ones(modes + len(m.ADAPTIVE_LEVELS)))

    def tables() -> Tables:
        score = _score(ac, counts)
        return tables_with(ac, scales=scales, mode_frequencies=mode_frequencies, score=score)

    for _ in range(ROUNDS):
        counts, mode_count = _count(tables(), magnitudes, photographs)
        ac = ac_distributions(counts, assumed)
        mode_frequencies = frequencies_of(mode_count)
    categories = _categories(tables(), magnitudes, photographs)
    return replace(tables(), category_frequencies=categories)


def _count(
    tables: Tables, magnitudes: Floats, photographs: Integers
) -> tuple[Counts, NDArray[np.float64]]:
    """Quantizes all blocks at all steps; counts of AC symbols, and of modes."""
    relative_classes, multiples = m.relative_class()
    counts = Counts()
    mode_count = np.ones(len(tables.mode_frequencies))
    bits = error = 0.0
    for step in STEPS:
        qindex = round((np.log2(step) + 1) * QINDICES_PER_OCTAVE)
        modes, relative = _choose_modes(tables, magnitudes, photographs, qindex)
        mode_count += np.bincount(modes, minlength=len(mode_count))
        for start in range(0, len(magnitudes), CHUNK):
            chunk = slice(start, start + CHUNK)
            index = relative[chunk, COLOURS:].T
            classes, multiple = relative_classes[index], multiples[index]
            shapes = np.broadcast_to(tables.shape_of_mode[modes[chunk]], classes.shape)
            exact = magnitudes[chunk, COLOURS:].T / (step * multiple)
            symbols, parities = quantize_ac(tables.costs(), shapes, classes, exact, multiple)
            counts.add(shapes, classes, exact, symbols, parities)
            quantizers = trellis.quantizers(parities)
            symbol_index = tables.ac_centres[quantizers, shapes, classes] + symbols
            error += ((tables.values[symbol_index] - exact) ** 2 * multiple**2).sum()
            bits += tables.bits[symbol_index].sum()
    coefficients = magnitudes[:, COLOURS:].size * len(STEPS)
    bits, error = bits / coefficients, error / coefficients
    print(
        f"{bits:.4f} bits per coefficient, error {error:.4f}, J {bits + error / LAMBDA:.4f}, "
        f"adaptive modes {mode_count[tables.modes :] / mode_count.sum()}",
        file=sys.stderr,
        flush=True,
    )
    return counts, mode_count


def _choose_modes(
    tables: Tables, magnitudes: Floats, photographs: Integers, qindex: int
) -> tuple[Integers, Ints]:
    """The mode of each block, and the relative indices of its scales, (blocks, 192)."""
    relative_classes, _ = m.relative_class()
    step = b.step_sizes()[qindex]
    mode_bits = tables.bits[tables.firsts[tables.mode_class] :]
    modes = np.empty(len(magnitudes), np.int64)
    relative = np.empty(magnitudes.shape, np.int32)
    for number in range(photographs.max() + 1):
        members = photographs == number
        adaptive = m.adaptive_scales(magnitudes[members].mean(axis=0))
        index = tables.all_scales(adaptive) - qindex + m.RELATIVE_OFFSET
        score = tables.score[tables.shape_of_mode, relative_classes[index]]
        quantized = np.floor(magnitudes[members] / step + ROUGH)
        cost = quantized @ score[..., 2] + score[..., 0].sum(axis=0) + mode_bits
        cost += np.minimum(quantized, 1.0) @ score[..., 1]
        modes[members] = cost.argmin(axis=1)
        relative[members] = index[:, modes[members]].T
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


def _categories(tables: Tables, magnitudes: Floats, photographs: Integers) -> Ints:
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
        qindex = round((np.log2(step) + 1) * QINDICES_PER_OCTAVE)
        _, relative = _choose_modes(tables, magnitudes, photographs, qindex)
        q = np.floor(magnitudes[:, :COLOURS] / step + 0.5)
        category = np.ceil(np.log2(q + 1)).astype(int)
        np.add.at(count, (classes[relative[:, :COLOURS]], category), 1)
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
    add("--blocks", type=int, default=150, help="most blocks of a photograph (%(default)s)")
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
        blocks, photographs = sample_blocks(options.folder, options.blocks, seed=0)
        tables = fit(blocks, photographs, options.modes, tuple(options.floors), options.rounds)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        tables.save(options.output)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{len(blocks)} blocks, {options.modes} modes -> {options.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
