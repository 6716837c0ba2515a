"""`python -m benchmarks exact`: JPEG photographs that come back byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import photograph, run_module, save

from benchmarks.exact import table
from benchmarks.exact.count import count, cover_for, jpeg_files


@pytest.fixture
def jpegs(tmp_path: Path) -> Path:
    """Four JPEG photographs, of which one is too large for its cover, and a PNG."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name, quality in (("astronaut", 75), ("chelsea", 90), ("coffee", 85), ("rocket", 80)):
        picture = photograph(name, 160, 200)
        Image.fromarray(picture).save(folder / f"{name}.jpg", quality=quality)
    noise = np.random.default_rng(0).integers(0, 256, (64, 80, 3), np.uint8)
    Image.fromarray(noise).save(folder / "noise.jpg", quality=95)
    save(folder / "other.png", photograph("coffee", 64, 64))
    return folder


def test_files_that_fit_come_back_byte_for_byte(jpegs: Path):
    files = jpeg_files(sorted(jpegs.iterdir()))
    assert [file.name for file in files] == sorted(f.name for f in jpegs.glob("*.jpg"))
    assert cover_for(files[0], files[1]).shape == (160, 200, 3)
    counted = count(files, 2)
    kinds = {outcome["file"]: outcome["kind"] for outcome in counted["each"]}
    assert kinds.pop("noise.jpg") == "code" and set(kinds.values()) == {"file"}
    assert (counted["files"], counted["byte_for_byte"], counted["failed"]) == (5, 4, 0)
    assert counted["cover_psnr_worst"] > 46.6 and counted["cover_psnr"] > 48
    assert counted["revealed_psnr"] == counted["revealed_psnr_worst"] < 60
    for outcome in counted["each"]:
        assert (outcome["revealed_psnr"] is None) == outcome["byte_for_byte"]
        assert 0 < outcome["bits_per_pixel"] <= 6


def test_a_file_that_cannot_be_read_is_counted(jpegs: Path):
    (jpegs / "coffee.jpg").write_bytes((jpegs / "coffee.jpg").read_bytes()[:2000])
    counted = count([jpegs / "coffee.jpg", jpegs / "rocket.jpg"], 3)
    assert counted["failed"] == 2 or counted["each"][0]["error"]


def test_command(jpegs: Path, tmp_path: Path):
    out = tmp_path / "exact.json"
    settings = ("--bits", "2", "--timed", "5", "--rounds", "1", "--no-memory")
    done = run_module("benchmarks", "exact", jpegs, *settings, "--json", out)
    assert done.returncode == 0, done.stderr
    assert "4 of 5 (80.0 %)" in done.stdout
    result = json.loads(out.read_text())
    speed = result["speed"]
    assert (speed["pictures"], speed["left_out"]) == (4, 1)
    assert set(speed["speed_against_no_model"]) == {"hide", "reveal"}
    assert all(0 < share < 2 for share in speed["speed_against_no_model"].values())
    assert all(loop["megapixels_per_second"] > 0 for loop in speed["loops"].values())
    assert table.speed(result).count("\n") == 3
