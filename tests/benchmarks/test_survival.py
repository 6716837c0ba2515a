"""`python -m benchmarks survival` and its distortions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, run_module

from benchmarks.survival.distortions import QUICK, Distortion, all_distortions
from runtime.images.resize import resize_to


def test_survival_reports_what_is_lost(tmp_path: Path):
    out, plot = tmp_path / "survival.json", tmp_path / "survival.png"
    result = run_module(
        "benchmarks",
        "survival",
        "--quick",
        "--side",
        "192",
        "--json",
        out,
        "--plot",
        plot,
    )
    assert result.returncode == 0, result.stderr
    assert "| PNG |" in result.stdout and "lost" in result.stdout
    assert plot.read_bytes().startswith(b"\x89PNG")
    cells = {(c["channel"], c["name"]): c for c in json.loads(out.read_text())["cells"]}
    exact = cells["PNG", "clear, 2 bit"]["revealed_psnr"]
    assert min(exact) > 40
    assert cells["WebP lossless", "clear, 2 bit"]["revealed_psnr"] == exact
    assert cells["one sample off by one", "clear, 2 bit"]["altered"] == 2
    for distortion in ("JPEG 95, 4:2:0", "x0.5 area, JPEG 85", "noise, sigma 1"):
        for bits in (1, 2, 3):
            assert cells[distortion, f"clear, {bits} bit"]["revealed_psnr"] == [None, None]
    # classic never reports a loss; what it reveals gets worse.
    jpeg, png = (cells[c, "classic"]["revealed_psnr"] for c in ("JPEG 75, 4:2:0", "PNG"))
    assert max(jpeg) < 20 < min(png)
    # What robust reveals is the same whatever it went through, or it says that it is lost.
    for strength, survived in (("normal", "JPEG 75, 4:2:0"), ("max", "x0.5 area, JPEG 85")):
        jpeg, png = (cells[c, f"robust, {strength}"]["revealed_psnr"] for c in (survived, "PNG"))
        assert jpeg == png and min(png) > 20


@pytest.mark.parametrize("distortion", all_distortions(), ids=lambda distortion: distortion.label)
def test_a_distortion_changes_a_picture_a_little(distortion: Distortion):
    picture = photograph("coffee", 96, 128)
    distorted = distortion.apply(picture)
    crop = distortion.crop
    original = picture[crop : 96 - crop, crop : 128 - crop]
    assert distorted.dtype == np.uint8
    if re.match(r"x\d", distortion.label):
        factor = float(re.match(r"x([\d.]+)", distortion.label)[1])
        assert distorted.shape == (round(96 * factor), round(128 * factor), 3)
        distorted = resize_to(distorted, 96, 128)
    assert distorted.shape == original.shape
    if distortion.label in ("PNG", "WebP lossless") or crop:
        assert np.array_equal(distorted, original)
    else:
        assert not np.array_equal(distorted, original)
        assert peak_signal_noise_ratio(original, distorted) > 20


def test_distortions_are_in_order_of_severity():
    picture = photograph("astronaut", 128, 128)
    for kind in ("JPEG", "WebP", "noise", "blur"):
        psnrs = [
            peak_signal_noise_ratio(picture, d.apply(picture))
            for d in all_distortions()
            if d.label.startswith(kind) and "lossless" not in d.label and "4:4:4" not in d.label
        ]
        assert psnrs == sorted(psnrs, reverse=True)


def test_labels_are_told_apart_and_the_quick_ones_exist():
    labels = [distortion.label for distortion in all_distortions()]
    assert len(set(labels)) == len(labels) and set(QUICK) <= set(labels)
