"""The clear codec's geometry: what must invert does, exactly where it is said to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from codec import blocks

seeds = st.integers(0, 2**32 - 1)


@given(st.integers(256, 5000), st.integers(1, 3), seeds)
def test_words_come_back_from_symbols(samples: int, bits: int, seed: int) -> None:
    words = np.random.default_rng(seed).integers(
        0, 1 << 16, blocks.words_in(samples, bits), np.int32
    )
    symbols = blocks.symbols_of_words(words, samples, bits)
    assert symbols.shape == (samples,) and symbols.max() < 1 << bits
    np.testing.assert_array_equal(blocks.words_of_symbols(symbols, bits), words)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_a_header_is_in_the_lowest_bits_whatever_the_payload(bits: int) -> None:
    words = np.zeros(blocks.words_in(1024, bits), np.int32)
    words[0] = 0xA5C3
    symbols = blocks.symbols_of_words(words, 1024, bits)
    assert "".join(str(s & 1) for s in symbols[:16]) == f"{0xA5C3:016b}"


@given(st.integers(1, 6), st.integers(1, 6), seeds)
def test_dc_prediction_is_undone_exactly(rows: int, columns: int, seed: int) -> None:
    dc = np.random.default_rng(seed).integers(-7000, 7000, (3, 4, rows, columns), np.int32)
    dc[0] = np.abs(dc[0])
    residuals = blocks.dc_residuals(dc)
    np.testing.assert_array_equal(blocks.dc_values(residuals, dc[0, 0]), dc)


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (48, 33)])
def test_the_transform_is_orthonormal(size: tuple[int, int], photograph: NDArray[np.uint8]) -> None:
    height, width = size
    picture = photograph[100 : 100 + height, 200 : 200 + width]
    x = blocks.transform(picture)
    np.testing.assert_array_equal(blocks.inverse(x, height, width), picture)
    kernels = blocks.analysis().reshape(blocks.COEFFICIENTS, -1)
    np.testing.assert_allclose(kernels @ kernels.T, np.eye(len(kernels)), atol=1e-5)
