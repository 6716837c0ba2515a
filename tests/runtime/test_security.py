"""What SECURITY.md says: what is guaranteed, and what is known not to be.

Tests of the second kind show what someone without the key can do today. They hold the page to the
truth: who mends one of these limits changes the test and the page together. Further promises are
tested in test_passphrase.py (keys, uniform residues, one answer, single symbols), and that
containers are found is tested in tests/benchmarks/test_detectability.py.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage.metrics import peak_signal_noise_ratio
from support import photograph

import runtime
from runtime.carriers.residues import residues_of, with_residues
from runtime.crypto import keys as crypto_keys
from runtime.schemes.clear import header

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


def _moved(container: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Another cover with the residues of a container, made without a key."""
    residues = residues_of(container.reshape(-1, 3), 2)
    return with_residues(cover.reshape(-1, 3), residues, 2).reshape(cover.shape)


# -- guaranteed --


def test_parts_of_two_containers_cannot_be_exchanged(hider, revealer):
    cover, secret = photograph("coffee", 64, 592), photograph("rocket", 64, 592)
    first, second = (hider.hide(cover, picture, WORD) for picture in (secret, secret[::-1]))
    first[:, 288:] = second[:, 288:]
    with pytest.raises(runtime.AlteredError, match="1 of its 2 tiles") as caught:
        revealer.reveal(first, WORD)
    assert caught.value.damage == runtime.Damage(1, 2)


def test_a_container_for_everyone_is_not_accepted_instead(hider, revealer):
    cover, secret = photograph("coffee", 64, 64), photograph("rocket", 64, 64)
    open_to_all = hider.hide(cover, secret)
    assert revealer.reveal(open_to_all).shape == secret.shape
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(open_to_all, WORD)


def test_a_container_keeps_the_colour_profile_of_its_cover_and_nothing_of_the_secret_s_file(hider):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    cover = _with_metadata(photograph("coffee", 64, 64), b"where the cover was taken", profile)
    secret = _with_metadata(photograph("rocket", 64, 64), b"where the secret was taken", None)
    container = hider.hide(cover, secret, WORD)
    assert b"was taken" in cover and b"was taken" in secret
    assert b"was taken" not in container
    with Image.open(io.BytesIO(container)) as opened:
        assert opened.info["icc_profile"] == profile
        assert not opened.getexif()


def _with_metadata(picture: np.ndarray, text: bytes, profile: bytes | None) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = text.decode()
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", exif=exif, icc_profile=profile)
    return out.getvalue()


# -- not guaranteed, and said so --


def test_residues_can_be_moved_to_another_cover_without_the_key(hider, revealer):
    cover, secret = photograph("coffee", 96, 128), photograph("rocket", 96, 128)
    other = photograph("chelsea", 96, 128)
    container = hider.hide(cover, secret, WORD)
    moved = _moved(container, other)
    assert peak_signal_noise_ratio(other, moved) > 40
    # Not noticed: the tags are over the residues, not over the picture.
    assert np.array_equal(revealer.reveal(moved, WORD), revealer.reveal(container, WORD))


def test_the_visible_picture_can_be_changed_without_the_key(hider, revealer):
    cover, secret = photograph("astronaut", 128, 128), photograph("rocket", 128, 128)
    container = hider.hide(cover, secret, WORD)
    edited = container.copy()
    edited[20:60, 30:90] = (200, 30, 30)
    edited = _moved(container, edited)
    assert np.abs(edited.astype(int) - container).max() > 100
    assert np.array_equal(revealer.reveal(edited, WORD), revealer.reveal(container, WORD))


def test_after_damage_to_the_first_tile_the_arrangement_is_unproven(hider, revealer):
    """Four tiles side by side become two rows of two; the three that are intact go along."""
    height, width = 272, 400
    cover = np.tile(photograph("coffee", height, width), (1, 4, 1))
    secret = np.concatenate([photograph("astronaut", height, width)] * 4, axis=1)
    container = hider.hide(cover, secret, WORD)
    whole = revealer.reveal(container, WORD)
    tiles = [container[:, n * width : (n + 1) * width] for n in range(4)]
    _change_size(tiles[0], (height, 4 * width), (2 * height, 2 * width))
    arranged = np.concatenate([np.concatenate(tiles[n : n + 2], axis=1) for n in (0, 2)])
    with pytest.raises(runtime.AlteredError, match="1 of its 4 tiles"):
        revealer.reveal(np.ascontiguousarray(arranged), WORD)
    left = revealer.recover(np.ascontiguousarray(arranged), WORD)
    # The damage is reported, and that the size is not known; that parts moved is not.
    assert left.damage == runtime.Damage(1, 4, size_known=False)
    assert left.picture.shape == (2 * height, 2 * width, 3)
    assert (left.picture[:height, :width] == 128).all()
    assert np.array_equal(left.picture[height:], whole[:, 2 * width :])


def _change_size(tile: np.ndarray, old: tuple[int, int], new: tuple[int, int]) -> None:
    """Flips the encrypted bits that say how large the container is, in place: no key is needed."""
    descriptions = [
        header.Description("clear", 2, (1, 1), size, b"\0\0").to_bytes() for size in (old, new)
    ]
    before, after = (np.unpackbits(np.frombuffer(text, np.uint8)) for text in descriptions)
    pixels = tile[0, :171]
    residues = residues_of(pixels, 2)
    # docs/clear-format.md: bytes 32 to 47 of those in the lowest bits of the first samples.
    for place in 8 * 32 + np.flatnonzero(before != after):
        residues[place // 3] ^= 1 << place % 3
    tile[0, :171] = with_residues(pixels, residues, 2)


def test_transparent_pixels_get_noise_and_pure_white_does_not_stay_pure(hider):
    cover = np.full((64, 64, 4), 255, np.uint8)
    cover[:32, :, 3] = 0
    out = io.BytesIO()
    Image.fromarray(cover).save(out, "PNG")
    container = hider.hide(out.getvalue(), photograph("rocket", 64, 64))
    with Image.open(io.BytesIO(container)) as opened:
        pixels = np.asarray(opened)
    assert np.array_equal(pixels[..., 3], cover[..., 3])
    for part in (pixels[:32], pixels[32:]):
        assert (part[..., :3] < 255).any(axis=2).mean() > 0.5
