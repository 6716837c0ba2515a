"""Real photographs, and a small trained model, for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import hypothesis
import pytest
from support import photograph, run_module, save

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("plainsight", deadline=None)
hypothesis.settings.load_profile("plainsight")


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder with covers/ and secrets/, three photographs each, small."""
    folder = tmp_path / "photographs"
    for name in ("astronaut", "chelsea", "coffee"):
        save(folder / "covers" / f"{name}.png", photograph(name, 96, 128))
    for name in ("coffee", "rocket", "astronaut"):
        picture = photograph(name, 160, 120)
        save(folder / "secrets" / f"secret-{name}.png", picture)
    return folder


@pytest.fixture(scope="session")
def training_photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder tree of small photographs to train on, JPEG and PNG, and a file that is neither."""
    folder = tmp_path_factory.mktemp("training") / "photographs"
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        picture = photograph(name)
        for part, (top, left) in enumerate(((0, 0), (80, 160), (120, 40))):
            suffix = ".jpg" if part == 1 else ".png"
            crop = picture[top : top + 96, left : left + 96]
            path = folder / name / f"part-{part}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), crop[..., ::-1])
    (folder / "notes.txt").write_text("not a picture, and not named like one")
    return folder


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, training_photographs: Path) -> Path:
    """The folder of a short training run of a tiny classic, made by the command."""
    run = tmp_path_factory.mktemp("runs") / "tiny"
    result = run_module(
        *("training", "--width", "tiny", "--start", "random", "--steps", "30", "--lr", "3e-3"),
        *("--crop", "32", "--batch", "2", "--log-every", "10", "--square-steps", "100"),
        *("--data", training_photographs, "--out", run),
    )
    assert result.returncode == 0, result.stderr
    return run


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path) -> Path:
    """A model folder exported from the tiny run by the command."""
    model = tmp_path_factory.mktemp("models") / "tiny"
    result = run_module("export", "--model", "classic", tiny_run, "-o", model)
    assert result.returncode == 0, result.stderr
    return model
