"""The training records of the shipped models can still be loaded."""

from __future__ import annotations

import json

import pytest
from support import ROOT

from training.session import load_trained
from training.settings import Settings

RECORDS = [
    ("classic", ROOT / "models" / "classic" / "training" / "beta-0.75", 6000),
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
