"""Distortions of pictures, and verification after them; covers that are reduced first."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from support import ROOT, photograph, read, run_main, save

import runtime
from runtime.hide import main as hide
from runtime.images.distortions import distortion_of
from runtime.images.metrics import psnr
from runtime.images.platforms import PLATFORMS

PICTURE = photograph("coffee", 200, 300)


@pytest.mark.parametrize(
    ("steps", "size"),
    [
        ("jpeg:75", (200, 300)),
        ("WebP:80", (200, 300)),
        ("scale:0.5", (100, 150)),
        ("scale:0.5, jpeg:75", (100, 150)),
        ("fit:120,jpeg:60", (80, 120)),
        ("fit:3000", (200, 300)),
        ("area:15000", (100, 150)),
        ("bytes:9000", (200, 300)),
        ("scale:2", (400, 600)),
    ],
)
def test_steps_do_what_they_say(steps, size):
    arrived = distortion_of(steps)(PICTURE)
    assert arrived.shape == (*size, 3) and arrived.dtype == np.uint8
    if size == PICTURE.shape[:2]:
        assert 25 < psnr(PICTURE, arrived) < 60 or (steps == "fit:3000")


def test_lower_qualities_and_fewer_bytes_lose_more():
    for kind, values in (("jpeg", (95, 75, 40)), ("webp", (90, 50)), ("bytes", (20_000, 8_000))):
        found = [psnr(PICTURE, distortion_of(f"{kind}:{value}")(PICTURE)) for value in values]
        assert found == sorted(found, reverse=True) and len(set(found)) == len(found)


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_platforms_reduce_and_save_anew(name):
    large = photograph("rocket", 700, 2400)
    arrived = distortion_of(name.upper())(large)
    assert max(arrived.shape) <= 2400 and not np.array_equal(arrived, large)


@pytest.mark.parametrize("text", ["", "jpeg", "jpeg:101", "scale:x", "fit:1", "jpeg:75,", "icq"])
def test_anything_else_is_refused(text):
    with pytest.raises(runtime.UsageError, match="is not a distortion") as caught:
        distortion_of(text)
    assert "signal" in str(caught.value) and "jpeg:QUALITY" in str(caught.value)


@pytest.fixture
def pair(tmp_path):
    cover = save(tmp_path / "cover.png", photograph("astronaut", 500, 450))
    return cover, save(tmp_path / "secret.png", photograph("coffee", 90, 120))


def test_covers_are_reduced_first(pair, tmp_path):
    out = tmp_path / "out"
    done = run_main(hide, *pair, "-o", out, "--fit", "400", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["height"], result["width"]) == (400, 360)
    assert "reduced from 450 x 500 to 360 x 400 pixels first" in result["notes"]
    container = read(out / "cover.png")
    expected = distortion_of("fit:400")(photograph("astronaut", 500, 450))
    assert psnr(expected, container) > 40
    assert runtime.Revealer("clear").reveal(container).shape == (90, 120, 3)


def test_transparency_is_reduced_too(pair, tmp_path):
    alpha = np.full((500, 450, 1), 99, np.uint8)
    rgba = np.concatenate([photograph("astronaut", 500, 450), alpha], axis=2)
    cover = save(tmp_path / "alpha.png", rgba)
    (result,) = runtime.hide_folder(cover, pair[1], tmp_path / "a.png", fit=250)
    assert result.error is None and result.size == (250, 225)
    assert read(tmp_path / "a.png").shape == (250, 225, 4)


def test_containers_are_verified_after_distortions(pair, tmp_path):
    through = "--verify-through", "jpeg:60", "--verify-through", "scale:0.8,jpeg:90"
    options = "--model", "robust", "--strength", "strong", "--json"
    done = run_main(hide, *pair, "-o", tmp_path / "out", *options, *through)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["psnr"]["revealed"] > 24 and result["seconds"]["verify"] > 0
    failed = run_main(hide, *pair, "-o", tmp_path / "no", *options, "--verify-through", "jpeg:10")
    assert failed.returncode == 1 and not (tmp_path / "no" / "cover.jpg").exists()
    message = json.loads(failed.stdout)["error"]["message"]
    assert message.startswith("verification failed after jpeg:10: ")
    clear = run_main(hide, *pair, "-o", tmp_path / "c", "--verify-through", "signal")
    assert clear.returncode == 1 and "verification failed after signal" in clear.stderr
    wrong = run_main(hide, *pair, "-o", tmp_path / "w", "--verify-through", "fax")
    assert wrong.returncode == 2 and "'fax' is not a distortion" in wrong.stderr


def test_the_table_of_platforms_is_documented():
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` \|$", text, re.M)
    assert dict(rows) == PLATFORMS
