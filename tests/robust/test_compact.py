"""Compact pictures: they fit, come back at their own size, and are refused if they are not ones."""

import contextlib

import cv2
import numpy as np
import pytest
from support import photograph

from runtime.engine.models import load_model
from runtime.engine.network import Network
from runtime.errors import ContainerError, TooLargeError
from runtime.images.metrics import psnr
from runtime.payloads import compact
from runtime.payloads.restoring import RESTORE


@pytest.fixture(scope="module")
def restore() -> Network:
    return Network(load_model("robust"), "restore", RESTORE, "cpu", 1)


@pytest.mark.parametrize(("budget", "least"), [(400, 21.0), (1500, 26.0), (5000, 31.0)])
def test_a_compact_picture_fits_and_comes_back(budget, least):
    secret = photograph("coffee", 130, 171)
    coded = compact.encode(secret, budget)
    assert coded is not None and len(coded.content) <= budget
    assert len(coded.content) > 0.8 * budget
    back, size = compact.decode_compact(coded.content, secret.shape[0] * secret.shape[1])
    assert back.shape == secret.shape and size == coded.coded_size
    assert psnr(secret, back) == pytest.approx(coded.psnr)
    assert coded.psnr > least


def test_more_bytes_are_no_worse():
    secret = photograph("chelsea", 96, 128)
    found = [compact.encode(secret, budget) for budget in (300, 600, 1200, 2400)]
    quality = [one.psnr for one in found if one is not None]
    assert len(quality) == 4 and quality == sorted(quality)


def test_more_effort_finds_better_ones(restore):
    found = {}
    for effort in ("low", "medium", "high"):
        coded = [
            compact.encode(photograph(name, 120, 144), 500, restore, effort=effort)
            for name in ("coffee", "astronaut", "chelsea")
        ]
        assert all(one is not None and len(one.content) <= 500 for one in coded)
        found[effort] = np.mean([one.psnr for one in coded if one is not None])
    assert found["low"] + 0.1 < found["medium"] < found["high"] - 0.1


def test_photographs_are_restored_and_text_is_not(restore):
    gains = []
    for name in ("coffee", "astronaut", "chelsea", "rocket"):
        secret = photograph(name, 200, 240)
        plain = compact.encode(secret, 1200)
        coded = compact.encode(secret, 1200, restore)
        assert plain is not None and coded is not None
        back, _ = compact.decode_compact(coded.content, 200 * 240, restore)
        assert psnr(secret, back) == pytest.approx(coded.psnr)
        gains.append(coded.psnr - plain.psnr)
    assert min(gains) >= 0 and np.mean(gains) > 0.1
    text = np.full((80, 240, 3), 255, np.uint8)
    cv2.putText(text, "plain sight", (8, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
    plain, coded = (compact.encode(text, 1500, each) for each in (None, restore))
    assert plain is not None and coded is not None
    assert coded.psnr == plain.psnr
    back, _ = compact.decode_compact(coded.content, 80 * 240, restore)
    assert psnr(text, back) == pytest.approx(plain.psnr)


def test_nothing_fits_nothing():
    assert compact.encode(photograph("rocket", 64, 64), 20) is None


def test_what_is_none_is_refused():
    secret = photograph("rocket", 40, 60)
    coded = compact.encode(secret, 600)
    assert coded is not None
    for content in (b"", coded.content[:8], coded.content[:40], b"\xff" * 99, bytes(99)):
        with pytest.raises(ContainerError):
            compact.decode_compact(content, 1 << 40)
    with pytest.raises(TooLargeError):
        compact.decode_compact(coded.content, 40 * 60 - 1)
    rng = np.random.default_rng(0)
    for _ in range(20):
        content = bytearray(coded.content)
        content[rng.integers(8, len(content))] ^= int(rng.integers(1, 256))
        with contextlib.suppress(ContainerError):
            compact.decode_compact(bytes(content), 40 * 60)
