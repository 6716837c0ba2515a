"""Fixtures for the tests of the codec and its graphs: fitted tables, and a photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from codec.codec import Codec
from codec.tables import Tables

TABLES = Path(__file__).parents[2] / "models" / "clear" / "tables.npz"


@pytest.fixture(scope="session")
def tables() -> Tables:
    return Tables.load(TABLES)


@pytest.fixture(scope="session")
def codec(tables: Tables) -> Codec:
    return Codec(tables)


@pytest.fixture(scope="session")
def photograph() -> NDArray[np.uint8]:
    return np.asarray(data.astronaut(), np.uint8)
