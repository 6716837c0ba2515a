"""Fixtures for the tests of the codec, its graphs and the payload: tables, graphs, a photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from codec.codec import Codec
from codec.tables import Tables
from runtime.engine.models import load_model
from runtime.engine.network import Network
from runtime.payloads import code

MODEL = Path(__file__).parents[2] / "models" / "clear"
Networks = dict[str, Network]


@pytest.fixture(scope="session")
def tables() -> Tables:
    return Tables.load(MODEL / "tables.npz")


@pytest.fixture(scope="session")
def codec(tables: Tables) -> Codec:
    return Codec(tables)


@pytest.fixture(scope="session")
def photograph() -> NDArray[np.uint8]:
    return np.asarray(data.astronaut(), np.uint8)


@pytest.fixture(scope="session")
def networks() -> Networks:
    """The graphs of the shipped model."""
    model = load_model(MODEL)
    signatures = {"hide": code.HIDE, "estimate": code.ESTIMATE, "reveal": code.REVEAL}
    return {n: Network(model, n, s, "cpu", 2, 2) for n, s in signatures.items()}
