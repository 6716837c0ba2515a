"""Changes of a pixel's three samples, against all of them one by one."""

from itertools import product

import numpy as np
import pytest

from runtime.schemes.quiet import joint
from runtime.schemes.quiet.joint import Noise

FACTOR = 0.7
ALL = [d for d in product((-1, 0, 1), repeat=3) if min(d) * max(d) >= 0]


def noise_of(seed: int, pixels: int) -> Noise:
    """Random costs, some of them infinite, and random correlations."""
    rng = np.random.default_rng(seed)
    up, down = rng.gamma(2, 1, (2, 3, pixels)).astype(np.float32)
    never = rng.random((3, pixels)) < 0.2
    up[never] = down[never] = np.inf
    mixed = rng.normal(0, 1, (pixels, 3, 3)) + rng.normal(0, 1, (pixels, 1, 3))
    powers = mixed @ mixed.transpose(0, 2, 1) + 0.3 * np.eye(3)
    deviation = np.sqrt(np.diagonal(powers, axis1=1, axis2=2))
    of_pixels = powers / deviation[:, :, None] / deviation[:, None, :]
    pairs = [of_pixels[:, one, other].astype(np.float16) for one, other in ((0, 1), (0, 2), (1, 2))]
    return Noise(tuple(up), tuple(down), tuple(pairs))


def probabilities(noise: Noise, pixel: int) -> dict[tuple[int, ...], float]:
    """Of all changes of a pixel."""
    a, b, c = (float(some[pixel]) for some in noise.correlations)
    inverse = np.linalg.inv(np.array([[1, a, b], [a, 1, c], [b, c, 1]]))
    weights = {}
    for changes in ALL:
        x = [
            0.0 if not d else d * float((noise.up if d > 0 else noise.down)[plane][pixel])
            for plane, d in enumerate(changes)
        ]
        never = np.isinf(x).any()
        weights[changes] = 0.0 if never else float(np.exp(-FACTOR * np.sqrt(x @ inverse @ x)))
    total = sum(weights.values())
    return {changes: weight / total for changes, weight in weights.items()}


def test_each_sample_changes_as_often_as_all_changes_together_say():
    noise = noise_of(1, 40)
    found = joint.changing(noise, FACTOR)
    for pixel in range(len(noise)):
        every = probabilities(noise, pixel)
        for plane in range(3):
            share = sum(p for changes, p in every.items() if changes[plane])
            assert found[plane][pixel] == pytest.approx(share, abs=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_plane_is_chosen_by_the_changes_before_it(seed):
    noise = noise_of(seed, 40)
    rng = np.random.default_rng(seed)
    every = [probabilities(noise, pixel) for pixel in range(len(noise))]
    # Changes that can have been made.
    drawn = [list(some)[rng.choice(len(some), p=list(some.values()))] for some in every]
    made = [np.array([changes[plane] for changes in drawn], np.int8) for plane in range(3)]
    for plane in range(3):
        choice = joint.choice(noise, FACTOR, made[:plane])
        for pixel, some in enumerate(every):
            shares = {
                value: sum(
                    p
                    for changes, p in some.items()
                    if changes[: plane + 1] == (*drawn[pixel][:plane], value)
                )
                for value in (-1, 0, 1)
            }
            base = int(choice.base[pixel])
            assert shares[base] == pytest.approx(max(shares.values()), rel=1e-2)
            for value, costs in ((base + 1, choice.costs.up), (base - 1, choice.costs.down)):
                if shares.get(value, 0) > 1e-9:
                    expected = np.log(shares[base] / shares[value])
                    assert costs[pixel] == pytest.approx(expected, rel=2e-2, abs=2e-2)
                else:
                    assert costs[pixel] > 15


def test_the_best_changes_carry_what_is_asked_for():
    noise = noise_of(4, 5000)
    for bits in (300, 3000):
        factor = joint.least_factor(noise, bits)
        carried = joint.carried(noise, factor)
        assert sum(carried) == pytest.approx(bits, rel=1e-3)
        assert min(carried) > 0.1 * bits


def test_a_change_that_is_next_to_impossible_is_followed_by_no_other():
    cost = np.full(10, 100, np.float32)
    noise = Noise((cost,) * 3, (cost,) * 3, (np.zeros(10, np.float16),) * 3)
    for made in ([], [np.ones(10, np.int8)], [np.zeros(10, np.int8), -np.ones(10, np.int8)]):
        choice = joint.choice(noise, 10.0, made)
        assert (choice.base == 0).all()
        assert (choice.costs.up > 50).all() and (choice.costs.down > 50).all()


def test_costs_that_are_the_same_both_ways_are_not_computed_twice():
    noise = noise_of(5, 100)
    both = Noise(noise.up, noise.up, noise.correlations)
    copied = Noise(noise.up, tuple(cost.copy() for cost in noise.up), noise.correlations)
    np.testing.assert_array_equal(joint.changing(both, 2.0), joint.changing(copied, 2.0))
    assert (joint.choice(both, 2.0, []).base == 0).all()
