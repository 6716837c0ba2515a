"""A container, made once for all tests."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support import photograph

import runtime

WORDS = "correct horse"


@pytest.fixture(scope="session")
def cover() -> np.ndarray:
    return photograph("coffee", 256, 300)


@pytest.fixture(scope="session")
def secret() -> np.ndarray:
    picture = cv2.resize(photograph("astronaut"), (128, 128), interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="session")
def hider() -> runtime.Hider:
    return runtime.Hider("quiet", constraint_height=7, payload_rate=0.1)


@pytest.fixture(scope="session")
def revealer() -> runtime.Revealer:
    return runtime.Revealer("quiet")


@pytest.fixture(scope="session")
def container(hider: runtime.Hider, cover: np.ndarray, secret: np.ndarray) -> np.ndarray:
    return hider.hide(cover, secret, WORDS)
