"""The carrier: messages come back exactly, at little cost, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.carriers.syndrome import order, plane, ternary, trellis
from runtime.carriers.syndrome.columns import LEAST_HEIGHT, MOST_HEIGHT, columns
from runtime.carriers.syndrome.plane import Costs

HEIGHTS = range(LEAST_HEIGHT, MOST_HEIGHT + 1)


def plane_of(seed: int, count: int, wet: float) -> tuple[np.ndarray, Costs]:
    """Samples and log-normal costs, as those of photographs about are."""
    generator = np.random.default_rng(seed)
    samples = generator.integers(0, 256, count).astype(np.uint8)
    up = np.exp(generator.normal(0, 1.5, count)).astype(np.float32)
    down = np.exp(generator.normal(0, 1.5, count)).astype(np.float32)
    never = (generator.random(count) < wet) | (samples == 0) | (samples == 255)
    up[never] = down[never] = np.inf
    return samples, Costs(up, down)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1000),
    side=st.tuples(st.integers(64, 80), st.integers(64, 80)),
    rate=st.floats(0.001, 0.4),
    wet=st.sampled_from([0.0, 0.3]),
    height=st.sampled_from([7, 8, 9]),
)
def test_any_message_comes_back_and_wet_samples_stay(seed, side, rate, wet, height):
    count = side[0] * side[1]
    samples, costs = plane_of(seed, count, wet)
    one_way = np.random.default_rng(seed + 1).random(count)
    costs.up[one_way < 0.05] = costs.down[one_way > 0.95] = np.inf
    message = np.random.default_rng(seed).bytes(max(1, int(rate * count * (1 - wet)) // 8))
    positions = order.order(count, np.random.default_rng(seed).bytes(order.table_bytes(count)))
    layers = plane.layers_for(samples, costs, positions, 8 * len(message))
    container = samples.copy()
    assert plane.write(container, costs, positions, message, layers, height)
    assert plane.read(container, positions, layers, height) == message
    change = container.astype(int) - samples
    assert np.abs(change).max() <= 1
    assert not (change[np.isinf(costs.up)] > 0).any()
    assert not (change[np.isinf(costs.down)] < 0).any()


@pytest.mark.parametrize("height", HEIGHTS)
def test_changes_cost_little_more_than_the_bound(height):
    samples, costs = plane_of(1, 1 << 16, 0)
    bits = len(samples) // 10
    layers, factor = ternary.layers_for(samples, costs.up, costs.down, bits)
    message = np.random.default_rng(2).integers(0, 2, bits).astype(np.uint8)
    container = ternary.embed(samples, costs.up, costs.down, message, layers, factor, height)
    change = container.astype(int) - samples
    spent = costs.up[change > 0].sum() + costs.down[change < 0].sum()
    up, down = np.exp(-factor * costs.up), np.exp(-factor * costs.down)
    with np.errstate(invalid="ignore"):
        least = np.nansum((up * costs.up + down * costs.down) / (1 + up + down))
    assert spent < least / {7: 0.77, 8: 0.79, 9: 0.80, 10: 0.81}[height]


def test_a_message_is_refused_where_too_few_samples_may_change():
    samples, costs = plane_of(3, 5000, 0.99)
    positions = np.arange(5000, dtype=np.uint32)
    layers, before = ternary.halves(800), samples.copy()
    assert not plane.write(samples, costs, positions, bytes(100), layers, 8)
    assert np.array_equal(samples, before)


def test_large_planes_are_worked_on_in_parts(monkeypatch):
    samples, costs = plane_of(4, 3 * trellis.lanes_of(1 << 20, 0)[1] + 5, 0.1)
    message = np.random.default_rng(4).integers(0, 2, 900).astype(np.uint8)
    layers, factor = ternary.layers_for(samples, costs.up, costs.down, len(message))
    made = []
    for lanes in (256, 2):
        monkeypatch.setattr(trellis, "_MOST_LANES", lanes)
        args = (samples, costs.up, costs.down, message, layers, factor, 7)
        made.append(ternary.embed(*args))
    assert np.array_equal(*made)
    assert np.array_equal(ternary.read(made[0], layers, 7), message)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 5000), seed=st.integers(0, 1000))
def test_an_order_has_every_position_once(count, seed):
    tables = np.random.default_rng(seed).bytes(order.table_bytes(count))
    every = order.order(count, tables)
    assert np.array_equal(np.sort(every), np.arange(count))
    assert np.array_equal(order.order(count, tables, 100), every[:100])


def test_orders_of_other_tables_share_no_more_than_chance():
    count = 1 << 16
    first, second = (
        order.order(count, np.random.default_rng(seed).bytes(order.table_bytes(count)))
        for seed in (1, 2)
    )
    assert np.count_nonzero(first == second) < 10
    both = np.intersect1d(first[: count // 4], second[: count // 4])
    assert abs(len(both) - count / 16) < 6 * (count / 16) ** 0.5
    steps = np.diff(first.astype(int))
    assert np.unique(steps).size > count // 3


@pytest.mark.parametrize("height", HEIGHTS)
def test_columns_differ_and_have_ones_at_both_ends(height):
    table = columns(height)
    assert len(np.unique(table)) == len(table) == 1 << (height - 2)
    assert (table & 1).all() and (table >> (height - 1) == 1).all()
