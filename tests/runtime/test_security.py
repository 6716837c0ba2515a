"""What SECURITY.md says: what is guaranteed, and what is known not to be.

Tests of the second kind show what someone without the key can do today. They hold the page to the
truth: who mends one of these limits changes the test and the page together. Further promises are
tested in test_passphrase.py (keys, uniform residues, one answer), and that
containers are found is tested in tests/benchmarks/test_detectability.py.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageCms
from support import photograph

import runtime
from runtime.carriers.residues import group_of, residues_of, with_residues
from runtime.crypto import keys as crypto_keys
from runtime.schemes.clear import revealing

WORD = "six random words would be better"


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derivations as cheap as Argon2 allows."""
    monkeypatch.setattr(crypto_keys, "COST", crypto_keys.Argon2Cost(passes=1, kibibytes=8, lanes=1))


@pytest.fixture(scope="module")
def hider() -> Iterator[runtime.Hider]:
    with runtime.Hider("clear", device="cpu") as hider:
        yield hider


@pytest.fixture(scope="module")
def revealer() -> Iterator[runtime.Revealer]:
    with runtime.Revealer("clear", device="cpu") as revealer:
        yield revealer


# -- guaranteed --


def test_parts_of_two_containers_cannot_be_exchanged(hider, revealer):
    cover, secret = photograph("coffee", 64, 592), photograph("rocket", 64, 592)
    first, second = (hider.hide(cover, picture, WORD) for picture in (secret, secret[::-1]))
    first[:, 288:] = second[:, 288:]
    # Two tiles, the second one of the other container.
    with pytest.raises(runtime.AlteredError):
        revealer.reveal(first, WORD)
    with runtime.Hider("clear", exact="never", device="cpu") as coder:
        cover, secret = (np.tile(picture, (1, 3, 1)) for picture in (cover, secret))
        first, second = (coder.hide(cover, picture, WORD) for picture in (secret, secret[::-1]))
    first[:, 1200:] = second[:, 1200:]
    with pytest.raises(runtime.AlteredError, match="2 of its 4 tiles") as caught:
        revealer.reveal(first, WORD)
    assert (caught.value.damage.damaged, caught.value.damage.tiles) == (2, 4)


@pytest.fixture
def wide(hider) -> np.ndarray:
    """A container of three tiles of one shape side by side."""
    cover = np.tile(photograph("coffee", 32, 512), (1, 3, 1))
    # Of five parts, the first of which is in the first tile.
    return hider.hide(cover, np.tile(photograph("rocket", 100, 640), (1, 4, 1)), WORD)


def test_tiles_that_change_places_are_noticed(revealer, wide):
    swapped = wide.copy()
    swapped[:, 512:1024], swapped[:, 1024:] = wide[:, 1024:], wide[:, 512:1024]
    with pytest.raises(runtime.AlteredError, match="2 of its 3 tiles"):
        revealer.reveal(swapped, WORD)
    repeated = wide.copy()
    repeated[:, 1024:] = wide[:, 512:1024]
    with pytest.raises(runtime.AlteredError, match="1 of its 3 tiles"):
        revealer.reveal(repeated, WORD)


def test_stacked_and_cropped_containers_are_noticed(hider, revealer, wide):
    other = hider.hide(np.tile(photograph("chelsea", 32, 300), (1, 1, 1)), photograph("rocket"))
    stacked = np.concatenate([wide, np.pad(other, ((0, 0), (0, 1236), (0, 0)))])
    # The first of them is whole, and what was added is named.
    assert "enlarged" in revealer.recover(stacked, WORD).notes[0]
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(np.ascontiguousarray(stacked[32:]), WORD)
    with pytest.raises(runtime.AlteredError, match="1 of its 3 tiles"):
        revealer.reveal(np.ascontiguousarray(wide[:, :1500]), WORD)
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(np.ascontiguousarray(wide[:, 512:]), WORD)


def test_residues_cannot_be_moved_to_another_cover(hider, revealer):
    """What carries the payload, and the bits of the tag, in the pixels of another picture."""
    cover, secret = photograph("coffee", 96, 128), photograph("rocket", 300, 300)
    other = photograph("chelsea", 96, 128)
    container = hider.hide(cover, secret, WORD)
    bits = round(revealer.recover(container, WORD).payload.bits_per_pixel)
    moved = other.reshape(-1, 3).copy()
    given = container.reshape(-1, 3)
    for density in (bits, 3):  # of the payload, then of the description
        pixels = slice(None) if density == bits else _description(128)
        groups, wanted = (_groups(picture[pixels], density) for picture in (moved, given))
        changed = with_residues(groups, residues_of(wanted, density), density)
        moved[pixels] = changed.reshape(-1, 3)
    moved[-43:] = moved[-43:] & 0xFE | given[-43:] & 1
    with pytest.raises(runtime.AlteredError):
        revealer.reveal(moved.reshape(other.shape), WORD)


def _groups(pixels: np.ndarray, bits: int) -> np.ndarray:
    return pixels.reshape(-1, 3 * group_of(bits))


def _description(width: int) -> np.ndarray:
    """docs/clear-format.md: the first 142 pixels of the square at the top left."""
    number = np.arange(142)
    return number // 16 * width + number % 16


def test_what_a_container_shows_cannot_be_changed(hider, revealer):
    cover, secret = photograph("astronaut", 128, 128), photograph("rocket", 300, 300)
    container = hider.hide(cover, secret, WORD)
    edited = container.copy()
    edited[60:90, 30:90] = (200, 30, 30)
    # With the residues of the container, as someone without the key can make them.
    groups, wanted = (picture.reshape(-1, 3) for picture in (edited, container))
    moved = with_residues(groups, residues_of(wanted, 6), 6).reshape(edited.shape)
    for changed in (edited, moved):
        with pytest.raises((runtime.AlteredError, runtime.NothingHiddenError)):
            revealer.reveal(changed, WORD)


@pytest.mark.parametrize("passphrase", [WORD, None])
def test_every_changed_pixel_is_noticed(hider, revealer, passphrase):
    cover, secret = photograph("coffee", 40, 44), photograph("rocket", 12, 10)
    container = hider.hide(cover, secret, passphrase)
    keys = crypto_keys.Keys(crypto_keys.KeyRing(), crypto_keys.passphrase_bytes(passphrase))
    assert not revealing.read(revealing.find(container, keys), 1).damaged
    random = np.random.default_rng(0)
    for row, column, sample in np.ndindex(container.shape):
        changed = container.copy()
        # A change of any size, one level included.
        changed[row, column, sample] ^= random.choice([1, 1, 2, 16, 255])
        match = revealing.find(changed, keys)
        assert match is None or revealing.read(match, 1).damaged, (row, column, sample)
    # And through the front door, for some of them.
    for row, column in ((0, 3), (5, 9), (20, 30), (39, 43), (0, 43)):
        changed = container.copy()
        changed[row, column, 1] ^= 1
        with pytest.raises((runtime.AlteredError, runtime.NothingHiddenError)):
            revealer.reveal(changed, passphrase)


def test_a_container_for_everyone_is_not_accepted_instead(hider, revealer):
    cover, secret = photograph("coffee", 64, 64), photograph("rocket", 64, 64)
    open_to_all = hider.hide(cover, secret)
    assert revealer.reveal(open_to_all).shape == secret.shape
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(open_to_all, WORD)


def test_a_container_keeps_the_colour_profile_of_its_cover_and_shows_nothing_of_the_secret(hider):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    cover = _with_metadata(photograph("coffee", 96, 96), b"where the cover was taken", profile)
    secret = _with_metadata(photograph("rocket", 24, 24), b"where the secret was taken", None)
    container = hider.hide(cover, secret, WORD)
    assert b"was taken" in cover and b"was taken" in secret
    assert b"was taken" not in container
    with Image.open(io.BytesIO(container)) as opened:
        assert opened.info["icc_profile"] == profile
        assert not opened.getexif()


def test_metadata_of_the_secret_s_file_is_hidden_with_it_unless_it_is_taken_out(hider, revealer):
    cover = _with_metadata(photograph("coffee", 96, 96), b"", None)
    secret = _with_metadata(photograph("rocket", 24, 24), b"where the secret was taken", None)
    assert revealer.reveal(hider.hide(cover, secret, WORD), WORD) == secret
    with runtime.Hider("clear", device="cpu", strip_metadata=True) as careful:
        revealed = revealer.reveal(careful.hide(cover, secret, WORD), WORD)
    assert b"was taken" not in revealed
    with Image.open(io.BytesIO(revealed)) as opened:
        assert np.array_equal(np.asarray(opened), photograph("rocket", 24, 24))


def _with_metadata(picture: np.ndarray, text: bytes, profile: bytes | None) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = text.decode()
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", exif=exif, icc_profile=profile)
    return out.getvalue()


# -- not guaranteed, and said so --


def test_transparency_and_metadata_of_a_container_can_be_changed(hider, revealer):
    cover, secret = photograph("coffee", 64, 64), photograph("rocket", 64, 64)
    container = hider.hide(cover, secret, WORD)
    out = io.BytesIO()
    changed = np.dstack([container, np.full((64, 64), 77, np.uint8)])
    exif = Image.Exif()
    exif[0x010E] = "added"
    Image.fromarray(changed).save(out, "PNG", exif=exif)
    assert np.array_equal(
        revealer.recover(out.getvalue(), WORD).picture, revealer.reveal(container, WORD)
    )


def test_transparent_pixels_get_noise_and_pure_white_does_not_stay_pure(hider):
    cover = np.full((64, 64, 4), 255, np.uint8)
    cover[:32, :, 3] = 0
    out = io.BytesIO()
    Image.fromarray(cover).save(out, "PNG")
    container = hider.hide(out.getvalue(), photograph("rocket", 200, 200))
    with Image.open(io.BytesIO(container)) as opened:
        pixels = np.asarray(opened)
    assert np.array_equal(pixels[..., 3], cover[..., 3])
    for part in (pixels[:32], pixels[32:]):
        assert (part[..., :3] < 255).any(axis=2).mean() > 0.5
