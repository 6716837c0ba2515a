"""`python -m benchmarks quality` and `panel`, and the figures that the README takes from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import ROOT, photograph, read, run_module, save

from benchmarks.baselines import baselines, write_residues
from benchmarks.quality import markdown


def test_the_readme_shows_the_committed_results():
    readme = (ROOT / "README.md").read_text()
    rows = json.loads((ROOT / "results" / "quality.json").read_text())["rows"]
    assert markdown(rows) in readme
    timings = json.loads((ROOT / "results" / "latency-cpu.json").read_text())["timings"]
    for model in ("clear", "classic"):
        for what in ("hide", "reveal"):
            shown = [t["p50_ms"] for t in timings if (t["model"], t["what"]) == (model, what)]
            cells = " | ".join(f"{milliseconds:,.0f}" for milliseconds in shown)
            assert f"| {model}, {what} | {cells} |" in readme


def test_committed_results_are_of_the_committed_models():
    models = json.loads((ROOT / "results" / "quality.json").read_text())["models"]
    for name, files in models.items():
        manifest = json.loads((ROOT / "models" / name / "manifest.json").read_text())
        assert manifest["files"] == files


def test_quality_measures_files(tmp_path: Path):
    for name in ("astronaut", "coffee", "rocket"):
        save(tmp_path / "photographs" / f"{name}.png", photograph(name, 96, 96))
    out = tmp_path / "quality.json"
    result = run_module("benchmarks", "quality", tmp_path / "photographs", "--json", out)
    assert result.returncode == 0, result.stderr
    rows = {(r["name"], r["bits"]): r for r in json.loads(out.read_text())["rows"]}
    for bits in (1, 2, 3):
        ours, theirs = rows["clear", bits], rows[f"JPEG in {bits} LSB", bits]
        assert ours["revealed_psnr"] > theirs["revealed_psnr"]
        assert ours["cover_psnr"] == pytest.approx(theirs["cover_psnr"], abs=0.2)
    assert rows["classic", None]["cover_psnr"] > 30
    assert all(r["revealed_psnr_worst"] <= r["revealed_psnr"] for r in rows.values())


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_residues_are_written_with_the_least_change(bits: int):
    level = 1 << bits
    cover, symbol = (x.astype(np.uint8) for x in np.mgrid[0:256, 0:level])
    written = write_residues(cover, symbol, bits)
    assert np.array_equal(written % level, symbol)
    every = np.arange(256)
    for value in (0, 1, 77, 254, 255):
        for residue in range(level):
            least = np.abs(every[every % level == residue] - value).min()
            assert abs(int(written[value, residue]) - value) == least


def test_baselines_hide_what_they_say():
    cover, secret = photograph("coffee", 80, 96), photograph("astronaut", 80, 96)
    for baseline in baselines():
        container, revealed = baseline.run(cover, secret)
        assert np.abs(container.astype(int) - cover).max() < 2**baseline.bits
        assert peak_signal_noise_ratio(secret, revealed) > 20


def test_a_folder_with_too_little_in_it_is_said(tmp_path: Path):
    result = run_module("benchmarks", "quality", tmp_path)
    assert result.returncode == 1
    assert "2 are needed" in result.stderr and "Traceback" not in result.stderr


def test_panel(photographs: Path, tmp_path: Path):
    out = tmp_path / "panel.png"
    result = run_module(
        *("benchmarks", "panel", photographs / "covers", photographs / "secrets"),
        *("-o", out, "--side", "48", "--rows", "2"),
    )
    assert result.returncode == 0, result.stderr
    assert read(out).shape == (2 * 52 - 4, 5 * 52 - 4, 3)
