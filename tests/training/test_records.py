"""The training records of the shipped models can still be loaded."""

from __future__ import annotations

import hashlib
import json

import pytest
from support import ROOT

from training.classic.options import DECLARATION
from training.files import CHECKPOINT
from training.session import load_trained
from training.settings import Settings

RECORDS = [
    ("classic", ROOT / "models" / "classic" / "training" / "beta-0.75", 15_000),
    ("clear", ROOT / "models" / "clear" / "training", 6000),
]


@pytest.mark.parametrize(("model", "run", "steps"), RECORDS)
def test_shipped_checkpoints_load(model: str, run, steps: int):
    _, settings, done = load_trained(run, model)
    assert done == steps
    stored = {k: v for k, v in json.loads((run / "run.json").read_text()).items() if v is not None}
    assert dict(settings.own).items() <= stored.items()


@pytest.mark.parametrize("run", [run for _, run, _ in RECORDS])
def test_settings_come_back(tmp_path, run):
    settings = Settings.load(run)
    settings.save(tmp_path)
    assert Settings.load(tmp_path) == settings
    stored = json.loads((run / "run.json").read_text())
    written = json.loads((tmp_path / "run.json").read_text())
    assert written == {name: value for name, value in stored.items() if value is not None}


def test_a_run_of_another_model_is_refused():
    with pytest.raises(ValueError, match="is a run of clear, not of classic"):
        load_trained(RECORDS[1][1], "classic")


def test_the_shipped_classic_was_learned_from_random_weights():
    folder = ROOT / "models" / "classic"
    manifest = json.loads((folder / "manifest.json").read_text())
    runs = {beta: folder / "training" / f"beta-{beta}" for beta in (0.75, 0.25)}
    settings = {beta: Settings.load(run) for beta, run in runs.items()}
    assert {each.start for each in settings.values()} == {"random"}
    assert {beta: each.own["beta"] for beta, each in settings.items()} == {b: b for b in runs}
    assert settings[0.75].steps == settings[0.25].steps == manifest["training"]["steps"]
    assert manifest["training"]["start"] == "random"
    weights = hashlib.sha256((runs[0.75] / CHECKPOINT).read_bytes()).hexdigest()
    assert weights == manifest["weights_sha256"]
    # What the command does by default.
    assert (settings[0.75].lr, settings[0.75].batch) == (DECLARATION.lr, DECLARATION.batch)
    assert settings[0.75].steps == DECLARATION.steps
    quality = manifest["quality"]
    assert quality["cover_psnr"]["mean"] > 33 and quality["revealed_psnr"]["mean"] > 33
