"""`python -m training`, as a user runs it."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support import ROOT, read, run_main, run_module

from training.__main__ import main
from training.files import CHECKPOINT
from training.session import load_trained

TINY = ("--width", "tiny", "--start", "random", "--crop", "32", "--batch", "2", "--lr", "3e-3")
TINY += ("--square-steps", "100")


def train(data: Path, out: Path, *more: str, **environment: str):
    return run_module("training", *TINY, "--data", data, "--out", out, *more, **environment)


def refused(data: Path, out: Path, *more: str):
    return run_main(main, *TINY, "--data", data, "--out", out, *more)


def losses(run: Path) -> dict[int, float]:
    with (run / "log.csv").open() as file:
        return {int(row["step"]): float(row["loss"]) for row in csv.DictReader(file)}


def test_a_run_writes_checkpoint_log_curve_and_panel(tiny_run: Path):
    assert (tiny_run / "checkpoint.weights.h5").stat().st_size > 0
    assert list(losses(tiny_run)) == [10, 20, 30]
    assert read(tiny_run / "curve.png").shape[1] > 500
    # Each pair has five pictures of 192 px side by side, with gaps of 4 px.
    rows = len(json.loads((tiny_run / "run.json").read_text())["validation"])
    assert read(tiny_run / "panel.png").shape[:2] == (
        min(rows, 3) * 196 - 4,
        5 * 196 - 4,
    )


def test_libraries_print_nothing_and_the_bar_knows_the_time_limit(
    tmp_path: Path, training_photographs: Path
):
    made = train(training_photographs, tmp_path / "run", "--steps", "100000", "--minutes", "0.02")
    assert made.returncode == 0
    for noise in ("cuda", "oneDNN", "absl", "WARNING"):
        assert noise not in made.stderr, made.stderr
    lefts = re.findall(r"(\d+):(\d\d) left", made.stderr)
    assert lefts and all(int(minutes) == 0 for minutes, _ in lefts)


def test_training_reduces_the_loss(tiny_run: Path):
    seen = losses(tiny_run)
    assert seen[30] < 0.8 * seen[10]


def test_validation_photographs_are_never_trained_on(tiny_run: Path):
    settings = json.loads((tiny_run / "run.json").read_text())
    assert len(settings["validation"]) >= 2
    assert not set(settings["train"]) & set(settings["validation"])


def test_a_resumed_run_has_the_losses_of_an_uninterrupted_one(
    tmp_path: Path, training_photographs: Path
):
    every = ("--log-every", "1", "--steps", "8", "--noise", "2", "--square-steps", "3")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert train(training_photographs, whole, *every).returncode == 0
    # The time limit stops it after its first step, with the learning rates of the whole run.
    assert train(training_photographs, parts, *every, "--minutes", "1e-9").returncode == 0
    assert list(losses(parts)) == [1]
    assert train(training_photographs, parts, *every, "--resume").returncode == 0
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-4)


def test_resuming_as_another_run_is_refused(
    tmp_path: Path, tiny_run: Path, training_photographs: Path
):
    copy = shutil.copytree(tiny_run, tmp_path / "copy")
    before = (copy / "checkpoint.weights.h5").read_bytes()
    for changed, said in (
        (("--beta", "0.1"), "beta was 0.75, now 0.1"),
        (("--crop", "48"), "crop was 32, now 48"),
    ):
        result = refused(training_photographs, copy, *changed, "--resume")
        assert result.returncode == 2
        assert said in result.stderr
    more = shutil.copytree(training_photographs, tmp_path / "more")
    shutil.copy(more / "coffee" / "part-0.png", more / "new.png")
    result = refused(more, copy, "--resume")
    assert result.returncode == 2
    assert "differs" in result.stderr
    result = refused(training_photographs, tmp_path / "none", "--resume")
    assert result.returncode == 2
    assert "is not the folder of a training run" in result.stderr
    assert (copy / "checkpoint.weights.h5").read_bytes() == before


def test_a_finished_run_is_not_overwritten(tiny_run: Path, training_photographs: Path):
    before = (tiny_run / "checkpoint.weights.h5").read_bytes()
    result = refused(training_photographs, tiny_run, "--steps", "1")
    assert result.returncode == 2
    assert "--resume" in result.stderr
    assert (tiny_run / "checkpoint.weights.h5").read_bytes() == before


def test_a_truncated_file_is_skipped_with_one_warning(tmp_path: Path, training_photographs: Path):
    data = shutil.copytree(training_photographs, tmp_path / "data")
    whole = (data / "coffee" / "part-0.png").read_bytes()
    (data / "broken.png").write_bytes(whole[: len(whole) // 2])
    result = train(data, tmp_path / "run", "--steps", "20")
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("broken.png") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "no-such-folder"], "no-such-folder is not a folder"),
        (["--data", "."], "has no photographs in it"),
    ],
)
def test_a_wrong_folder_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
):
    monkeypatch.chdir(tmp_path)
    result = run_main(main, *TINY, *arguments, "--out", tmp_path / "run")
    assert result.returncode == 2
    assert said in result.stderr and result.stderr.count("\n") == 1


def test_mistyped_numbers_are_refused(tmp_path: Path):
    for option in ("--beta", "--steps", "--batch", "--crop", "--lr", "--minutes"):
        result = run_module("training", "--data", tmp_path, "--out", tmp_path / "run", option, "0")
        assert result.returncode == 2
        assert "must be" in result.stderr


def test_ctrl_c_saves_and_ends_cleanly(tmp_path: Path, training_photographs: Path):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "training", *TINY, "--steps", "1000000", "--log-every", "5"]
    command += ["--data", str(training_photographs), "--out", str(run)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not (run / "log.csv").is_file():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    steps = max(losses(run))
    assert (run / "checkpoint.weights.h5").is_file()
    result = train(
        training_photographs, run, "--resume", "--steps", str(steps + 3), "--log-every", "1"
    )
    assert result.returncode == 0, result.stderr
    assert max(losses(run)) == steps + 3


def test_a_finished_run_is_kept_without_moments(tiny_run: Path, tmp_path: Path):
    small = shutil.copytree(tiny_run, tmp_path / "small")
    (small / CHECKPOINT).unlink()
    done = run_module("training.finish", tiny_run, "-o", small)
    assert done.returncode == 0, done.stderr
    before, after = (load_trained(run, "classic") for run in (tiny_run, small))
    assert before[2] == after[2] == before[1].steps
    for one, other in zip(before[0].get_weights(), after[0].get_weights(), strict=True):
        assert np.array_equal(one, other)
    sizes = [len(gzip.compress((run / CHECKPOINT).read_bytes())) for run in (tiny_run, small)]
    assert sizes[1] < sizes[0]
    refused = run_module("training.finish", tmp_path, "-o", small)
    assert refused.returncode == 2 and refused.stderr.startswith("error: ")
