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
