"""`python -m benchmarks judges` and `embedding`: what detectors of others find of `quiet`."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support import photograph, run_main, save

from benchmarks.detectability.judges import covers
from benchmarks.detectability.judges.kinds import Setting
from benchmarks.embedding import command as embedding
from benchmarks.embedding.efficiency import efficiency_rows


@pytest.fixture
def folder(tmp_path):
    for name in ("astronaut", "coffee"):
        save(tmp_path / f"{name}.png", photograph(name, 128, 140))
    return tmp_path


def test_covers_are_crops_that_do_not_overlap(folder):
    files = sorted(folder.iterdir())
    made = covers.crops(files, 64, 7)
    assert [crop.shape for crop in made] == [(64, 64, 3)] * 7
    np.testing.assert_array_equal(made[0], photograph("astronaut", 64, 64))
    np.testing.assert_array_equal(made[1], photograph("coffee", 64, 64))
    assert len({crop.tobytes() for crop in made}) == 7
    assert [cover.shape for cover in covers.whole(files, 1)] == [(128, 140, 3)]


def test_kinds_change_about_as_much_as_their_payload_takes():
    cover = photograph("coffee", 160, 160)
    pytest.importorskip("conseal")
    changed = {}
    for kind in ("quiet", "HILL", "LSB matching"):
        setting = Setting(kind, 0.1)
        made = setting.container(cover, 3)
        np.testing.assert_array_equal(made, setting.container(cover, 3))
        change = made.astype(int) - cover
        assert np.abs(change).max() == 1
        changed[kind] = (change != 0).mean()
    assert changed["LSB matching"] == pytest.approx(0.05, rel=0.1)
    assert 0.01 < changed["quiet"] < 0.04 and 0.01 < changed["HILL"] < 0.04


def test_the_ensemble_tells_what_differs_from_what_does_not():
    pytest.importorskip("sealwatch")
    from benchmarks.detectability.judges.ensemble import Pairs, verdict

    rng = np.random.default_rng(0)
    base = rng.normal(0, 1, (160, 30)).astype(np.float32)
    noise = rng.normal(0, 0.3, base.shape).astype(np.float32)
    same, other = Pairs(base, base + noise), Pairs(base, base + noise + 0.7)
    halves = [
        Pairs(p.covers[part], p.containers[part])
        for p in (same, other)
        for part in (slice(80), slice(80, None))
    ]
    chance, surely = verdict(halves[0], halves[1]), verdict(halves[2], halves[3])
    assert 0.35 < chance["accuracy"] < 0.65
    assert surely["accuracy"] > 0.9 and surely["auc"] > 0.95
    assert surely["accuracy_low"] <= surely["accuracy"] <= surely["accuracy_high"]
    assert surely["training_pairs"] == surely["test_pairs"] == 80


def test_the_code_gets_closer_to_the_bound_with_its_height(folder):
    rows = efficiency_rows([folder / "coffee.png"], [0.1], [7, 9])
    assert [row["height"] for row in rows] == [7, 9]
    assert 0.7 < rows[0]["share_of_bound"] < rows[1]["share_of_bound"] < 1
    assert 0 < rows[1]["changed"] < rows[0]["changed"] < 0.05


def test_quality_is_measured_through_files(folder):
    path = folder / "out.json"
    arguments = "--payloads", "0.2", "--heights", "7", "--covers", "1", "--json", path
    made = run_main(embedding.main, folder, *arguments)
    assert made.returncode == 0, made.stderr
    (row,) = json.loads(path.read_text())["quality"]
    assert row["pictures"] == 2 and row["refused"] == 0
    assert row["cover_psnr"]["worst"] > 58 and row["revealed_psnr"]["worst"] > 18
    assert "| 0.2 |" in made.stdout
