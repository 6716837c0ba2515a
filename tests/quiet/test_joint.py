"""Changes of a pixel's three samples, against all of them one by one."""

from itertools import product

import numpy as np
import pytest

from runtime.schemes.quiet import joint
from runtime.schemes.quiet.joint import Noise

FACTOR = 0.7
ALL = list(product((0, 1), repeat=3))


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


def of_changes(noise: Noise, pixel: int) -> dict[tuple[int, ...], tuple[float, float]]:
    """What sets of changes of a pixel cost, upwards and downwards."""
    a, b, c = (float(some[pixel]) for some in noise.correlations)
    inverse = np.linalg.inv(np.array([[1, a, b], [a, 1, c], [b, c, 1]]))
    found = {}
    for changes in ALL:
        both = []
        for costs in (noise.up, noise.down):
            x = [float(costs[plane][pixel]) if d else 0.0 for plane, d in enumerate(changes)]
            both.append(np.inf if np.isinf(x).any() else float(np.sqrt(x @ inverse @ x)))
        found[changes] = both[0], both[1]
    return found


def is_open(up: float, down: float) -> bool:
    """Whether a direction that is drawn by lot costs less than the bit it carries."""
    return np.isfinite(up) and FACTOR * ((up + down) / 2 - min(up, down)) < np.log(2)


def probabilities(noise: Noise, pixel: int) -> dict[tuple[int, ...], float]:
    """Of all sets of changes of a pixel, by brute force."""
    weights = {}
    for changes, (up, down) in of_changes(noise, pixel).items():
        two_ways = any(changes) and is_open(up, down)
        costs = (up + down) / 2 if two_ways else min(up, down)
        weights[changes] = (2 if two_ways else 1) * float(np.exp(-FACTOR * costs))
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


def drawn_changes(noise: Noise, seed: int) -> list[np.ndarray]:
    """Changes that can have been made, bool (pixels,) for each plane."""
    rng = np.random.default_rng(seed)
    drawn = []
    for pixel in range(len(noise)):
        some = probabilities(noise, pixel)
        drawn.append(list(some)[rng.choice(len(some), p=list(some.values()))])
    return list(np.array(drawn, bool).T)


@pytest.mark.parametrize("seed", range(3))
def test_a_plane_costs_what_the_changes_before_it_say(seed):
    noise = noise_of(seed, 40)
    changed = drawn_changes(noise, seed)
    for plane in range(3):
        costs = joint.costs(noise, FACTOR, changed[:plane])
        for pixel in range(len(noise)):
            shares = [0.0, 0.0]
            for changes, share in probabilities(noise, pixel).items():
                if all(changes[n] == changed[n][pixel] for n in range(plane)):
                    shares[changes[plane]] += share
            if np.isinf(noise.up[plane][pixel]):
                assert costs[pixel] == np.inf
            else:
                expected = np.log(shares[0] / shares[1])
                assert costs[pixel] == pytest.approx(expected, rel=2e-2, abs=2e-2)


def test_a_direction_is_open_if_it_costs_less_than_the_bit_it_carries():
    noise = noise_of(7, 200)
    changed = drawn_changes(noise, 7)
    found = joint.directions(noise, FACTOR, changed)
    for pixel in range(len(noise)):
        changes = tuple(int(flags[pixel]) for flags in changed)
        up, down = of_changes(noise, pixel)[changes]
        assert found.are_open[pixel] == (any(changes) and is_open(up, down))
        if any(changes):
            assert found.up[pixel] == (up < down)
    assert 0.2 < found.are_open.mean() < 0.9


def test_the_best_changes_carry_what_is_asked_for():
    noise = noise_of(4, 5000)
    for bits in (300, 3000):
        factor = joint.least_factor(noise, bits)
        carried = joint.carried(noise, factor)
        assert sum(carried.planes) + sum(carried.directions) == pytest.approx(bits, rel=1e-3)
        assert min(carried.planes) > 0.1 * bits
        assert min(carried.directions) > 0


def test_a_change_that_is_next_to_impossible_is_followed_by_no_other():
    cost = np.full(10, 100, np.float32)
    noise = Noise((cost,) * 3, (cost,) * 3, (np.zeros(10, np.float16),) * 3)
    for changed in ([], [np.ones(10, bool)], [np.zeros(10, bool), np.ones(10, bool)]):
        assert (joint.costs(noise, 10.0, changed) > 50).all()


def test_costs_that_are_the_same_both_ways_are_not_computed_twice():
    noise = noise_of(5, 100)
    both = Noise(noise.up, noise.up, noise.correlations)
    copied = Noise(noise.up, tuple(cost.copy() for cost in noise.up), noise.correlations)
    np.testing.assert_array_equal(joint.changing(both, 2.0), joint.changing(copied, 2.0))
    np.testing.assert_array_equal(joint.costs(both, 2.0, []), joint.costs(copied, 2.0, []))


def test_what_changes_cost_is_kept_of_pictures_that_are_not_too_large(monkeypatch):
    noise, other = noise_of(6, 70_000), noise_of(6, 70_000)
    changed = [np.random.default_rng(seed).random(70_000) < 0.1 for seed in range(3)]
    found = [joint.costs(noise, FACTOR, changed[:plane]) for plane in (0, 1, 2)]
    assert noise.kept
    monkeypatch.setattr(joint, "_KEPT", 1000)
    for plane, costs in enumerate(found):
        np.testing.assert_array_equal(joint.costs(other, FACTOR, changed[:plane]), costs)
    ways, again = (joint.directions(each, FACTOR, changed) for each in (noise, other))
    np.testing.assert_array_equal(ways.up, again.up)
    np.testing.assert_array_equal(ways.are_open, again.are_open)
    assert not other.kept
