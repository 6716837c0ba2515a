"""`python -m benchmarks quality`, `sheet` and `panel`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read, run_module, save

from benchmarks.common.lsb import matched, write_residues
from benchmarks.common.photographs import centre
from benchmarks.common.store import Store
from benchmarks.quality.baselines import all_baselines, lossless_bytes


def test_quality_measures_files_and_continues_where_it_stopped(tmp_path: Path):
    for name in ("astronaut", "coffee", "rocket"):
        save(tmp_path / "photographs" / f"{name}.png", photograph(name, 96, 96))
    out, plot, work = tmp_path / "quality.json", tmp_path / "frontier.png", tmp_path / "work"
    command = ("benchmarks", "quality", tmp_path / "photographs", "--json", out, "--work", work)
    result = run_module(*command, "--plot", plot)
    assert result.returncode == 0, result.stderr
    assert plot.read_bytes().startswith(b"\x89PNG")
    rows = {(r["name"], r["bits"]): r for r in json.loads(out.read_text())["rows"]}
    for bits in (1, 2, 3):
        ours, theirs = rows["clear", bits], rows[f"JPEG in {bits} LSB", bits]
        assert ours["revealed_psnr"] > theirs["revealed_psnr"]
        assert ours["cover_psnr"] > theirs["cover_psnr"] - 0.2
        assert f"WebP in {bits} LSB" in {name for name, _ in rows}
    assert rows["classic", None]["cover_psnr"] > 30
    for row in rows.values():
        assert row["revealed_psnr_worst"] <= row["revealed_psnr"]
        assert row["revealed_psnr"] == pytest.approx(np.mean(row["each"]["revealed_psnr"]))
    kept = {path: path.stat().st_mtime_ns for path in work.iterdir()}
    # All but one intermediate result still exist.
    next(iter(kept)).unlink()
    assert run_module(*command).returncode == 0
    assert {r["revealed_psnr"] for r in json.loads(out.read_text())["rows"]} == {
        r["revealed_psnr"] for r in rows.values()
    }
    assert sum(path.stat().st_mtime_ns == kept[path] for path in work.iterdir()) == len(kept) - 1


def test_a_store_computes_each_value_once(tmp_path: Path):
    store, computed = Store(tmp_path), []
    for key in ("a", "b", "a"):
        value = store.get(["kind", key], lambda k=key: computed.append(k) or {"key": k})
        assert value == {"key": key}
    assert computed == ["a", "b"]
    assert Store(None).get("a", lambda: 1) == 1


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


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_lsb_matching_changes_up_and_down_equally(bits: int):
    cover = np.full((128, 128, 3), 100, np.uint8)
    change = matched(cover, bits, 0).astype(int) - cover
    half = 1 << bits - 1
    assert (change.min(), change.max()) == (-half, half)
    assert abs(change.mean()) < 0.05
    counts = np.bincount((change % (1 << bits)).ravel(), minlength=1 << bits)
    assert counts.min() > 0.9 * change.size / (1 << bits)
    edge = np.zeros((64, 64, 3), np.uint8)
    assert matched(edge, bits, 0).max() < 1 << bits


def test_baselines_hide_and_reveal():
    cover, secret = photograph("coffee", 80, 96), photograph("astronaut", 80, 96)
    for baseline in all_baselines():
        container, revealed = baseline.run(cover, secret)
        assert np.abs(container.astype(int) - cover).max() < 2**baseline.bits
        assert peak_signal_noise_ratio(secret, revealed) > 20


def test_lossless_bytes_are_the_size_of_a_lossless_file():
    assert lossless_bytes(np.zeros((64, 64, 3), np.uint8)) < 100
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    assert lossless_bytes(noise) > 0.95 * noise.size


def test_a_folder_with_too_few_photographs_is_an_error(tmp_path: Path):
    for command in ("quality", "survival"):
        result = run_module("benchmarks", command, tmp_path)
        assert result.returncode == 1
        assert "2 are needed" in result.stderr and "Traceback" not in result.stderr


def test_sheet(tmp_path: Path):
    out = tmp_path / "sheet.png"
    result = run_module("benchmarks", "sheet", "-o", out, "--model", "clear", "--side", "64")
    assert result.returncode == 0, result.stderr
    height, width, _ = read(out).shape
    assert (height, width) == (4 * (64 + 34) + 6, 7 * 70 + 6)
    # The first picture is the cover itself, pixel by pixel.
    first = read(out)[34 : 34 + 64, 6 : 6 + 64, :3]
    assert np.array_equal(first, centre(photograph("astronaut"), 64))


def test_panel(photographs: Path, tmp_path: Path):
    out = tmp_path / "panel.png"
    result = run_module(
        "benchmarks",
        "panel",
        photographs / "covers",
        photographs / "secrets",
        "-o",
        out,
        "--side",
        "48",
        "--rows",
        "2",
    )
    assert result.returncode == 0, result.stderr
    assert read(out).shape == (2 * 52 - 4, 5 * 52 - 4, 3)
