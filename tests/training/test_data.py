"""Photographs, their split, and the batches made of them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import photograph, save

from training.batches import Alternating, PairSource, SquareSource, Stages, fixed_pairs, stream
from training.photographs import PhotographCache, find_photographs, split_by_file

FOLDER = Path("photographs")


@given(
    st.sets(st.text("abcxyz/", min_size=1, max_size=8), min_size=4, max_size=60), st.floats(0, 1)
)
def test_split_is_a_partition_with_at_least_a_pair_on_each_side(names, fraction):
    files = sorted({FOLDER / f"{name.strip('/') or 'a'}.png" for name in names})
    if len(files) < 4:
        return
    train, validation = split_by_file(files, FOLDER, fraction)
    assert sorted(train + validation) == files
    assert len(train) >= 2 and len(validation) >= 2


def test_split_keeps_a_file_on_its_side_when_others_are_added():
    files = [FOLDER / f"{number}.png" for number in range(400)]
    _, before = split_by_file(files[:200], FOLDER, 0.1)
    train, _ = split_by_file(files, FOLDER, 0.1)
    assert not set(before) & set(train)


def test_a_split_needs_four_photographs():
    with pytest.raises(ValueError, match="at least 4"):
        split_by_file([FOLDER / "a.png"], FOLDER, 0.1)


def test_folders_are_searched_to_any_depth(training_photographs: Path):
    files = find_photographs(training_photographs)
    assert len(files) == 12
    assert {path.suffix for path in files} == {".png", ".jpg"}


def test_photographs_are_recognized_by_content(tmp_path: Path):
    save(tmp_path / "photograph.png", photograph("coffee", 20, 20)).rename(tmp_path / "photograph")
    save(tmp_path / ".hidden.png", photograph("coffee", 20, 20))
    (tmp_path / "text.png").write_text("not a picture")
    assert find_photographs(tmp_path) == [tmp_path / "photograph"]


@pytest.fixture
def source(training_photographs: Path) -> PairSource:
    files = tuple(find_photographs(training_photographs))
    return PairSource(files, PhotographCache(), crop=48, batch=3, seed=7)


def test_a_batch_follows_from_seed_and_step(source: PairSource):
    again = PairSource(source.files, PhotographCache(), 48, 3, 7)
    other = PairSource(source.files, source.cache, 48, 3, 8)
    for name in ("cover", "secret"):
        assert source.make(5)[name].shape == (3, 48, 48, 3)
        assert np.array_equal(source.make(5)[name], again.make(5)[name])
        assert not np.array_equal(source.make(5)[name], source.make(6)[name])
        assert not np.array_equal(source.make(5)[name], other.make(5)[name])


def test_stages_are_squares_then_crops(source: PairSource):
    squares = SquareSource(source.files, source.cache, 2, batch=50, seed=7, photographs=3)
    stages = Stages(squares, source, steps=2)
    shapes = [stages.make(step)["secret"].shape for step in range(4)]
    assert shapes == [(50, 2, 2, 3)] * 2 + [(3, 48, 48, 3)] * 2
    first, again = stages.make(1), squares.make(1)
    assert all(np.array_equal(first[name], again[name]) for name in ("cover", "secret"))
    assert not np.array_equal(first["cover"], squares.make(0)["cover"])
    pictures = [source.cache.read(file) for file in source.files]
    known = {
        picture[row : row + 2, column : column + 2].tobytes()
        for picture in pictures
        for row in range(picture.shape[0] - 1)
        for column in range(picture.shape[1] - 1)
    }
    assert {square.tobytes() for square in first["cover"]} <= known


def test_sources_take_turns(source: PairSource):
    odd = PairSource(source.files, source.cache, source.crop - 1, source.batch, source.seed)
    turns = Alternating((source, odd))
    assert [turns.make(step)["cover"].shape[1] for step in range(4)] == [48, 47, 48, 47]
    assert np.array_equal(turns.make(3)["secret"], odd.make(3)["secret"])


def test_workers_keep_the_order(source: PairSource):
    for step, batch in enumerate(stream(source, 2, 12, workers=3), start=2):
        assert np.array_equal(batch["cover"], source.make(step)["cover"])


def test_small_photographs_are_enlarged_to_the_crop(tmp_path: Path):
    files = tuple(
        save(tmp_path / f"{name}.png", photograph(name, 20, 33)) for name in ("coffee", "rocket")
    )
    batch = PairSource(files, PhotographCache(), crop=64, batch=1, seed=0).make(0)
    assert batch["cover"].shape == (1, 64, 64, 3)


def test_cover_and_secret_are_different_photographs(tmp_path: Path):
    files = tuple(
        save(tmp_path / f"{level}.png", np.full((40, 40, 3), level, np.uint8))
        for level in (10, 200)
    )
    batch = PairSource(files, PhotographCache(), crop=32, batch=8, seed=0).make(0)
    assert (batch["cover"][:, 0, 0, 0] != batch["secret"][:, 0, 0, 0]).all()


def test_unreadable_files_are_skipped_with_one_warning(tmp_path: Path):
    good = [save(tmp_path / f"{n}.png", photograph(n, 64, 64)) for n in ("coffee", "rocket")]
    bad = tmp_path / "bad.png"
    bad.write_bytes(good[0].read_bytes()[:400])
    source = PairSource((*good, bad), PhotographCache(), crop=32, batch=4, seed=0)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for step in range(6):
            source.make(step)
    assert len(seen) == 1
    assert "bad.png" in str(seen[0].message)


def test_only_unreadable_files(tmp_path: Path):
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number}.png")
        files[-1].write_text("text")
    source = PairSource(tuple(files), PhotographCache(), crop=32, batch=1, seed=0)
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="fewer than 2"):
        source.make(0)


def test_cache_drops_pictures_beyond_its_budget(tmp_path: Path):
    files = [save(tmp_path / f"{n}.png", photograph(n, 64, 64)) for n in ("coffee", "rocket")]
    cache = PhotographCache(budget=64 * 64 * 3)
    first = cache.read(files[0])
    assert cache.read(files[0]) is first
    cache.read(files[1])
    assert cache.read(files[0]) is not first


def test_fixed_pairs_are_of_different_photographs(training_photographs: Path):
    files = tuple(find_photographs(training_photographs))
    pairs = fixed_pairs(files, PhotographCache(), side=64, most=5)
    assert pairs["cover"].shape == (5, 64, 64, 3)
    assert all(not np.array_equal(c, s) for c, s in zip(*pairs.values(), strict=True))
