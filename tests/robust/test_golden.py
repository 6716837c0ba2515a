"""Containers of format 1 that must reveal forever, and JPEG files that were saved of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from support import photograph

import runtime
from runtime.images.metrics import psnr

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(path for path in GOLDEN.iterdir() if path.name != "own.jpg")
PASSPHRASE = "Grüße aus dem Wald"
LEAST = {"normal": 33.0, "strong": 29.5, "max": 26.5}


@pytest.fixture(scope="module")
def anything() -> runtime.Revealer:
    return runtime.Revealer()


def test_each_strength_and_payload_has_one_and_a_saved_one():
    assert len(FILES) == 3 * 2 * 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_reveals_to_what_it_always_did(path, anything):
    strength, kind = path.stem.split("-")[:2]
    recovered = anything.recover(path, PASSPHRASE if kind == "file" else None)
    assert recovered.model == "robust" and recovered.payload.kind == kind
    assert f"hidden with strength {strength}" in recovered.notes[0]
    if kind == "file":
        assert recovered.file == (GOLDEN / "own.jpg").read_bytes()
        return
    secret = cv2.resize(photograph("coffee"), (80, 60), interpolation=cv2.INTER_AREA)
    assert recovered.picture.shape == secret.shape
    assert psnr(secret, recovered.picture) > LEAST[strength]
