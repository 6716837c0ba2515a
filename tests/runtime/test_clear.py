"""The `clear` model through the runtime: payloads, sizes, headers, damage."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read, run_module, save

import runtime
from runtime.carriers.residues import residues_of, with_residues
from runtime.schemes.clear import grid as clear_grid
from runtime.schemes.clear import header

# A model that reveals a little worse than this one falls below one of them.
FLOORS = {1: (52.4, 40.0), 2: (46.2, 46.0), 3: (40.0, 50.0)}
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def hiders() -> dict[int, runtime.Hider]:
    return {bits: runtime.Hider("clear", bits=bits, device="cpu") for bits in FLOORS}


@pytest.fixture(scope="module")
def revealer() -> runtime.Revealer:
    return runtime.Revealer("clear", device="cpu")


@pytest.mark.parametrize("bits", FLOORS)
def test_photographs_come_back_through_a_png(hiders, revealer, tmp_path, bits):
    cover, secret = photograph("coffee", 400, 500), photograph("astronaut", 400, 500)
    container = read(save(tmp_path / "container.png", hiders[bits].hide(cover, secret)))
    revealed = revealer.reveal(container)
    assert peak_signal_noise_ratio(cover, container) > FLOORS[bits][0]
    assert peak_signal_noise_ratio(secret, revealed) > FLOORS[bits][1]


def test_a_secret_comes_back_at_its_own_size(hiders, revealer):
    cover, secret = photograph("rocket", 300, 420), photograph("chelsea", 280, 190)
    revealed = revealer.reveal(hiders[3].hide(cover, secret))
    assert revealed.shape == secret.shape
    assert peak_signal_noise_ratio(secret, revealed) > 30


@pytest.mark.parametrize("size", [(16, 16), (16, 517), (513, 17), (31, 33), (1030, 40)])
def test_any_size_from_16_pixels_up(hiders, revealer, size):
    picture = np.tile(photograph("astronaut"), (3, 3, 1))
    cover, secret = picture[: size[0], : size[1]], picture[-size[0] :, -size[1] :]
    revealed = revealer.reveal(hiders[2].hide(cover, secret))
    assert revealed.shape == secret.shape
    assert peak_signal_noise_ratio(secret, revealed) > 25


def test_smaller_covers_are_refused(hiders, revealer):
    small = photograph("coffee", 15, 40)
    with pytest.raises(runtime.PictureError, match="at least 16 pixels per side, got 40 x 15"):
        hiders[2].hide(small, small)
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(small)


@pytest.mark.parametrize("bits", FLOORS)
def test_plain_and_extreme_pictures(hiders, revealer, bits):
    size = (70, 90, 3)
    noise = np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)
    white, black = np.full(size, 255, np.uint8), np.zeros(size, np.uint8)
    for cover in (white, black, noise):
        assert np.array_equal(revealer.reveal(hiders[bits].hide(cover, white)), white)
        revealed = revealer.reveal(hiders[bits].hide(cover, noise))
        assert peak_signal_noise_ratio(noise, revealed) > 8
        container = hiders[bits].hide(cover, noise)
        assert np.abs(container.astype(int) - cover).max() <= 4 * bits


@given(st.integers(16, 5000), st.integers(16, 5000))
def test_cells_cover_the_picture_once_and_none_is_small(height, width):
    grid = clear_grid.tiles_of(height, width)
    assert [cell.number for cell in grid] == list(range(len(grid)))
    assert sum(np.prod(cell.shape) for cell in grid) == height * width
    assert len({(cell.rows.start, cell.columns.start) for cell in grid}) == len(grid)
    for cell in grid:
        assert min(cell.shape) >= 16 and max(cell.shape) <= 512 + 15
        assert cell.rows.start % 16 == cell.columns.start % 16 == 0


sizes = st.tuples(st.integers(1, 2**24 - 1), st.integers(1, 2**24 - 1))


@given(st.integers(1, 3), sizes, sizes, st.integers(0, 127))
def test_descriptions_come_back(bits, secret_size, container_size, bit):
    description = header.Description("clear", bits, secret_size, container_size, b"ab")
    content = description.to_bytes()
    assert header.parse(content) == description
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    assert header.parse(bytes(changed)) != description


pixels = arrays.arrays(np.uint8, (9, 3), elements=st.integers(0, 255) | st.sampled_from([0, 255]))


@given(pixels, st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_pixels_take_any_residues(picture, bits, seed):
    wanted = np.random.default_rng(seed).integers(0, 8**bits, len(picture)).astype(np.uint16)
    made = with_residues(picture, wanted, bits)
    assert np.array_equal(residues_of(made, bits), wanted)
    assert np.abs(made.astype(int) - picture).max() <= 4 * bits


@pytest.fixture(scope="module")
def container(hiders) -> np.ndarray:
    return hiders[2].hide(photograph("coffee"), photograph("astronaut"))


def test_what_holds_nothing_says_so(revealer):
    for name in ("coffee", "rocket"):
        with pytest.raises(
            runtime.NothingHiddenError, match="no hidden picture found, or the pass"
        ):
            revealer.reveal(photograph(name))


def test_saved_with_loss(revealer, container, tmp_path):
    path = str(tmp_path / "container.jpg")
    cv2.imwrite(path, container[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(np.ascontiguousarray(cv2.imread(path)[..., ::-1]))


def test_resized_and_cropped(revealer, container):
    smaller = np.asarray(cv2.resize(container, None, fx=0.5, fy=0.5), np.uint8)
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(smaller)
    with pytest.raises(runtime.AlteredError, match="none of that can be revealed"):
        revealer.reveal(np.ascontiguousarray(container[:390]))
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(np.ascontiguousarray(container[3:]))


def test_what_is_left_of_a_cropped_container_is_revealed(hiders, revealer):
    cover = np.tile(photograph("coffee"), (3, 1, 1))[:1100]
    secret = photograph("rocket")
    container = hiders[2].hide(cover, secret)
    enlarged = np.pad(container, ((0, 40), (0, 7), (0, 0)))
    cropped = np.ascontiguousarray(container[:1090])
    with pytest.raises(runtime.AlteredError, match="2 of its 6 tiles") as caught:
        revealer.reveal(cropped)
    assert caught.value.damage == runtime.Damage(2, 6)
    left = revealer.recover(cropped)
    assert left.damage == runtime.Damage(2, 6)
    revealed = left.picture
    assert revealed.shape == secret.shape
    assert peak_signal_noise_ratio(secret[:250], revealed[:250]) > 30
    assert (revealed[-100:] == 128).all()
    whole = revealer.reveal(container)
    assert np.array_equal(revealer.reveal(enlarged), whole)
    recovered = revealer.recover(enlarged)
    assert recovered.damage is None and "enlarged" in recovered.notes[0]
    assert np.array_equal(recovered.picture, whole)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_tiles_side_by_side(revealer, threads):
    cover = np.tile(photograph("coffee", 48), (1, 3, 1))
    secret = np.tile(photograph("astronaut", 48), (1, 3, 1))
    hider = runtime.Hider("clear", threads=threads)
    container = hider.hide(cover, secret)
    expected = revealer.reveal(container)
    assert peak_signal_noise_ratio(secret, expected) > 40
    changed = container.copy()
    changed[20, [500, 1700]] ^= 1
    with runtime.Revealer("clear", threads=threads) as other:
        difference = np.abs(other.reveal(container).astype(int) - expected)
        assert difference.max() <= 1
        with pytest.raises(runtime.AlteredError, match="2 of its 4 tiles"):
            other.reveal(changed)
    # What goes wrong in a thread is raised where it was asked for.
    hider.close()
    with pytest.raises(runtime.ClosedError, match="closed"):
        hider.hide(cover, secret)


@pytest.mark.parametrize("bits", FLOORS)
def test_a_changed_header_asks_for_nothing(hiders, revealer, bits):
    # Two tiles: what is revealed of one when the other is damaged must fit, too.
    cover, secret = photograph("coffee", 16, 560), photograph("astronaut", 50, 60)
    container = hiders[bits].hide(cover, secret)
    for place in range(9, 172):
        changed = container.copy()
        changed[0, place, 1] ^= 1
        with pytest.raises((runtime.AlteredError, runtime.NothingHiddenError)) as caught:
            revealer.reveal(changed)
        if isinstance(caught.value, runtime.AlteredError) and caught.value.damage is not None:
            assert revealer.recover(changed).picture.size <= cover.size


def test_a_container_that_asks_for_too_much_is_refused(hiders, monkeypatch):
    cover = photograph("coffee", 40, 40)
    description = header.Description
    monkeypatch.setattr(
        "runtime.schemes.clear.hiding.Description",
        lambda m, b, _, c, k: description(m, b, (60_000, 60_000), c, k),
    )
    container = hiders[2].hide(cover, cover)
    monkeypatch.undo()
    with pytest.raises(runtime.TooLargeError, match="60000 x 60000"):
        runtime.Revealer(device="cpu").reveal(container)
    small = runtime.Revealer(device="cpu", max_pixels=1000)
    with pytest.raises(runtime.TooLargeError, match="40 x 40"):
        small.reveal(hiders[2].hide(cover, cover))


def test_another_code_reveals_nothing(hiders, revealer, monkeypatch):
    cover = photograph("coffee", 40, 40)
    monkeypatch.setattr("runtime.schemes.clear.code_id", lambda _: b"zz")
    container = hiders[2].hide(cover, cover)
    monkeypatch.undo()
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(container)


@pytest.mark.parametrize("place", [(0, 400), (200, 300), (399, 590)])
def test_one_sample_changed(revealer, container, place):
    changed = container.copy()
    changed[place][1] ^= 1
    with pytest.raises(runtime.AlteredError, match="1 of its 2 tiles"):
        revealer.reveal(changed)


def test_bits_are_checked():
    with pytest.raises(runtime.UsageError, match="one of 1, 2, 3, got 4"):
        runtime.Hider("clear", bits=4)
    with pytest.raises(runtime.UsageError, match="classic has no option bits"):
        runtime.Hider("classic", bits=2)


@pytest.mark.parametrize("bits", FLOORS)
def test_golden_containers_reveal_to_what_they_always_did(revealer, bits):
    revealed = revealer.reveal(read(GOLDEN / f"container-{bits}.png"))
    expected = read(GOLDEN / f"revealed-{bits}.png")
    difference = np.abs(revealed.astype(int) - expected.astype(int))
    # The symbols are exact; the inverse transform is floating-point.
    assert difference.max() <= 1 and np.mean(difference > 0) < 1e-3


def test_the_command_chooses_the_payload_and_reveals_without_being_told(photographs, tmp_path):
    found = {}
    for bits in ("1", "3"):
        out = tmp_path / bits
        made = run_module(
            *("runtime.hide", photographs / "covers", photographs / "secrets"),
            *("-o", out / "containers", "--bits", bits),
        )
        assert made.returncode == 0, made.stderr
        back = run_module("runtime.reveal", out / "containers", "-o", out / "revealed")
        assert back.returncode == 0, back.stderr
        secret = read(photographs / "secrets" / "secret-astronaut.png")
        revealed = read(out / "revealed" / "astronaut.png")
        assert revealed.shape == secret.shape
        found[bits] = peak_signal_noise_ratio(secret, revealed)
    assert found["3"] > found["1"]
    wrong = run_module(
        *("runtime.hide", photographs / "covers", photographs / "secrets"),
        *("-o", tmp_path / "out", "--bits", "9"),
    )
    assert wrong.returncode == 2 and "one of 1, 2, 3" in wrong.stderr


def test_the_command_names_the_file_that_holds_nothing(photographs, tmp_path):
    made = run_module("runtime.reveal", photographs / "covers", "-o", tmp_path / "out")
    assert made.returncode == 1
    assert made.stderr.count("no hidden picture found") == 3
    assert "coffee.png: no hidden picture found" in made.stderr
    assert not (tmp_path / "out").exists()
