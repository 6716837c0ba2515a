"""Transform and DC prediction: the inverses, exact where they have to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from codec import blocks

seeds = st.integers(0, 2**32 - 1)


@given(st.integers(1, 6), st.integers(1, 6), seeds)
def test_dc_prediction_is_undone_exactly(rows: int, columns: int, seed: int) -> None:
    dc = np.random.default_rng(seed).integers(-7000, 7000, (3, 4, rows, columns), np.int32)
    merged = np.random.default_rng(seed + 1).integers(0, 2, (rows, columns), np.int32)
    residuals = blocks.dc_residuals(dc, merged)
    assert residuals.dtype == np.int32
    np.testing.assert_array_equal(blocks.dc_values(residuals, merged), dc)


def test_a_ramp_has_small_residuals_however_it_is_transformed() -> None:
    rows, columns = np.indices((96, 96))
    ramp = np.repeat((rows + 1.5 * columns)[..., None], 3, axis=2).astype(np.uint8)
    x = blocks.transform(ramp)
    for merged, coefficients in enumerate((x, blocks.merge(x))):
        every = np.full(x.shape[2:], merged, np.int32)
        residuals = blocks.dc_residuals(coefficients[:3], every)[0]
        inner = np.abs(residuals[:, 1:-1, 1:-1]).max(axis=(1, 2))
        assert inner[0] < 16 * 16 * 2 * (1 + merged)
        assert inner[1:].max() < 12


def test_merging_is_a_transform_of_16x16(photograph: NDArray[np.uint8]) -> None:
    picture = photograph[64:96, 64:112]
    x = blocks.transform(picture)
    merged = blocks.merge(x)
    np.testing.assert_allclose(blocks.split(merged), x, atol=2e-3)
    # Cosines of 16 samples, on luma of the first macroblock.
    frequency, place = np.mgrid[0:16, 0:16]
    cosines = np.cos(np.pi * (2 * place + 1) * frequency / 32) * np.sqrt(1 / 8)
    cosines[0] /= np.sqrt(2)
    luma = picture[:16, :16].astype(float).sum(axis=2) / np.sqrt(3)
    expected = cosines @ luma @ cosines.T
    _, places = blocks.as_grid()
    own = np.concatenate([merged[:1, :, 0, 0], merged[3:66, :, 0, 0]]).ravel()
    np.testing.assert_allclose(own, expected.ravel()[places], atol=2e-2)


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (48, 33)])
def test_the_transform_is_orthonormal(size: tuple[int, int], photograph: NDArray[np.uint8]) -> None:
    height, width = size
    picture = photograph[100 : 100 + height, 200 : 200 + width]
    x = blocks.transform(picture)
    np.testing.assert_array_equal(blocks.inverse(x, height, width), picture)
    kernels = blocks.analysis().reshape(blocks.COEFFICIENTS, -1)
    np.testing.assert_allclose(kernels @ kernels.T, np.eye(len(kernels)), atol=1e-5)
