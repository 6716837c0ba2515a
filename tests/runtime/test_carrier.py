"""The carrier of `clear`: any bytes, in any pixels, at any density, changed as little as can be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from runtime.carriers import density, residues
from runtime.carriers.density import WHOLE, Density, capacity, least_density
from runtime.carriers.residues import MULTIPLIERS, bits_of_group, residues_of, with_residues

# Mean squared change of a sample by bits per pixel. These are part of what is promised.
MEAN_CHANGE = {1: 0.0781, 2: 0.167, 3: 0.3021, 4: 0.4714, 5: 0.8021, 6: 1.2656, 7: 2.0078}
MEAN_CHANGE |= {8: 3.168, 9: 5.0319}

densities = st.builds(Density, st.integers(1, 9), st.integers(1, WHOLE))
pixels = st.integers(1, 300).flatmap(
    lambda count: arrays(np.uint8, (count, 3), elements=st.sampled_from([0, 1, 2, 127, 254, 255]))
)


@pytest.mark.parametrize("bits", MULTIPLIERS)
def test_groups_get_every_residue_at_the_least_change(bits):
    wanted = np.arange(1 << bits_of_group(bits), dtype=np.uint16)
    groups = np.full((len(wanted), len(MULTIPLIERS[bits])), 128, np.uint8)
    changed = with_residues(groups, wanted, bits)
    assert np.array_equal(residues_of(changed, bits), wanted)
    change = (changed.astype(int) - groups) ** 2
    assert change.mean() == pytest.approx(MEAN_CHANGE[bits], abs=1e-4)


@pytest.mark.parametrize("bits", MULTIPLIERS)
def test_saturated_groups_get_every_residue_nearby(bits):
    # Each sample at one end, in every combination for up to 6 samples, in some for 12.
    wanted = np.arange(1 << bits_of_group(bits), dtype=np.uint16)
    samples = len(MULTIPLIERS[bits])
    every = np.arange(1 << samples)
    chosen = every if samples < 12 else np.random.default_rng(bits).choice(every, 64)
    for pattern in (*chosen, every[-1]):
        ends = 255 * (pattern >> np.arange(samples) & 1)
        groups = np.tile(ends.astype(np.uint8), (len(wanted), 1))
        changed = with_residues(groups, wanted, bits)
        assert np.array_equal(residues_of(changed, bits), wanted)
        assert np.abs(changed.astype(int) - groups).max() <= 12


@given(pixels, densities, st.data())
def test_any_bytes_come_back_from_any_pixels(pixels, chosen, data):
    room = capacity(len(pixels), chosen)
    content = data.draw(st.binary(max_size=room))
    container = density.write(pixels, content, chosen)
    assert density.read(container, len(content), chosen) == content
    assert container.shape == pixels.shape


@pytest.mark.parametrize("bits", MULTIPLIERS)
def test_content_may_end_anywhere(bits):
    pixels = np.random.default_rng(bits).integers(0, 256, (60, 3)).astype(np.uint8)
    chosen = Density(bits, density.WHOLE // 2)
    for length in range(capacity(len(pixels), chosen) + 1):
        content = bytes(range(length))
        assert density.read(density.write(pixels, content, chosen), length, chosen) == content


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=5), st.integers(1, 3000))
def test_the_least_density_is_enough_and_no_more(tiles, length):
    found = least_density(tiles, length, 9)
    whole = sum(capacity(count, Density(9)) for count in tiles)
    if found is None:
        assert length > whole
        return
    assert sum(capacity(count, found) for count in tiles) >= length
    if found.bits > 1:
        less = Density(found.bits - 1)
        assert sum(capacity(count, less) for count in tiles) < length


def test_the_mean_change_grows_ever_faster_so_a_mixture_is_right():
    change = [0, *MEAN_CHANGE.values()]
    steps = np.diff(change)
    assert (np.diff(steps) > 0).all()


@settings(max_examples=30)
@given(st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_what_is_not_needed_stays_as_it_was(bits, seed):
    random = np.random.default_rng(seed)
    cover = random.integers(0, 256, (500, 3)).astype(np.uint8)
    container = density.write(cover, random.bytes(20), Density(bits))
    needed = -(-160 // bits) + residues.group_of(bits)
    assert np.array_equal(container[needed:], cover[needed:])
