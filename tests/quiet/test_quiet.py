"""Hiding and revealing, and what can be seen of it."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from support import photograph, read, run_main, save

import runtime
from runtime.capacity import main as capacity
from runtime.crypto import keys as key_module
from runtime.hide import main as hide
from runtime.images.image import Image
from runtime.images.metrics import psnr
from runtime.reveal import main as reveal
from runtime.schemes.quiet import costs

WORDS = "correct horse"
GOLDEN = Path(__file__).parent / "golden"


def test_little_changes_and_the_secret_comes_back(container, cover, secret, revealer):
    revealed = revealer.recover(container, WORDS)
    assert revealed.payload.kind == "compact" and revealed.damage is None
    assert psnr(secret, revealed.picture) > 27
    change = container.astype(int) - cover
    assert np.abs(change).max() == 1
    assert psnr(cover, container) > 61.5


def test_a_lower_payload_changes_less(cover, secret, hider, container):
    less = hider.with_options(payload_rate=0.02).hide(cover, secret)
    assert psnr(cover, less) > psnr(cover, container) + 6


def test_black_white_flat_and_transparent_samples_stay(secret, hider):
    cover = photograph("coffee", 256, 300)
    cover[:40] = 255
    cover[40:60, :, 1] = 0
    cover[200:] = 90
    alpha = np.full(cover.shape[:2], 255, np.uint8)
    alpha[100:140] = 0
    made = hider.hide_images(Image(cover, alpha=alpha), Image(secret))
    same = made.pixels == cover
    assert same[:40].all() and same[40:60, :, 1].all() and same[100:140].all()
    assert same[205:].all()
    assert not same.all()


def test_changes_of_the_colours_agree(container, cover):
    change = container.astype(int) - cover
    for one, other in ((1, 0), (1, 2), (0, 2)):
        both = (change[..., one] != 0) & (change[..., other] != 0)
        agree = (change[..., one] == change[..., other])[both]
        assert both.sum() > 50
        assert agree.mean() > 0.95


def test_other_passphrases_and_plain_photographs_get_one_answer(container, cover, revealer):
    messages = set()
    for picture, words in ((container, "wrong"), (container, None), (cover, WORDS)):
        with pytest.raises(runtime.NothingHiddenError) as caught:
            revealer.reveal(picture, words)
        messages.add(str(caught.value))
    assert messages == {"no hidden picture found, or the passphrase is wrong"}


def test_one_derivation_of_a_key_finds_it_or_finds_nothing(container, cover, monkeypatch):
    derived = []
    real = key_module._argon2id
    monkeypatch.setattr(key_module, "_argon2id", lambda *args: derived.append(args) or real(*args))
    runtime.Revealer("quiet").reveal(container, WORDS)
    assert len(derived) == 1
    for picture in (cover, container[:100]):
        derived.clear()
        with pytest.raises(runtime.NothingHiddenError):
            runtime.Revealer("quiet").reveal(picture, WORDS)
        assert len(derived) == 1


def test_two_hides_of_one_pair_share_no_more_than_chance(secret, hider):
    cover = photograph("coffee", 160, 200)
    made = [hider.hide(cover, secret, WORDS) for _ in range(2)]
    first, second = ((container != cover).reshape(-1) for container in made)
    # Both keep to where changes cost least, so some are shared; but far from all.
    assert (first & second).sum() < 0.35 * first.sum()
    up = made[0].astype(int).reshape(-1) - made[1].astype(int).reshape(-1) == 0
    assert 0.3 < up[first & second].mean() < 0.7
    bits = [container.reshape(-1)[first | second] & 1 for container in made]
    assert 0.05 < (bits[0] == bits[1]).mean() < 0.45


def test_no_two_files_share_a_salt(secret, monkeypatch):
    salts = []
    real = key_module._argon2id
    monkeypatch.setattr(key_module, "_argon2id", lambda *args: salts.append(args[1]) or real(*args))
    cover = photograph("coffee", 160, 200)
    hider = runtime.Hider("quiet")
    for _ in range(3):
        hider.hide(cover, secret, WORDS)
    assert len(set(salts)) == 3


def test_an_altered_container_is_refused(container, revealer):
    rng = np.random.default_rng(0)
    altered = container.copy()
    rows, columns = rng.integers(0, 256, 30), rng.integers(0, 300, 30)
    altered[rows, columns, 0] ^= 1
    with pytest.raises(runtime.AlteredError, match="was altered after a picture was hidden"):
        revealer.recover(altered, WORDS)


def test_a_file_that_fits_comes_back_byte_for_byte(cover, hider, revealer):
    _, content = cv2.imencode(".png", np.zeros((20, 30, 3), np.uint8))
    made = hider.hide(cover, content.tobytes())
    revealed = revealer.recover(made)
    assert revealed.file == content.tobytes() and revealed.payload.exact


@pytest.mark.parametrize("height", [8, 10])
def test_heights_differ_in_the_code_only(cover, height, hider, revealer):
    _, content = cv2.imencode(".png", np.zeros((20, 30, 3), np.uint8))
    made = hider.with_options(constraint_height=height).hide(cover, content.tobytes())
    assert revealer.recover(made).file == content.tobytes()


@pytest.mark.parametrize("size", [(64, 64), (65, 131)])
def test_small_covers(size, hider, revealer):
    cover = photograph("coffee")[100 : 100 + size[0], 150 : 150 + size[1]]
    cover = np.ascontiguousarray(cover)
    _, content = cv2.imencode(".bmp", np.zeros((1, 1, 3), np.uint8))
    made = hider.with_options(payload_rate=0.4).hide(cover, content.tobytes())
    assert revealer.recover(made).file == content.tobytes()


def test_covers_that_cannot_carry_anything_are_refused(hider, secret):
    with pytest.raises(runtime.PictureError, match="at least 64 pixels per side, got 300 x 63"):
        hider.hide(np.zeros((63, 300, 3), np.uint8), secret)
    with pytest.raises(runtime.PictureError, match="too few samples that may change"):
        hider.hide(np.full((200, 200, 3), 77, np.uint8), secret)
    small = photograph("coffee", 64, 64)
    with pytest.raises(runtime.PictureError, match="too small for this payload"):
        hider.with_options(payload_rate=0.01).hide(small, secret)
    small = photograph("coffee", 65, 65)
    with pytest.raises(runtime.PictureError, match="too little for any picture"):
        hider.with_options(payload_rate=0.05).hide(small, secret)


def test_costs_do_not_depend_on_the_strips(hider, monkeypatch):
    cover = Image(photograph("coffee", 150, 120))
    network = hider._scheme.networks["costs"]
    made = []
    for rows in (256, 64, 140):
        monkeypatch.setattr(costs, "_ROWS", rows)
        made.append(costs.planes_of(network, cover).noise)
    for other in made[1:]:
        np.testing.assert_allclose(made[0].up, other.up, rtol=1e-4)
        np.testing.assert_allclose(made[0].correlations, other.correlations, atol=1e-3)


def test_the_command_line(cover, secret, tmp_path):
    paths = save(tmp_path / "cover.png", cover), save(tmp_path / "secret.png", secret)
    options = "--model", "quiet", "--payload", "0.1", "--constraint-height", "7"
    made = run_main(hide, *paths, "-o", tmp_path / "out", *options, "--verify")
    assert made.returncode == 0, made.stderr
    found = run_main(reveal, tmp_path / "out", "-o", tmp_path / "back")
    assert found.returncode == 0, found.stderr
    assert psnr(secret, read(tmp_path / "back" / "cover.png")) > 27
    shown = run_main(capacity, *paths, "--model", "quiet", "--json")
    assert shown.returncode == 0, shown.stderr
    (line,) = shown.stdout.splitlines()
    settings = json.loads(line)["settings"]
    sizes = {setting["payload_rate"]: setting["capacity"] for setting in settings}
    rates = [size for rate, size in sizes.items() if rate != "auto"]
    assert rates == sorted(rates) and rates[0] > 0
    assert sizes["auto"] == sizes[0.05]


def test_the_default_payload_grows_with_the_square_root_of_the_size():
    picture = np.tile(photograph("coffee", 256, 256), (8, 8, 1))

    def sizes(height: int) -> dict[str | float, int]:
        every = hider.capacity(picture[:height])
        return {each.options["payload_rate"]: each.size for each in every}

    with runtime.Hider("quiet", device="cpu") as hider:
        small, large = sizes(256), sizes(2048)
    assert list(large.values()) == sorted(large.values())
    assert small["auto"] == small[0.05] == pytest.approx(large[0.05] / 8, rel=0.02)
    # 2**19 pixels, and eight times as many.
    assert large["auto"] == pytest.approx(small["auto"] * 8**0.5, rel=0.02)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("container-*.png")), ids=lambda p: p.stem)
def test_golden_containers_reveal_to_what_they_always_did(path, revealer):
    kind = path.stem.split("-")[1]
    revealed = revealer.recover(path.read_bytes(), "Grüße" if "passphrase" in path.stem else None)
    if kind == "file":
        assert revealed.file == (GOLDEN / "secret.png").read_bytes()
    else:
        np.testing.assert_array_equal(revealed.picture, read(GOLDEN / f"revealed-{kind}.png"))


def test_there_are_golden_containers_of_each_payload_and_height():
    names = {path.stem for path in GOLDEN.glob("container-*.png")}
    assert names == {
        "container-file-7",
        "container-file-8-passphrase",
        "container-pixels-9",
        "container-compact-10-passphrase",
    }
