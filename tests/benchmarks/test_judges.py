"""`python -m benchmarks judges` and `embedding`: what detectors of others find of `quiet`."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support import photograph, run_main, save

from benchmarks.detectability.judges import command as judges
from benchmarks.detectability.judges import covers, network
from benchmarks.detectability.judges.covers import Cover
from benchmarks.detectability.judges.features import SETS
from benchmarks.detectability.judges.kept import Kept
from benchmarks.detectability.judges.kinds import KINDS, Setting
from benchmarks.detectability.judges.shown import shown, shown_pairs
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
    assert [crop.picture.shape for crop in made] == [(64, 64, 3)] * 7
    np.testing.assert_array_equal(made[0].picture, photograph("astronaut", 64, 64))
    np.testing.assert_array_equal(made[1].picture, photograph("coffee", 64, 64))
    assert len({crop.picture.tobytes() for crop in made}) == 7
    assert all(crop.cut_off is None for crop in made)
    assert [cover.picture.shape for cover in covers.whole(files, 1)] == [(128, 140, 3)]
    (half,) = covers.whole(files, 1, covers.at_half)
    assert half.picture.shape == half.cut_off.shape == (64, 70, 3)
    (crop,) = covers.crops(files[:1], 64, 1, covers.at_half)
    np.testing.assert_array_equal(crop.cut_off, half.cut_off[:, :64])


def test_kinds_change_about_as_much_as_their_payload_takes():
    cover = Cover(photograph("coffee", 160, 160))
    pytest.importorskip("conseal")
    changed = {}
    for kind in KINDS:
        setting = Setting(kind, 0.1)
        made = setting.container(cover, 3)
        np.testing.assert_array_equal(made, setting.container(cover, 3))
        change = made.astype(int) - cover.picture
        assert np.abs(change).max() == 1
        changed[kind] = (change != 0).mean()
    assert changed["LSB matching"] == pytest.approx(0.05, rel=0.1)
    assert changed["S-UNIWARD"] < changed["HILL"] < changed["quiet"] < 0.04
    assert changed["S-UNIWARD"] > 0.01 and 0.02 < changed["clear"] < 0.06


def test_the_ensemble_tells_what_differs_from_what_does_not():
    pytest.importorskip("sealwatch")
    from benchmarks.detectability.judges.ensemble import Pairs, crossed, verdict

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
    by_folds = [crossed(halves[number] + halves[number + 1], 4) for number in (0, 2)]
    assert [found["training_pairs"] for found in by_folds] == [120, 120]
    assert [found["test_pairs"] for found in by_folds] == [160, 160]
    assert 0.4 < by_folds[0]["accuracy"] < 0.6 and by_folds[1]["accuracy"] > 0.9


def test_sample_pairs_estimate_what_is_replaced():
    pytest.importorskip("sealwatch")
    cover = photograph("coffee", 256, 256)
    bits = np.random.default_rng(0).integers(0, 2, cover.shape, dtype=np.uint8)
    before, after = (SETS["sample pairs"](picture) for picture in (cover, cover & 0xFE | bits))
    assert before.shape == after.shape == (3,)
    assert (before < 0.15).all() and (after > 0.7).all()


def test_photographs_are_judged_by_folds(folder):
    pytest.importorskip("sealwatch")
    path = folder / "out.json"
    arguments = "--train", folder, "--kinds", "LSB matching", "--payloads", "0.4", "--side", "64"
    more = "--features", "SPAM", "sample pairs", "--folds", "2", "--json", path
    made = run_main(judges.main, folder, *arguments, *more)
    assert made.returncode == 0, made.stderr
    rows = json.loads(path.read_text())["rows"]
    assert [row["features"] for row in rows] == ["SPAM", "sample pairs"]
    # Four crops of each of two photographs, in both folders.
    assert [(row["training_pairs"], row["test_pairs"]) for row in rows] == [(8, 16)] * 2
    assert run_main(judges.main, folder, *arguments, "--folds", "1").returncode != 0


def test_what_was_made_before_is_kept(tmp_path):
    pytest.importorskip("sealwatch")
    kept, cover = Kept(tmp_path), Cover(photograph("coffee", 64, 64))
    setting = Setting("LSB matching", 1.0)
    made = [kept.container(setting, cover, number) for number in (3, 3, 4)]
    np.testing.assert_array_equal(made[0], setting.container(cover, 3))
    np.testing.assert_array_equal(made[0], made[1])
    assert (made[0] != made[2]).any()
    found = kept.features("SPAM", "this", lambda: made[0])
    np.testing.assert_array_equal(found, SETS["SPAM"](made[0]))
    np.testing.assert_array_equal(found, kept.features("SPAM", "this", lambda: made[2]))
    assert len(list(tmp_path.iterdir())) == 3


def test_the_network_is_shown_where_quiet_would_change_a_picture():
    picture = photograph("coffee", 128, 128)
    picture[:64] = 90
    planes = shown(picture, 0.1)
    assert planes.shape == (128, 128, 6)
    np.testing.assert_array_equal(planes[..., :3], picture)
    probabilities = (planes[..., 3:] / 255.0) ** 2 * (2 / 3)
    assert probabilities[:48].max() == 0
    carried = -2 * probabilities / 2 * np.log2(np.maximum(probabilities / 2, 1e-12))
    carried -= (1 - probabilities) * np.log2(1 - probabilities)
    # Each sample alone: together they carry less, as changes of a pixel agree.
    assert 0.1 < carried.mean() < 0.2


def test_the_network_learns_from_pairs():
    pytest.importorskip("keras")
    pictures = [photograph(name, 64, 64) for name in ("astronaut", "coffee", "chelsea", "rocket")]
    setting = Setting("LSB matching", 1.0)
    pairs = [(p, setting.container(Cover(p), n)) for n, p in enumerate(pictures)]
    with ThreadPoolExecutor(2) as pool:
        training, test = (shown_pairs(some, 0.4, pool) for some in (pairs[:2], pairs[2:]))
    begun = network.Network()
    begun.learn(training, 20)
    before = begun.votes(test)
    copied = begun.copy()
    np.testing.assert_allclose(copied.votes(test), before, rtol=1e-4, atol=1e-5)
    first, second = network.verdicts(copied, [(training, test), (training, test)], 10)
    np.testing.assert_array_equal(begun.votes(test), before)
    assert first["training_pairs"] == first["test_pairs"] == 2
    assert first["steps"] == second["steps"] == 10
    assert second["loss"] < 0.5
    assert second["auc"] == 1


def test_the_network_judges_photographs_larger_than_what_it_learned_from(folder):
    pytest.importorskip("keras")
    path, work = folder / "out.json", folder / "work"
    kind = "--kinds", "LSB matching"
    arguments = "--train", folder, *kind, "--payloads", "0.1", "0.4", "--side", "64"
    more = "--test-side", "0", "--features", "--network", "2", "--work", work, "--json", path
    made = run_main(judges.main, folder, *arguments, *more)
    assert made.returncode == 0, made.stderr
    result = json.loads(path.read_text())
    assert (result["learned_side"], result["side"]) == (64, None)
    assert [(row["payload"], row["steps"]) for row in result["rows"]] == [(0.4, 1), (0.1, 1)]
    assert [(row["training_pairs"], row["test_pairs"]) for row in result["rows"]] == [(8, 2)] * 2
    assert len(list(work.iterdir())) == 2 * (8 + 2)


def test_the_code_gets_closer_to_the_bound_with_its_height(folder):
    rows = efficiency_rows([folder / "coffee.png"], [0.1], [7, 9])
    assert [row["height"] for row in rows] == [7, 9]
    assert 0.7 < rows[0]["share_of_bound"] < rows[1]["share_of_bound"] < 1
    for row in rows:
        # Costs grow faster than payloads.
        assert row["share_of_bound"] < row["share_of_payload"] < 1
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
