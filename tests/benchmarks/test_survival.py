"""`python -m benchmarks survival` and its channels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, run_module

from benchmarks.channels import Channel, channels


def test_survival_says_what_is_lost(tmp_path: Path):
    out, plot = tmp_path / "survival.json", tmp_path / "survival.png"
    result = run_module(
        *("benchmarks", "survival", "--quick", "--side", "64"),
        *("--json", out, "--plot", plot),
    )
    assert result.returncode == 0, result.stderr
    assert "| PNG |" in result.stdout and "lost" in result.stdout
    assert plot.read_bytes().startswith(b"\x89PNG")
    cells = {(c["channel"], c["name"]): c for c in json.loads(out.read_text())["cells"]}
    exact = cells["PNG", "clear, 2 bit"]["revealed_psnr"]
    assert min(exact) > 40
    assert cells["WebP lossless", "clear, 2 bit"]["revealed_psnr"] == exact
    assert cells["one sample off by one", "clear, 2 bit"]["altered"] == 2
    for channel in ("JPEG 95, 4:4:4", "resize x0.5 and back", "noise, sigma 1"):
        for bits in (1, 2, 3):
            assert cells[channel, f"clear, {bits} bit"]["revealed_psnr"] == [None, None]
    # classic never says so; what it reveals gets worse.
    jpeg, png = (cells[c, "classic"]["revealed_psnr"] for c in ("JPEG 80, 4:2:0", "PNG"))
    assert max(jpeg) < 20 < min(png)


@pytest.mark.parametrize("channel", channels(), ids=lambda channel: channel.name)
def test_a_channel_changes_a_picture_a_little(channel: Channel):
    picture = photograph("coffee", 96, 128)
    arrived = channel.apply(picture)
    cut = channel.cut
    whole = picture[cut : 96 - cut, cut : 128 - cut]
    assert arrived.dtype == np.uint8 and arrived.shape == whole.shape
    if channel.name in ("PNG", "WebP lossless") or cut:
        assert np.array_equal(arrived, whole)
    else:
        assert not np.array_equal(arrived, whole)
        assert peak_signal_noise_ratio(whole, arrived) > 20


def test_channels_get_worse_in_their_order():
    picture = photograph("astronaut", 128, 128)
    for kind in ("JPEG", "WebP", "noise", "blur"):
        found = [
            peak_signal_noise_ratio(picture, c.apply(picture))
            for c in channels()
            if c.name.startswith(kind) and "lossless" not in c.name and "4:4:4" not in c.name
        ]
        assert found == sorted(found, reverse=True)
