"""Words in pixels: any words fit into any cover, with the least change that is possible."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from codec.words import words_in
from export.clear import carrier
from export.clear.changes import BITS, with_residues
from runtime.carriers import residues

bits_per_sample = st.sampled_from(BITS)
levels = st.sampled_from([0, 1, 2, 5, 127, 250, 253, 254, 255]) | st.integers(0, 255)
seeds = st.integers(0, 2**32 - 1)


@given(st.integers(256, 5000), bits_per_sample, seeds)
def test_words_come_back_from_symbols(samples: int, bits: int, seed: int) -> None:
    words = np.random.default_rng(seed).integers(0, 1 << 16, words_in(samples, bits), np.int32)
    symbols = carrier.symbols_of_words(words, samples, bits)
    assert symbols.shape == (samples,) and symbols.max() < 1 << bits
    np.testing.assert_array_equal(carrier.words_of_symbols(symbols, bits), words)


@pytest.mark.parametrize("bits", BITS)
def test_a_header_is_in_the_lowest_bits_for_any_number_of_bits(bits: int) -> None:
    words = np.zeros(words_in(1024, bits), np.int32)
    words[0] = 0xA5C3
    symbols = carrier.symbols_of_words(words, 1024, bits)
    assert "".join(str(s & 1) for s in symbols[:16]) == f"{0xA5C3:016b}"


@given(arrays.arrays(np.uint8, (7, 3), elements=levels), bits_per_sample, seeds)
def test_residues_come_back_from_any_cover(cover: NDArray[np.uint8], bits: int, seed: int) -> None:
    symbols = np.random.default_rng(seed).integers(0, 1 << bits, cover.shape).astype(np.uint8)
    container = with_residues(cover, carrier.residues_of_symbols(symbols, bits), bits)
    assert container.dtype == np.uint8
    # No sample wrapped around from 255 to 0, which would not change the residue.
    assert np.abs(container.astype(int) - cover).max() <= 12
    back = carrier.symbol_table(bits)[residues.residues_of(container, bits)]
    np.testing.assert_array_equal(back, symbols)


@pytest.mark.parametrize("bits", BITS)
def test_every_residue_is_reached_by_the_least_change(bits: int) -> None:
    every = np.arange(8**bits, dtype=np.uint16)
    symbols = carrier.symbol_table(bits)
    np.testing.assert_array_equal(carrier.residues_of_symbols(symbols, bits), every)
    side = np.arange(256)
    for pixel in ((127, 90, 200), (255, 255, 255), (0, 0, 0), (0, 255, 1), (254, 127, 3)):
        cover = np.broadcast_to(np.array(pixel, np.uint8), symbols.shape)
        container = with_residues(cover, every, bits).astype(int)
        distance = ((container - cover) ** 2).sum(axis=1)
        near = [side[np.abs(side - level) <= 16] for level in pixel]
        cube = np.stack(np.meshgrid(*near, indexing="ij"), -1).reshape(-1, 3)
        least = np.full(len(every), 10**6)
        reached = residues.residues_of(cube.astype(np.uint8), bits)
        np.minimum.at(least, reached, ((cube - pixel) ** 2).sum(axis=1))
        if bits < 3 or all(10 < level < 245 for level in pixel):
            np.testing.assert_array_equal(distance, least)
        # At 3 bits, a sample beside one at the edge changes by 5 at most, to keep the table small.
        assert (distance >= least).all() and distance.sum() <= 1.05 * least.sum()
        by_runtime = residues.with_residues(cover, every, bits).astype(int)
        np.testing.assert_array_equal(((by_runtime - cover) ** 2).sum(axis=1), least)


@pytest.mark.parametrize(("bits", "expected"), [(1, 0.3333), (2, 1.2656), (3, 5.0319)])
def test_uniform_symbols_change_a_cover_as_expected_and_without_drift(
    bits: int, expected: float
) -> None:
    random = np.random.default_rng(bits)
    cover = random.integers(20, 230, (300, 300, 3)).astype(np.uint8)
    symbols = random.integers(0, 1 << bits, cover.shape).astype(np.uint8)
    container = with_residues(cover, carrier.residues_of_symbols(symbols, bits), bits)
    change = container.astype(int) - cover
    assert (change**2).mean() == pytest.approx(expected, rel=0.01)
    # Half of the least step that one symbol in eight could be off by.
    assert np.abs(change.mean(axis=(0, 1))).max() < 0.15
