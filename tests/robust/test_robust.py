"""Hiding and revealing through files that are saved anew, as messengers do."""

import json

import cv2
import numpy as np
import pytest
from support import photograph, run_main, save, saved_again

import runtime
from runtime.hide import main as hide
from runtime.images.metrics import psnr
from runtime.reveal import main as reveal
from runtime.schemes.robust import revealing

WORDS = "correct horse"


@pytest.mark.parametrize(
    ("strength", "quality", "scale"),
    [("normal", 75, 1.0), ("strong", 50, 1.0), ("strong", 85, 0.75), ("max", 85, 0.5)],
)
def test_it_survives_what_its_strength_is_for(
    containers, revealer, secret, strength, quality, scale
):
    clean = revealer.recover(containers[strength], WORDS)
    through = revealer.recover(saved_again(containers[strength], quality, scale), WORDS)
    np.testing.assert_array_equal(through.picture, clean.picture)
    assert psnr(secret, clean.picture) > {"normal": 28, "strong": 25, "max": 21}[strength]
    assert clean.damage is None and clean.payload.kind == "compact"
    (note,) = through.notes
    assert f"hidden with strength {strength}" in note and "bits were corrected" in note
    assert ("resized by" in note) == (scale != 1.0)


def test_the_cover_changes_little(containers, cover):
    for strength, least in (("normal", 37), ("strong", 37), ("max", 35.5)):
        assert psnr(cover, containers[strength]) > least


def test_a_crop_is_revealed_and_said(containers, revealer):
    clean = revealer.recover(containers["strong"], WORDS)
    cropped = revealer.recover(np.ascontiguousarray(containers["strong"][3:, 5:]), WORDS)
    np.testing.assert_array_equal(cropped.picture, clean.picture)
    assert "shifted by 5.0 x 3.0 pixels" in cropped.notes[0]


@pytest.mark.parametrize("shift", [(0.5, 0.5), (0.25, 0.0), (0.0, 0.75), (-0.25, 0.5)])
@pytest.mark.parametrize(("strength", "quality"), [("normal", 98), ("strong", 90), ("max", 85)])
def test_a_shift_by_part_of_a_pixel_is_revealed(
    containers, revealer, tmp_path, strength, quality, shift
):
    container = containers[strength]
    move = np.float32([[1, 0, shift[0]], [0, 1, shift[1]]])
    size = container.shape[1::-1]
    shifted = cv2.warpAffine(container, move, size, borderMode=cv2.BORDER_REPLICATE)
    (tmp_path / "shown.jpg").write_bytes(saved_again(shifted, quality))
    found = revealer.recover(tmp_path / "shown.jpg", WORDS)
    clean = revealer.recover(containers[strength], WORDS)
    np.testing.assert_array_equal(found.picture, clean.picture)
    assert ("shifted by" in found.notes[0]) == (max(shift) > 0.3)


def test_a_payload_corrected_to_another_is_read_anew(containers, revealer, monkeypatch):
    arrived = saved_again(containers["max"], 85, 0.6)
    right = revealer.recover(arrived, WORDS)
    answers = iter([False, False])
    is_tag = revealing.is_tag
    monkeypatch.setattr(revealing, "is_tag", lambda *tags: next(answers, is_tag(*tags)))
    np.testing.assert_array_equal(revealer.recover(arrived, WORDS).picture, right.picture)
    assert next(answers, None) is None


def test_without_the_passphrase_nothing_is_there(containers, revealer):
    messages = set()
    for passphrase in (None, "another"):
        with pytest.raises(runtime.NothingHiddenError) as caught:
            revealer.recover(containers["normal"], passphrase)
        messages.add(str(caught.value))
    with pytest.raises(runtime.NothingHiddenError) as caught:
        revealer.recover(photograph("chelsea", 200, 200), WORDS)
    assert messages == {str(caught.value)}


def test_too_much_loss_is_said(containers, revealer):
    with pytest.raises(runtime.AlteredError, match=r"too much of it is lost: .* are needed"):
        revealer.recover(saved_again(containers["normal"], 64), WORDS)


def test_a_file_that_fits_comes_back_byte_for_byte(cover, revealer):
    _, content = cv2.imencode(".png", np.zeros((20, 30, 3), np.uint8))
    container = runtime.Hider("robust").hide(cover, content.tobytes())
    recovered = revealer.recover(saved_again(container, 80))
    assert recovered.file == content.tobytes() and recovered.payload.exact


@pytest.mark.parametrize("size", [(128, 128), (131, 257)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_flat_covers_of_odd_sizes(size, level, revealer):
    flat = np.full((*size, 3), level, np.uint8)
    secret = photograph("rocket", 32, 40)
    container = runtime.Hider("robust").hide(flat, secret)
    assert psnr(flat, container) > 28
    assert revealer.recover(saved_again(container, 75)).picture.shape == secret.shape


def test_small_covers_are_refused():
    with pytest.raises(runtime.PictureError, match="at least 128 pixels per side, got 400 x 127"):
        runtime.Hider("robust").hide(np.zeros((127, 400, 3), np.uint8), photograph("rocket"))


def test_the_command_line_writes_jpeg_and_reveals_it(cover, secret, tmp_path):
    paths = save(tmp_path / "cover.png", cover), save(tmp_path / "secret.png", secret)
    out = tmp_path / "out"
    made = run_main(hide, *paths, "-o", out, "--model", "robust", "--strength", "max", "--verify")
    assert made.returncode == 0, made.stderr
    (container,) = out.iterdir()
    assert container.name == "cover.jpg"
    smaller = tmp_path / "smaller.jpg"
    smaller.write_bytes(saved_again(cv2.imread(str(container))[..., ::-1], 80, 0.6))
    options = "--model", "robust", "--json", "-o", tmp_path / "revealed"
    shown = run_main(reveal, smaller, *options)
    assert shown.returncode == 0, shown.stderr
    result = json.loads(shown.stdout)
    assert result["payload"]["kind"] == "compact"
    (note,) = result["notes"]
    assert "resized by 0.600" in note
    assert (result["height"], result["width"]) == secret.shape[:2]
    refused = run_main(hide, *paths, "-o", tmp_path / "x", "--model", "clear", "--format", "jpeg")
    assert refused.returncode == 2 and "format must be one of" in refused.stderr


def test_transparency_is_left_out_of_jpeg_and_said(cover, secret, tmp_path):
    alpha = np.full((*cover.shape[:2], 1), 200, np.uint8)
    path = save(tmp_path / "cover.png", np.concatenate([cover, alpha], axis=2))
    hidden = save(tmp_path / "secret.png", secret)
    (result,) = runtime.hide_folder(path, hidden, tmp_path / "out", model="robust")
    assert result.error is None
    assert "JPEG files have no transparency; left out" in result.notes


def test_black_where_the_description_is_does_not_look_like_blur(revealer):
    # As in a night sky: what black does not take of a change is less for all frequencies.
    cover = photograph("astronaut", 512, 512).copy()
    cover[:300] = np.minimum(cover[:300] // 64, 2)
    secret = photograph("coffee", 100, 150)
    container = runtime.Hider("robust").hide(cover, secret)
    for arrived in (container, saved_again(container, 95), saved_again(container, 75)):
        assert revealer.recover(arrived).picture.shape == secret.shape
