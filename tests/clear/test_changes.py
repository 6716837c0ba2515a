"""Symbols in pixels: any symbols in any cover, by the least change there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from training.clear import changes

payloads = st.sampled_from([1, 2, 3])
levels = st.sampled_from([0, 1, 2, 5, 127, 250, 253, 254, 255]) | st.integers(0, 255)


@given(arrays.arrays(np.uint8, (7, 3), elements=levels), payloads, st.integers(0, 2**32 - 1))
def test_symbols_come_back_from_any_cover(cover: NDArray[np.uint8], bits: int, seed: int) -> None:
    symbols = np.random.default_rng(seed).integers(0, 1 << bits, cover.shape).astype(np.uint8)
    container = changes.embed(cover, symbols, bits)
    assert container.dtype == np.uint8
    # None went round from 255 to 0, which would leave the residue as it is.
    assert np.abs(container.astype(int) - cover).max() <= 12
    np.testing.assert_array_equal(changes.extract(container, bits), symbols)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_every_residue_is_reached_by_the_least_change(bits: int) -> None:
    every = np.arange(8**bits)
    symbols = changes.symbol_table(bits)
    np.testing.assert_array_equal(changes.residues_of_symbols(symbols, bits), every)
    side = np.arange(256)
    for pixel in ((127, 90, 200), (255, 255, 255), (0, 0, 0), (0, 255, 1), (254, 127, 3)):
        cover = np.broadcast_to(np.array(pixel, np.uint8), symbols.shape)
        made = changes.embed(cover, symbols, bits).astype(int)
        distance = ((made - cover) ** 2).sum(axis=1)
        near = [side[np.abs(side - level) <= 16] for level in pixel]
        cube = np.stack(np.meshgrid(*near, indexing="ij"), -1).reshape(-1, 3)
        least = np.full(len(every), 10**6)
        found = changes.residues(cube.astype(np.uint8), bits)
        np.minimum.at(least, found, ((cube - pixel) ** 2).sum(axis=1))
        if bits < 3 or all(10 < level < 245 for level in pixel):
            np.testing.assert_array_equal(distance, least)
        # At 3 bits a sample beside one at an edge changes by 5 at most, for a smaller table.
        assert (distance >= least).all() and distance.sum() <= 1.05 * least.sum()


@pytest.mark.parametrize(("bits", "expected"), [(1, 0.3333), (2, 1.2656), (3, 5.0319)])
def test_uniform_symbols_change_a_cover_by_so_much_and_in_no_direction(
    bits: int, expected: float
) -> None:
    random = np.random.default_rng(bits)
    cover = random.integers(20, 230, (300, 300, 3)).astype(np.uint8)
    symbols = random.integers(0, 1 << bits, cover.shape).astype(np.uint8)
    change = changes.embed(cover, symbols, bits).astype(int) - cover
    assert (change**2).mean() == pytest.approx(expected, rel=0.01)
    # Half of the least step that one symbol in eight could be off by.
    assert np.abs(change.mean(axis=(0, 1))).max() < 0.15
