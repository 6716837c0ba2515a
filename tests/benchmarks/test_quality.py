"""`python -m benchmarks quality`: its cases, codecs and baselines, and a small run."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, run_module, save

from benchmarks.common.lsb import matched, write_residues
from benchmarks.common.photographs import cropped, fitted
from benchmarks.common.store import Store
from benchmarks.quality import table
from benchmarks.quality.baselines import Secret, all_baselines, top_bits, with_file
from benchmarks.quality.cases import CASES, different_pairs, extreme_pairs, same_size_pairs
from benchmarks.quality.codecs import CODECS, JPEG, best_file, lossless_jpeg_xl
from benchmarks.quality.plot import draw
from benchmarks.quality.rows import (
    CODE_ONLY,
    NOTHING,
    Figures,
    group_of,
    mean,
    others,
    row_by,
    row_of,
    worst,
)
from benchmarks.report import statements
from runtime import read_picture


@pytest.fixture(scope="module")
def photographs_of_all_sizes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two lossless photographs of one size, one of another, and a JPEG."""
    folder = tmp_path_factory.mktemp("photographs")
    save(folder / "a.png", photograph("astronaut", 112, 128))
    save(folder / "b.png", photograph("coffee", 112, 128))
    save(folder / "c.png", photograph("chelsea", 128, 96))
    Image.fromarray(photograph("rocket", 90, 140)).save(folder / "d.jpg", quality=80)
    return folder


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def result(photographs_of_all_sizes: Path, work: Path) -> dict[str, Any]:
    """Of a small run of the command."""
    out = work.parent / "quality.json"
    command = ("benchmarks", "quality", photographs_of_all_sizes, "--work", work, "--json", out)
    done = run_module(*command)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(out.read_text()))


def test_models_keep_what_they_promise(result: dict[str, Any]):
    for group in (group_of(result, name) for name in ("different", "same")):
        assert group is not None and len(group["pairs"]) == 4
        for bits, floor in ((1, 52.8), (2, 46.6), (3, 40.5)):
            ours = row_by(group, "clear", bits)
            code = row_by(group, "clear", bits, CODE_ONLY)
            jpeg, own = (row_by(group, name, bits) for name in ("JPEG", "own file"))
            assert ours and code and jpeg and own
            assert min(ours["cover_psnr_worst"], code["cover_psnr_worst"]) > floor
            # Small pictures: the margins on photographs are larger.
            assert code["revealed_psnr"] > jpeg["revealed_psnr"] + 1
            assert (code["exact"], code["fits"]) == (0, 4)
            # Whatever fits as a file comes back exactly.
            for number, exact in enumerate(own["each"]["exact"]):
                assert ours["each"]["exact"][number] or not exact
                assert ours["each"]["revealed_psnr"][number] is None or not exact
        classic = row_by(group, "classic", None)
        assert classic and classic["cover_psnr"] > 30 and classic["exact"] == 0
    # A JPEG of few bytes in a cover of a few more pixels.
    assert row_by(group, "clear", 3)["each"]["exact"][3]


def test_rows_agree_with_their_pairs_and_are_finite(result: dict[str, Any]):
    for group in result["groups"]:
        for row in group["rows"]:
            known = [v for v in row["each"]["revealed_psnr"] if v is not None]
            assert all(np.isfinite(v) and v <= 108 for v in known)
            assert row["revealed_psnr"] == (pytest.approx(np.mean(known)) if known else None)
            assert row["revealed_psnr_worst"] == min(known, default=None)
            exact = row["each"]["exact"]
            assert row["exact"] == sum(exact)
            for number in np.flatnonzero(exact):
                assert row["each"]["revealed_psnr"][number] is None
                assert row["each"]["revealed_ssim"][number] == 1


@pytest.mark.parametrize("missing", ["a model", "a baseline"])
def test_a_second_run_continues_where_the_first_stopped(
    result: dict[str, Any],
    photographs_of_all_sizes: Path,
    work: Path,
    tmp_path: Path,
    missing: str,
):
    kept = {path: path.stat().st_mtime_ns for path in work.iterdir()}
    # All but one intermediate result still exist. Those of baselines have several figures a pair.
    ours, theirs = (
        [path for path in sorted(kept) if isinstance(json.loads(path.read_text())[0], kind)]
        for kind in (dict, list)
    )
    (ours if missing == "a model" else theirs)[0].unlink()
    out = tmp_path / "again.json"
    command = ("benchmarks", "quality", photographs_of_all_sizes, "--json", out, "--work", work)
    assert run_module(*command).returncode == 0
    for old, new in zip(result["groups"], json.loads(out.read_text())["groups"], strict=True):
        # Containers differ from run to run in their keys; what they reveal does not.
        for key in ("exact", "revealed_psnr"):
            assert [row[key] for row in new["rows"]] == [row[key] for row in old["rows"]]
    assert sum(path.stat().st_mtime_ns == kept[path] for path in work.iterdir()) == len(kept) - 1


def test_tables_plot_and_statements_of_a_result(result: dict[str, Any], tmp_path: Path):
    draw(result, tmp_path / "frontier.png")
    assert (tmp_path / "frontier.png").read_bytes().startswith(b"\x89PNG")
    different = result["groups"][0]
    lines = table.markdown(different).splitlines()
    assert len(lines) == 2 + len(different["rows"])
    assert len({line.count("|") for line in lines}) == 1
    assert len(table.cases(different).splitlines()) == 2 + 4
    counted = {"files": 10, "byte_for_byte": 9, "cover_psnr": 51.25}
    counts = [{"bits": bits, **counted} for bits in (1, 2, 3)]
    said = statements.strengths({"quality": result, "exact": {"counts": counts}})
    assert "brings back" in said and "90.0 %, 90.0 % and 90.0 %" in said and "51.2 dB" in said
    assert "nan" not in said + "".join(lines) and "inf" not in said + "".join(lines)


def test_exact_ones_are_counted_and_left_out_of_means():
    figures = [
        Figures(True, 50.0, 0.9, None, 1.0),
        Figures(False, 46.0, 0.8, 40.0, 0.9),
        NOTHING,
        Figures(False, 48.0, 0.7, 44.0, 0.8),
    ]
    row = row_of("clear", None, 2, True, figures)
    assert (row.exact, row.fits, row.revealed_psnr, row.revealed_psnr_worst) == (1, 3, 42.0, 40.0)
    assert (row.cover_psnr, row.cover_psnr_worst) == (48.0, 46.0)
    group = {"pairs": [{}] * 4, "rows": [vars(row)]}
    assert others(group, 2) == [1, 2, 3]
    assert others(group, 3) == [0, 1, 2, 3]
    assert mean([None, None]) is None and worst([]) is None


def test_cases_are_formed_as_they_say(tmp_path: Path):
    files = [
        save(tmp_path / f"{n:02}.png", photograph(name, 256, 256))
        for n, name in enumerate(["astronaut", "coffee", "chelsea", "rocket"] * 3)
    ]
    pairs = different_pairs(files, tmp_path / "work")
    assert len(pairs) == len(CASES) == len({pair.case for pair in pairs})
    for pair, case in zip(pairs, CASES, strict=True):
        cover, secret = (read_picture(file).shape for file in (pair.cover, pair.secret))
        assert secret[0] * secret[1] / (cover[0] * cover[1]) == pytest.approx(case.pixels, rel=0.03)
        for shape, ratio in ((secret, case.secret), (cover, case.cover)):
            assert shape[1] / shape[0] == pytest.approx(ratio[0] / ratio[1], rel=0.03)
        assert pair.secret.suffix == (".jpg" if case.jpeg else ".png")
        assert pair.cover.suffix == ".png" and pair.cover_name != pair.secret_name


def test_photographs_that_are_jpeg_are_secrets_as_they_are(tmp_path: Path):
    files = []
    for number, name in enumerate(("astronaut", "chelsea")):
        path = tmp_path / f"{number}.jpg"
        Image.fromarray(photograph(name, 90, 60 + 90 * number)).save(path, quality=85)
        files.append(path)
    pairs = different_pairs(files, tmp_path / "work")
    assert [pair.secret for pair in pairs] == files
    assert [pair.case for pair in pairs] == [f"{case.name}, JPEG" for case in CASES[:2]]
    for pair in pairs:
        cover, secret = (read_picture(file).shape for file in (pair.cover, pair.secret))
        assert cover[0] * cover[1] == pytest.approx(secret[0] * secret[1], rel=0.03)
        # Both of these cases turn the cover.
        assert (cover[0] < cover[1]) != (secret[0] < secret[1])
    for pair in same_size_pairs(files, tmp_path / "same"):
        cover, secret = (read_picture(file).shape for file in (pair.cover, pair.secret))
        assert cover == secret


def test_extreme_pairs(tmp_path: Path):
    files = [save(tmp_path / f"{name}.png", photograph(name)) for name in ("coffee", "rocket")]
    shapes = [
        tuple(read_picture(file).shape[:2] for file in (pair.secret, pair.cover))
        for pair in extreme_pairs(files, tmp_path / "work")
    ]
    small, large = (333, 500), (3000, 4000)
    assert shapes == [(small, large), (small, large), (large, (866, 1155))]


def test_pictures_are_cropped_around_their_centre():
    picture = np.arange(40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)
    assert np.array_equal(cropped(picture, 1, 1), picture[:, 10:50])
    assert np.array_equal(cropped(picture, 3, 1), picture[10:30])
    assert fitted(picture, 10, 20).shape == (10, 20, 3)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_the_best_file_fits_and_is_better_with_more_bytes(codec):
    picture = photograph("coffee", 96, 128)
    values = []
    for most in (2_000, 4_000, 8_000):
        file, decoded = best_file(picture, codec, most)
        assert len(file) <= most and decoded.shape == picture.shape
        values.append(peak_signal_noise_ratio(picture, decoded))
    assert values == sorted(values) and values[0] > 25
    # Less than any file of its size: reduced, and enlarged again.
    file, decoded = best_file(picture, codec, 500)
    assert len(file) <= 500 and decoded.shape == picture.shape
    assert peak_signal_noise_ratio(picture, decoded) > 15
    with pytest.raises(ValueError, match="file fits 10 bytes"):
        best_file(picture, codec, 10)


def test_baselines_hide_at_the_size_of_the_secret():
    cover, picture = photograph("coffee", 80, 96), photograph("astronaut", 120, 64)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=60)
    with Image.open(file) as image:
        secret = Secret(np.array(image), file.getvalue())
    for baseline in all_baselines():
        hidden = baseline.run(cover, secret)
        if hidden is None:
            assert baseline.method in ("own file", "lossless JPEG XL")
            continue
        container, revealed = hidden
        assert np.abs(container.astype(int) - cover).max() < 2**baseline.bits
        assert revealed.shape == picture.shape
        if baseline.method == "own file":
            assert np.array_equal(revealed, secret.picture)
        else:
            assert peak_signal_noise_ratio(picture, revealed) > 20
    assert all_baselines()[2].run(cover, secret) is not None
    container, revealed = top_bits(2).run(cover, Secret(photograph("rocket", 80, 96), b""))
    assert container.shape == revealed.shape == cover.shape


@pytest.mark.parametrize("size", [1, 100, 2880, 2881, 5760, 7000])
def test_a_file_is_in_as_few_bits_as_hold_it(size: int):
    cover, file = photograph("coffee", 80, 96), np.random.default_rng(size).bytes(size)
    container = with_file(cover, file, 3)
    bits = -(-8 * size // cover.size)
    symbols = container.reshape(-1)[: -(-8 * size // bits)] & (2**bits - 1)
    stream = (symbols[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    assert np.packbits(stream.reshape(-1)[: 8 * size].astype(np.uint8)).tobytes() == file
    changed = np.flatnonzero((container != cover).reshape(-1))
    assert changed.max() < -(-8 * size // bits)


def test_lossless_jpeg_xl_is_lossless_and_small_for_flat_pictures():
    import imagecodecs

    picture = photograph("coffee", 50, 61)
    assert np.array_equal(imagecodecs.jpegxl_decode(lossless_jpeg_xl(picture)), picture)
    assert len(lossless_jpeg_xl(np.zeros((64, 64, 3), np.uint8))) < 100


def test_jpeg_qualities_are_whole():
    assert JPEG.qualities == tuple(range(1, 101))


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


def test_a_folder_with_too_few_photographs_is_an_error(tmp_path: Path):
    for command in ("quality", "survival", "exact"):
        result = run_module("benchmarks", command, tmp_path)
        assert result.returncode == 1
        assert "2 are needed" in result.stderr and "Traceback" not in result.stderr
