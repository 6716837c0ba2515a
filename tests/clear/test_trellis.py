"""The trellis: encoder and decoder agree, and its path is the cheapest."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from codec import classes as c
from codec import tables as t
from codec import trellis
from codec.quantize import quantize_ac
from codec.tables import Tables

seeds = st.integers(0, 2**32 - 1)


def follow(parities: np.ndarray) -> np.ndarray:
    """The quantizers, step by step as in a decoder."""
    now, before = np.zeros((2, *parities.shape[1:]), np.int32)
    sequence = []
    for parity in parities:
        sequence.append(now)
        now, before = before ^ parity, now
    return np.stack(sequence)


@given(st.integers(1, 40), st.integers(1, 5), seeds)
def test_quantizers_follow_from_parities(steps: int, lanes: int, seed: int) -> None:
    parities = np.random.default_rng(seed).integers(0, 2, (steps, lanes)).astype(np.int32)
    np.testing.assert_array_equal(trellis.quantizers(parities), follow(parities))


@given(st.integers(1, 9), seeds)
@settings(deadline=None)
def test_no_path_is_cheaper(steps: int, seed: int) -> None:
    cost = np.random.default_rng(seed).uniform(0, 1, (steps, 2, 2, 1)).astype(np.float32)

    def total(parities: np.ndarray) -> float:
        turns = trellis.quantizers(parities)
        return float(cost[np.arange(steps)[:, None], turns, parities, 0].sum())

    every = [np.array(p, np.int32)[:, None] for p in itertools.product((0, 1), repeat=steps)]
    cheapest = trellis.cheapest_path(cost)
    assert np.isclose(total(cheapest), min(map(total, every)), rtol=1e-5)


@given(seeds, st.sampled_from([0.5, 30.0, 3000.0]))
@settings(deadline=None, max_examples=20)
def test_symbols_have_the_parities_of_the_path(tables: Tables, seed: int, spread: float) -> None:
    random = np.random.default_rng(seed)
    shape = (40, 6)
    classes = random.integers(0, c.CLASSES, shape)
    shapes = random.integers(0, t.SHAPES, shape)
    magnitudes = random.exponential(spread, shape).astype(np.float32)
    magnitudes[random.uniform(size=shape) < 0.1] = 0.0
    one = np.ones(shape, np.float32)
    symbols, parities = quantize_ac(tables.costs(), shapes, classes, magnitudes, one)
    index = tables.ac_centres[trellis.quantizers(parities), shapes, classes] + symbols
    np.testing.assert_array_equal(tables.parities[index], parities)
    assert (symbols <= c.SUPPORTS[classes]).all() and not symbols[classes == 0].any()


def test_a_trellis_saves_a_decibel_at_high_rates(tables: Tables) -> None:
    shape = (400, 100)
    magnitudes = np.random.default_rng(0).uniform(0, 40, shape).astype(np.float32)
    classes = np.full(shape, c.CLASSES - 3)
    one = np.ones(shape, np.float32)
    symbols, parities = quantize_ac(tables.costs(), 0 * classes, classes, magnitudes, one)
    index = tables.ac_centres[trellis.quantizers(parities), 0, classes] + symbols
    error = ((tables.values[index] - magnitudes) ** 2).mean()
    assert error < 10**-0.09 / 12
