"""Covers that give a container away."""

import cv2
import numpy as np
import pytest
from support import photograph

import runtime
from runtime.images.image import Image
from runtime.schemes.quiet.covers import halved, prepared
from runtime.schemes.quiet.traces import was_enlarged, was_jpeg

NAMES = ("astronaut", "chelsea", "coffee", "rocket")


def through_jpeg(picture, quality):
    _, content = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR_RGB), np.uint8), content.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_quantization_is_seen_at_any_place_of_the_blocks(name):
    picture = photograph(name)
    assert not was_jpeg(picture)
    for quality in (90, 75):
        saved, _ = through_jpeg(picture, quality)
        assert was_jpeg(saved)
        assert was_jpeg(np.ascontiguousarray(saved[3:, 5:]))


@pytest.mark.parametrize("name", NAMES)
def test_doubled_pictures_are_seen(name):
    picture = photograph(name)
    assert not was_enlarged(picture)
    for how in (cv2.INTER_LINEAR, cv2.INTER_CUBIC):
        assert was_enlarged(cv2.resize(picture, None, fx=2, fy=2, interpolation=how))


def test_a_jpeg_is_halved_and_that_is_said(tmp_path, revealer, secret):
    _, content = through_jpeg(photograph("coffee", 400, 511), 80)
    path = tmp_path / "cover.jpg"
    path.write_bytes(content)
    _, hidden = cv2.imencode(".png", secret[..., ::-1])
    (tmp_path / "secret.png").write_bytes(hidden.tobytes())
    (result,) = runtime.hide_folder(
        path,
        tmp_path / "secret.png",
        tmp_path / "out",
        model="quiet",
        constraint_height=7,
        verify=True,
    )
    assert result.error is None
    assert any("it is reduced to 255 x 200 pixels" in note for note in result.notes)
    container = runtime.read_picture(result.container)
    assert container.shape == (200, 255, 3)
    assert result.quality.cover > 64
    assert revealer.recover(container).picture.shape == secret.shape


def test_halving_says_what_rounding_cut_off():
    for height, width in ((64, 66), (65, 67)):
        picture = photograph("coffee", height, width)
        half, cut_off = halved(picture)
        exact = half + cut_off
        assert half.dtype == np.uint8 and np.abs(cut_off).max() <= 0.5
        assert abs(float(exact.mean()) - float(picture.mean())) < 1
        if height % 2 == 0:
            squares = picture.reshape(height // 2, 2, width // 2, 2, 3)
            np.testing.assert_array_equal(exact, squares.mean((1, 3), dtype=np.float32))


def test_changes_of_a_halved_cover_go_towards_what_was_cut_off(hider, secret):
    saved, _ = through_jpeg(photograph("coffee", 400, 512), 85)
    half, cut_off = halved(saved)
    change = hider.hide(saved, secret).astype(int) - half
    assert np.abs(change).max() == 1
    farther = np.abs(change - cut_off)[change != 0]
    # Of four samples, one lies halfway on average: most changes are of these.
    assert (farther <= 0.5).mean() > 0.6
    assert (farther <= 0.75).mean() > 0.85
    # Rounding alone is nearly as far from the averages.
    assert np.mean((change - cut_off) ** 2) < 1.1 * np.mean(cut_off**2)


def test_a_picture_that_once_was_a_jpeg_is_halved_unless_its_size_is_kept(hider, secret):
    saved, _ = through_jpeg(photograph("coffee", 256, 300), 85)
    assert hider.hide(saved, secret).shape == (128, 150, 3)
    kept = hider.with_options(keep_size=True).hide_images(Image(saved), Image(secret))
    assert kept.pixels.shape == saved.shape
    assert kept.notes[0].endswith("any change shows; use another cover")
    alpha = np.full(saved.shape[:2], 255, np.uint8)
    assert prepared(Image(saved, alpha=alpha), "auto").cover.size == (256, 300)


def test_any_cover_is_halved_if_asked_for(hider, secret):
    cover = photograph("coffee", 256, 300)
    halving = hider.with_options(halve=True)
    made = halving.hide_images(Image(cover), Image(secret))
    assert made.pixels.shape == (128, 150, 3)
    assert not any("compressed" in note for note in made.notes)
    half, cut_off = halved(cover)
    change = made.pixels.astype(int) - half
    assert np.abs(change - cut_off)[change != 0].mean() < 0.6
    with pytest.raises(runtime.PictureError, match="at least 128 pixels per side to be halved"):
        halving.hide(photograph("coffee", 127, 300), secret)
    alpha = np.full(cover.shape[:2], 255, np.uint8)
    with pytest.raises(runtime.PictureError, match="transparent"):
        halving.hide_images(Image(cover, alpha=alpha), Image(secret))
    with pytest.raises(runtime.UsageError, match="either keep its size or be halved"):
        hider.with_options(halve=True, keep_size=True)


def test_poor_covers_are_named():
    clipped = photograph("coffee")
    clipped[:100] = 255
    assert "25% of its pixels are pure white or black" in prepared(Image(clipped), "auto").notes[0]
    drawing = np.zeros((200, 200, 3), np.uint8)
    drawing[50:150, 50:150] = (200, 30, 40)
    assert any("few colours" in note for note in prepared(Image(drawing), "auto").notes)
    framed = photograph("astronaut")
    framed[:, :250] = 128
    assert any("much of it is flat" in note for note in prepared(Image(framed), "auto").notes)
    doubled = cv2.resize(photograph("rocket"), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert any("enlarged" in note for note in prepared(Image(doubled), "auto").notes)
    assert prepared(Image(photograph("coffee")), "auto").notes == ()
