"""`import runtime`: hiding and revealing arrays and folders from Python."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read, run_python, save

import runtime
from runtime.images.resize import resize_to
from runtime.schemes.classic import tiles


@pytest.fixture(scope="module")
def hider() -> runtime.Hider:
    return runtime.Hider("classic", device="cpu")


@pytest.fixture(scope="module")
def revealer() -> runtime.Revealer:
    return runtime.Revealer("classic", device="cpu")


@pytest.mark.parametrize("size", [(256, 256), (203, 331)])
def test_the_shipped_model_hides_and_reveals_through_a_png(hider, revealer, tmp_path, size):
    cover, secret = photograph("astronaut", *size), photograph("coffee", *size)
    path = save(tmp_path / "container.png", hider.hide(cover, secret))
    container = read(path)
    revealed = revealer.reveal(container)
    assert container.shape == revealed.shape == cover.shape
    # A model that hides nothing, or reveals the cover, is far below one of the two.
    assert peak_signal_noise_ratio(cover, container) > 30
    assert peak_signal_noise_ratio(secret, revealed) > 30
    assert peak_signal_noise_ratio(cover, revealed) < 20


def test_a_secret_of_another_size_is_stretched_to_the_cover(hider, revealer):
    cover = photograph("rocket", 150, 220)
    revealed = revealer.reveal(hider.hide(cover, photograph("chelsea", 300, 260)))
    expected = hider.hide(cover, resize_to(photograph("chelsea", 300, 260), 150, 220))
    assert revealed.shape == cover.shape
    assert np.array_equal(revealed, revealer.reveal(expected))


@settings(max_examples=200)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 9), st.integers(1, 24))
def test_tiles_cover_every_pixel_once_and_read_what_they_need(height, width, halo, tile):
    written = np.zeros((height, width), int)
    for part in tiles.tiles(height, width, halo, tile):
        written[part.write] += 1
        inside = np.zeros((height, width), int)
        inside[part.read][part.inner] = 1
        assert np.array_equal(np.argwhere(inside), np.argwhere(_mask(height, width, part.write)))
        for axis, length in enumerate((height, width)):
            assert part.read[axis].start == max(part.write[axis].start - halo, 0)
            assert part.read[axis].stop == min(part.write[axis].stop + halo, length)
    assert (written == 1).all()


def _mask(height: int, width: int, where: tuple[slice, slice]) -> np.ndarray:
    mask = np.zeros((height, width), int)
    mask[where] = 1
    return mask


def test_tiles_give_what_the_whole_picture_gives(hider, monkeypatch):
    cover, secret = photograph("coffee", 190, 250), photograph("astronaut", 190, 250)
    whole = hider.hide(cover, secret)
    run_in_tiles = tiles.run_in_tiles
    monkeypatch.setattr(
        "runtime.schemes.classic.run_in_tiles",
        lambda network, pictures, halo: run_in_tiles(network, pictures, halo, tile=64),
    )
    tiled = hider.hide(cover, secret)
    difference = np.abs(whole.astype(int) - tiled.astype(int))
    assert np.mean(difference > 0) <= 1e-3


def test_sessions_are_shared_among_threads(hider):
    covers = [photograph(n, 64, 64) for n in ("astronaut", "chelsea", "coffee", "rocket")] * 3
    secret = photograph("coffee", 64, 64)
    alone = [hider.hide(cover, secret) for cover in covers]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda cover: hider.hide(cover, secret), covers))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        [[1, 2, 3]],
        None,
    ],
)
def test_what_is_not_a_picture_is_refused_by_name(hider, revealer, picture):
    good = photograph("coffee", 16, 16)
    for call, name in (
        (lambda: hider.hide(picture, good), "cover"),
        (lambda: hider.hide(good, picture), "secret"),
        (lambda: revealer.reveal(picture), "container"),
    ):
        with pytest.raises(runtime.PictureError, match=name):
            call()


def test_arguments_are_not_changed_and_need_not_be_contiguous(hider):
    cover = photograph("coffee", 64, 80)
    secret = photograph("rocket", 64, 80)
    kept = cover.copy(), secret.copy()
    mirrored = hider.hide(cover[:, ::-1], secret[::-1])
    assert np.array_equal(cover, kept[0]) and np.array_equal(secret, kept[1])
    straight = hider.hide(cover[:, ::-1].copy(), secret[::-1].copy())
    assert np.array_equal(mirrored, straight)


def test_models_are_found_by_folder_and_checked(tmp_path: Path, tiny_model: Path):
    own = shutil.copytree(tiny_model, tmp_path / "own")
    assert runtime.Hider(own).hide(photograph("coffee", 40, 30), photograph("rocket", 9, 9)).size

    with pytest.raises(runtime.ModelError, match=r"no model 'nonesuch'.*classic"):
        runtime.Hider("nonesuch")
    with pytest.raises(runtime.ModelError, match="no manifest"):
        runtime.Hider(tmp_path)

    manifest = json.loads((own / "manifest.json").read_text())
    (own / "manifest.json").write_text(json.dumps({**manifest, "format_version": 99}))
    with pytest.raises(runtime.ModelError, match="format version 99"):
        runtime.Hider(own)
    (own / "manifest.json").write_text("{")
    with pytest.raises(runtime.ModelError, match="not a valid manifest"):
        runtime.Hider(own)
    (own / "manifest.json").write_text(json.dumps(manifest))
    content = bytearray((own / "reveal.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (own / "reveal.onnx").write_bytes(content)
    with pytest.raises(runtime.ModelError, match="damaged"):
        runtime.Revealer(own)
    (own / "reveal.onnx").unlink()
    with pytest.raises(runtime.ModelError, match="cannot be read"):
        runtime.Revealer(own)


def test_a_graph_that_is_another_part_is_refused(tmp_path: Path, tiny_model: Path):
    own = shutil.copytree(tiny_model, tmp_path / "own")
    manifest = json.loads((own / "manifest.json").read_text())
    shutil.copy(own / "hide.onnx", own / "reveal.onnx")
    manifest["files"]["reveal.onnx"] = manifest["files"]["hide.onnx"]
    (own / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(runtime.ModelError, match="part"):
        runtime.Revealer(own)


def test_devices():
    assert runtime.Hider(device="cpu").device == "cpu"
    hider = runtime.Hider(device="auto")
    assert hider.device in ("cpu", "cuda:0")
    assert hider.device_reason
    with pytest.raises(runtime.UsageError, match="must be auto"):
        runtime.Hider(device="tpu")
    with pytest.raises(runtime.UsageError, match="threads"):
        runtime.Hider(threads=0)
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        with pytest.raises(runtime.DeviceError, match="plainsight-onnx\\[gpu\\]"):
            runtime.Hider(device="cuda")


def test_folder_results_stream_and_errors_are_values(photographs: Path, tmp_path: Path):
    (photographs / "covers" / "broken.png").write_text("text")
    results = runtime.hide_folder(photographs / "covers", photographs / "secrets", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    first = next(results)
    assert first.error is None and first.container.is_file()
    rest = list(results)
    failed = [result for result in (first, *rest) if result.error]
    assert [result.cover.name for result in failed] == ["broken.png"]
    assert isinstance(failed[0].error, runtime.PictureError)
    assert failed[0].error.path == failed[0].cover
    assert not failed[0].container.exists()
    revealed = list(runtime.reveal_folder(tmp_path / "out", tmp_path / "revealed"))
    assert [result.error for result in revealed] == [None] * 3


def test_folder_calls_check_their_arguments_at_once(photographs: Path, tmp_path: Path):
    with pytest.raises(runtime.UsageError, match="there is no file or folder"):
        runtime.hide_folder(tmp_path / "none", photographs / "secrets", tmp_path / "out")
    with pytest.raises(runtime.UsageError, match="losslessly"):
        runtime.hide_folder(*2 * [photographs / "covers" / "coffee.png"], tmp_path / "out.jpg")


def test_every_error_is_a_plainsight_error():
    for name in runtime.__all__:
        value = getattr(runtime, name)
        if isinstance(value, type) and issubclass(value, Exception):
            assert issubclass(value, runtime.PlainsightError)


def test_importing_has_no_side_effect_and_no_training_package():
    result = run_python(
        "import logging, sys, threading, runtime\n"
        "heavy = {'keras', 'tensorflow', 'training', 'export', 'onnx', 'skimage', 'matplotlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert not logging.getLogger().handlers\n"
        "assert threading.active_count() == 1\n"
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == result.stderr == ""


def test_public_names_are_those_that_are_imported_when_used():
    assert sorted(name for names in runtime._NAMES.values() for name in names) == runtime.__all__
    assert set(runtime.__all__) <= set(dir(runtime))
    result = run_python(
        "import sys, runtime\n"
        "assert not {'numpy', 'cv2', 'runtime.hider'} & set(sys.modules)\n"
        "runtime.Hider, runtime.hide_folder, runtime.PictureError\n"
        "assert 'runtime.hider' in sys.modules\n"
        "from runtime import *\n"
        "assert read_picture is runtime.read_picture\n"
        "try: runtime.nonesuch\n"
        "except AttributeError as error: assert 'nonesuch' in str(error)\n"
    )
    assert result.returncode == 0, result.stderr


def test_batches_give_what_one_by_one_gives(hider, revealer):
    covers = np.stack([photograph(n, 80, 64) for n in ("astronaut", "chelsea", "coffee")])
    secrets = np.ascontiguousarray(covers[::-1])
    made = hider.hide_batch(covers, secrets)
    assert all(
        np.array_equal(a, hider.hide(c, s)) for a, c, s in zip(made, covers, secrets, strict=True)
    )
    back = revealer.reveal_batch(made)
    assert all(np.array_equal(a, revealer.reveal(b)) for a, b in zip(back, made, strict=True))
    clear, reveal = runtime.Hider(device="cpu"), runtime.Revealer(device="cpu")
    mixed = [*covers, photograph("rocket", 40, 600)]
    others = [photograph("coffee", 50 + 10 * n, 60) for n in range(4)]
    revealed = reveal.reveal_batch(clear.hide_batch(mixed, others, "word"), "word")
    for secret, picture in zip(others, revealed, strict=True):
        assert picture.shape == secret.shape
        assert np.array_equal(secret, picture) or peak_signal_noise_ratio(secret, picture) > 30
    with pytest.raises(runtime.UsageError, match="4 covers and 1 secrets"):
        clear.hide_batch(mixed, others[:1])
    with pytest.raises(runtime.NothingHiddenError):
        reveal.reveal_batch(mixed)


def test_bytes_and_paths_give_the_bytes_of_a_png(tmp_path: Path):
    cover, secret = photograph("coffee", 64, 80), photograph("rocket", 50, 50)
    path = save(tmp_path / "cover.png", np.dstack([cover, np.full((64, 80), 9, np.uint8)]))
    hider, revealer = runtime.Hider(device="cpu"), runtime.Revealer(device="cpu")
    for given_ in (path, str(path), path.read_bytes()):
        container = hider.hide(given_, secret, "word")
        (tmp_path / "container.png").write_bytes(container)
        picture = read(tmp_path / "container.png")
        assert picture.shape == (64, 80, 4) and (picture[..., 3] == 9).all()
        revealed = revealer.reveal(container, "word")
        (tmp_path / "revealed.png").write_bytes(revealed)
        assert read(tmp_path / "revealed.png").shape == secret.shape
    assert isinstance(hider.hide(cover, path), np.ndarray)
    with pytest.raises(runtime.UnreadableError, match="cover is not a picture"):
        hider.hide(b"text", secret)
    with pytest.raises(runtime.UnreadableError, match=r"none\.png: cannot be read"):
        revealer.reveal(tmp_path / "none.png")


def test_with_statements_let_go_of_the_model():
    cover = photograph("coffee", 32, 32)
    with runtime.Hider(device="cpu") as hider, runtime.Revealer(device="cpu") as revealer:
        container = hider.hide(cover, cover)
        revealer.reveal(container)
    for call in (lambda: hider.hide(cover, cover), lambda: revealer.reveal(container)):
        with pytest.raises(runtime.ClosedError, match="was closed"):
            call()


def test_error_codes_are_told_apart_and_documented_classes():
    errors = [
        value
        for name in runtime.__all__
        if isinstance(value := getattr(runtime, name), type) and issubclass(value, Exception)
    ]
    codes = [error.code for error in errors]
    assert len(set(codes)) == len(codes)


def test_a_deep_cover_is_named(tmp_path: Path):
    deep = photograph("coffee", 20, 20).astype(np.uint16) * 257
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), deep)
    hider = runtime.Hider(device="cpu")
    with pytest.raises(runtime.DepthError, match=r"deep\.png: has more than 8 bits per sample"):
        hider.hide(path, photograph("rocket", 20, 20))
    with pytest.raises(runtime.DepthError, match="cover has more than 8 bits per sample"):
        hider.hide(path.read_bytes(), photograph("rocket", 20, 20))


def test_keys_are_kept_only_if_allowed(monkeypatch):
    derived = []

    def derive(*arguments: object) -> bytes:
        derived.append(arguments)
        return bytes(32)

    monkeypatch.setattr("runtime.crypto.keys._argon2id", derive)
    picture = photograph("coffee", 32, 32)
    container = runtime.Hider(device="cpu").hide(picture, picture, "word")
    for cache_keys in (True, False):
        revealer = runtime.Revealer(device="cpu", cache_keys=cache_keys)
        derived.clear()
        revealer.reveal(container, "word")
        once = len(derived)
        revealer.reveal(container, "word")
        assert once and len(derived) == (once if cache_keys else 2 * once)
