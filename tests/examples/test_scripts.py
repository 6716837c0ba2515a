"""The example scripts, run on real photographs as their docstrings describe."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import ROOT, read


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", ROOT / "examples" / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_sharing(tmp_path: Path):
    folder = tmp_path / "shared"
    made = run("sharing.py", folder)
    assert made.returncode == 0, made.stderr
    assert "robust: hidden with strength max, resized by 0.750 since" in made.stdout
    assert read(folder / "shared.jpg").shape == (384, 384, 3)
    secret, revealed = (read(folder / f"{name}.png") for name in ("secret", "revealed"))
    assert peak_signal_noise_ratio(secret, revealed) > 24
    again = run("sharing.py", folder)
    assert again.returncode == 1 and again.stderr.startswith("error: ")


def test_walkthrough(tmp_path: Path):
    folder = tmp_path / "walk"
    made = run("walkthrough.py", folder)
    assert made.returncode == 0, made.stderr
    secret = read(folder / "photos" / "secrets" / "rocket.png")
    cover = read(folder / "photos" / "covers" / "coffee.png")
    for bits, cover_floor, secret_floor in ((1, 50, 45), (2, 45, 50), (3, 39, 55)):
        container = read(folder / f"container-{bits}.png")
        revealed = read(folder / f"revealed-{bits}.png")
        assert peak_signal_noise_ratio(cover, container) > cover_floor
        exact = np.array_equal(secret, revealed)
        quality = math.inf if exact else peak_signal_noise_ratio(secret, revealed)
        assert quality > secret_floor
        assert f"the revealed secret at {quality:.1f} dB" in made.stdout
    assert "a JPEG file comes back byte for byte" in made.stdout
    assert "the same: True" in made.stdout
    codes = re.findall(r"^ {3}([a-z-]+): ", made.stdout, re.MULTILINE)
    assert codes == ["nothing-hidden", "altered", "altered", "nothing-hidden", "nothing-hidden"]
    rest = read(folder / "revealed-damaged.png")
    assert (rest[-100:, -100:] == 128).all(), "the damaged tile is grey"
    assert peak_signal_noise_ratio(secret[:150], rest[:150, :640]) > 35, "the others are revealed"


def test_embedding(photographs: Path, tmp_path: Path):
    cover = photographs / "covers" / "coffee.png"
    secret = photographs / "secrets" / "secret-rocket.png"
    made = run("embed.py", cover, secret, tmp_path / "out")
    assert made.returncode == 0, made.stderr
    said = made.stdout
    assert "no sample of the cover changed by more than" in said
    assert "batch: 4 revealed, (64, 64, 3) each" in said
    assert "'six random words are enough' reveals" in said
    assert said.count("finds nothing") == 2
    assert re.findall(r"errors: ([a-z-]+):", said) == [
        "altered",
        "unreadable",
        "unreadable",
        "picture",
    ]
    assert said.count("folders: ") == said.count(".png: cover at ") == 3
    assert len(list((tmp_path / "out" / "containers").glob("*.png"))) == 3
    again = run("embed.py", cover, secret, tmp_path / "out")
    assert again.returncode == 1 and "Traceback" not in again.stderr


def test_asynchronous(photographs: Path, tmp_path: Path):
    (photographs / "covers" / "broken.png").write_bytes(b"no picture")
    secret = photographs / "secrets" / "secret-rocket.png"
    made = run("asynchronous.py", photographs / "covers", secret, tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert "broken.png: unreadable: " in made.stdout
    assert made.stdout.count("bytes revealed") == 3
    ticks = re.search(r"ran (\d+) times", made.stdout)
    assert ticks and int(ticks[1]) > 1, "the event loop was blocked"
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["astronaut.png", "chelsea.png", "coffee.png"]


def test_processes(photographs: Path, tmp_path: Path):
    (photographs / "covers" / "broken.png").write_bytes(b"no picture")
    secret = photographs / "secrets" / "secret-rocket.png"
    made = run("processes.py", photographs / "covers", secret, tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert "broken.png: unreadable: " in made.stdout
    assert made.stdout.count(": hidden in ") == 3
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["astronaut.png", "chelsea.png", "coffee.png"]


@pytest.mark.parametrize(
    "script", ["walkthrough.py", "embed.py", "asynchronous.py", "processes.py"]
)
def test_usage_is_printed(script: str):
    made = run(script)
    assert made.returncode == 2 and "usage: " in made.stderr
