"""A container, made once for all tests."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support import photograph

import runtime


@pytest.fixture(scope="session")
def cover() -> np.ndarray:
    return photograph("astronaut", 320, 400)


@pytest.fixture(scope="session")
def secret() -> np.ndarray:
    picture = cv2.resize(photograph("coffee"), (160, 120), interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="session")
def revealer() -> runtime.Revealer:
    return runtime.Revealer("robust")


@pytest.fixture(scope="session")
def containers(cover: np.ndarray, secret: np.ndarray) -> dict[str, np.ndarray]:
    """One of each strength, under a passphrase."""
    hider = runtime.Hider("robust")
    return {
        name: hider.with_options(strength=name).hide(cover, secret, "correct horse")
        for name in ("normal", "strong", "max")
    }
