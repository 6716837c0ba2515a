"""The `clear` model through the runtime: payloads, sizes, descriptions, damage."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read, run_module, save

import runtime
from runtime.carriers.density import WHOLE, Density
from runtime.crypto.keys import KeyRing, Keys
from runtime.engine.models import load_model
from runtime.images import grid
from runtime.payloads.choice import Chosen
from runtime.schemes.clear import description, hiding, revealing
from runtime.schemes.clear.choice import room
from runtime.schemes.clear.description import KINDS, Description

# A model that reveals a little worse than this one falls below one of them.
FLOORS = {1: (53.2, 40.5), 2: (47.0, 46.5), 3: (41.0, 51.0)}
GOLDEN = Path(__file__).parent / "golden"
WORD = "Grüße aus dem Wald"


@pytest.fixture(scope="module")
def coders() -> dict[int, runtime.Hider]:
    """Hiders that always take the learned code."""
    return {bits: runtime.Hider("clear", bits=bits, exact="never", device="cpu") for bits in FLOORS}


@pytest.fixture(scope="module")
def hider() -> runtime.Hider:
    return runtime.Hider("clear", device="cpu")


@pytest.fixture(scope="module")
def revealer() -> runtime.Revealer:
    return runtime.Revealer("clear", device="cpu")


def jpeg(picture: np.ndarray, quality: int = 85) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return out.getvalue()


def opened(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def save_bytes(picture: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


# -- payloads --


@pytest.mark.parametrize("bits", FLOORS)
def test_photographs_come_back_through_a_png(coders, revealer, tmp_path, bits):
    cover, secret = photograph("coffee", 400, 500), photograph("astronaut", 400, 500)
    container = read(save(tmp_path / "container.png", coders[bits].hide(cover, secret)))
    recovered = revealer.recover(container)
    assert recovered.payload is not None and recovered.payload.kind == "code"
    assert peak_signal_noise_ratio(cover, container) > FLOORS[bits][0]
    assert peak_signal_noise_ratio(secret, recovered.picture) > FLOORS[bits][1]
    # Almost all of the room is used.
    assert 0.97 < recovered.payload.size / room((400, 500), bits) <= 1


def test_a_jpeg_comes_back_byte_for_byte(hider, revealer, tmp_path):
    secret = jpeg(photograph("astronaut", 300, 400))
    cover = save(tmp_path / "cover.png", photograph("coffee", 300, 400))
    container = hider.hide(cover, secret)
    assert revealer.reveal(container) == secret
    recovered = revealer.recover(container)
    assert recovered.file == secret and recovered.payload.exact
    assert np.array_equal(recovered.picture, opened(secret))
    # For an array, the picture that the file shows.
    assert np.array_equal(revealer.reveal(opened(container)), opened(secret))


def test_no_more_is_changed_than_it_takes(hider, revealer):
    cover, secret = np.tile(photograph("coffee"), (3, 3, 1)), jpeg(photograph("rocket", 160, 200))
    container = hider.hide(cover, secret)
    assert peak_signal_noise_ratio(cover, container) > 66
    assert revealer.recover(container).file == secret


def test_pixels_come_back_exactly_where_they_fit(hider, revealer):
    cover, secret = photograph("coffee", 300, 400), photograph("astronaut", 130, 170)
    container = hider.hide(cover, secret)
    recovered = revealer.recover(container)
    assert recovered.payload.kind == "pixels" and recovered.file is None
    assert np.array_equal(recovered.picture, secret)


def test_exact_is_a_choice(revealer):
    cover, secret = photograph("coffee", 64, 64), photograph("astronaut", 200, 200)
    always = runtime.Hider("clear", exact="always", device="cpu")
    with pytest.raises(runtime.PictureError, match="does not fit exactly: it takes"):
        always.hide(cover, secret)
    never = runtime.Hider("clear", exact="never", device="cpu")
    small = photograph("astronaut", 30, 30)
    assert revealer.recover(never.hide(cover, small)).payload.kind == "code"
    assert np.array_equal(revealer.reveal(always.hide(cover, small)), small)
    with pytest.raises(runtime.UsageError, match="one of auto, always, never"):
        runtime.Hider("clear", exact="perhaps")


@pytest.mark.parametrize("turned", [False, True])
def test_a_secret_keeps_its_own_size(coders, revealer, turned):
    cover, secret = photograph("rocket", 300, 420), photograph("chelsea", 280, 190)
    if turned:
        cover = np.ascontiguousarray(cover.swapaxes(0, 1))
    revealed = revealer.reveal(coders[1].hide(cover, secret))
    assert revealed.shape == secret.shape
    assert peak_signal_noise_ratio(secret, revealed) > 45


def test_a_secret_too_large_for_its_cover_is_reduced_and_comes_back_at_its_size(hider, revealer):
    cover, secret = photograph("rocket", 80, 100), np.tile(photograph("astronaut"), (2, 2, 1))
    recovered = revealer.recover(hider.hide(cover, secret))
    assert recovered.picture.shape == secret.shape
    assert peak_signal_noise_ratio(secret, recovered.picture) > 20
    height, width = recovered.payload.coded_size
    assert height < 1024 and width < 1024


def test_few_bits_make_a_compact_picture(hider, revealer):
    cover, secret = photograph("rocket", 120, 160), photograph("astronaut")
    forecast = hider.capacity(cover, secret)[1]
    container = hider.hide(cover, secret)
    recovered = revealer.recover(container)
    assert recovered.payload.kind == forecast.payload.kind == "compact"
    assert recovered.payload.size == forecast.payload.size <= forecast.size
    psnr = peak_signal_noise_ratio(secret, recovered.picture)
    # The code has 30.7 dB here.
    assert psnr > 31.5 and psnr == pytest.approx(forecast.payload.psnr)
    changed = container.copy()
    changed[60, 80] ^= 1
    with pytest.raises(runtime.AlteredError, match="none of that can be revealed"):
        revealer.reveal(changed)


def test_a_busy_secret_is_compact_where_that_is_better(coders, revealer):
    busy = photograph("astronaut")[100:300:2, 100:300:2].copy()
    recovered = revealer.recover(coders[1].hide(photograph("coffee", 100, 100), busy))
    assert recovered.payload.kind == "compact"
    # The code has 35.2 dB here.
    assert peak_signal_noise_ratio(busy, recovered.picture) > 36.7
    smooth = photograph("rocket", 256, 256)
    recovered = revealer.recover(coders[1].hide(photograph("coffee", 256, 256), smooth))
    assert recovered.payload.kind == "code"


@pytest.mark.parametrize("size", [(16, 16), (16, 517), (513, 17), (31, 33), (1030, 40)])
def test_any_size_from_16_pixels_up(hider, revealer, size):
    picture = np.tile(photograph("astronaut"), (3, 3, 1))
    cover, secret = picture[: size[0], : size[1]], picture[-size[0] :, -size[1] :]
    revealed = revealer.reveal(hider.hide(cover, secret))
    assert revealed.shape == secret.shape
    assert peak_signal_noise_ratio(secret, revealed) > (15 if size == (16, 16) else 25)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 3)])
def test_tiny_secrets(coders, revealer, size):
    secret = photograph("astronaut", *size)
    revealed = revealer.reveal(coders[2].hide(photograph("coffee", 64, 64), secret))
    assert np.abs(secret.astype(int) - revealed).max() <= 4


def test_smaller_covers_are_refused(hider, revealer):
    small = photograph("coffee", 15, 40)
    with pytest.raises(runtime.PictureError, match="at least 16 pixels per side, got 40 x 15"):
        hider.hide(small, small)
    with pytest.raises(runtime.NothingHiddenError):
        revealer.reveal(small)


@pytest.mark.parametrize("bits", FLOORS)
def test_plain_and_extreme_pictures(coders, revealer, bits):
    size = (70, 90, 3)
    noise = np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)
    white, black = np.full(size, 255, np.uint8), np.zeros(size, np.uint8)
    for cover in (white, black, noise):
        assert np.array_equal(revealer.reveal(coders[bits].hide(cover, white)), white)
        container = coders[bits].hide(cover, noise)
        assert peak_signal_noise_ratio(noise, revealer.reveal(container)) > 8
        assert np.abs(container.astype(int) - cover).max() <= 4 * bits


# -- capacity --


def test_capacity_says_what_would_become_of_a_secret(hider):
    cover, secret = photograph("coffee", 200, 300), photograph("astronaut", 400, 300)
    empty = hider.capacity(cover)
    assert [found.options["bits"] for found in empty] == [1, 2, 3]
    assert [found.size for found in empty] == [room((200, 300), bits) for bits in (1, 2, 3)]
    expected = hider.capacity(cover, secret)
    psnr = [found.payload.psnr for found in expected]
    assert psnr == sorted(psnr) and 25 < psnr[0] < psnr[2] < 60
    container = hider.hide_images(*(runtime.images.image.Image(p) for p in (cover, secret)))
    assert container.payload.psnr == pytest.approx(psnr[1], abs=1.5)
    exact = hider.capacity(cover, jpeg(photograph("astronaut", 100, 100)))
    assert all(found.payload.kind == "file" for found in exact)


# -- the container --


@given(st.integers(16, 5000), st.integers(16, 5000))
def test_tiles_cover_the_picture_once_and_none_is_small(height, width):
    tiles = grid.tiles_of(height, width)
    assert [tile.number for tile in tiles] == list(range(len(tiles)))
    assert sum(np.prod(tile.shape) for tile in tiles) == height * width
    assert len({(tile.rows.start, tile.columns.start) for tile in tiles}) == len(tiles)
    for tile in tiles:
        assert min(tile.shape) >= 16 and max(tile.shape) <= 512 + 15
        assert tile.rows.start % 16 == tile.columns.start % 16 == 0


descriptions = st.builds(
    Description,
    st.sampled_from(list(KINDS)),
    st.integers(1, 2**32 - 1),
    st.builds(Density, st.integers(1, 9), st.integers(1, WHOLE)),
    st.tuples(st.integers(16, 2**24 - 1), st.integers(16, 2**24 - 1)),
    st.binary(min_size=2, max_size=2),
)


@given(descriptions, st.integers(0, 8 * 17 - 1))
def test_descriptions_come_back(said, bit):
    content = said.to_bytes()
    assert description.parse(content) == said
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    assert description.parse(bytes(changed)) != said


@settings(max_examples=40)
@given(
    st.tuples(st.integers(16, 40), st.integers(16, 90)),
    st.sampled_from([0, 1, 128, 254, 255, None]),
    st.integers(1, 3),
    st.data(),
)
def test_any_bytes_in_any_cover(size, level, bits, data):
    random = np.random.default_rng(0)
    shape = (*size, 3)
    cover = random.integers(0, 256, shape) if level is None else np.full(shape, level)
    content = data.draw(st.binary(min_size=1, max_size=room(size, bits)))
    keys = Keys(KeyRing(), None)
    density = hiding.density_for(size, len(content), bits)
    chosen = Chosen("code", content)
    container = hiding.embed(cover.astype(np.uint8), chosen, density, keys.new(), b"ab", 1)
    match = revealing.find(container, keys)
    assert match is not None and match.description.kind == "code"
    found = revealing.read(match, 1)
    assert found.content == content and not found.damaged


@pytest.fixture(scope="module")
def container(coders) -> np.ndarray:
    # Of three tiles, more than the container has.
    return coders[2].hide(photograph("coffee"), np.tile(photograph("astronaut"), (1, 3, 1)))


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
    for changed in (smaller, container[3:]):
        with pytest.raises(runtime.NothingHiddenError):
            revealer.reveal(np.ascontiguousarray(changed))
    with pytest.raises(runtime.AlteredError, match="none of that can be revealed"):
        revealer.reveal(np.ascontiguousarray(container[:390]))


def test_what_is_left_of_a_cropped_container_is_revealed(coders, revealer):
    cover = np.tile(photograph("coffee"), (3, 1, 1))[:1100]
    secret = np.tile(photograph("rocket"), (3, 1, 1))[:1100]
    container = coders[2].hide(cover, secret)
    whole = revealer.reveal(container)
    cropped = np.ascontiguousarray(container[:1090])
    with pytest.raises(runtime.AlteredError, match="2 of its 6 tiles") as caught:
        revealer.reveal(cropped)
    left = revealer.recover(cropped)
    assert left.damage == caught.value.damage
    assert (left.damage.damaged, left.damage.tiles) == (2, 6)
    assert 1 <= left.damage.lost < left.damage.parts
    lost = (left.picture == 128).all(axis=2)
    assert 0.1 < lost.mean() < 0.7
    assert np.array_equal(left.picture[~lost], whole[~lost])
    enlarged = np.pad(container, ((0, 40), (0, 7), (0, 0)))
    recovered = revealer.recover(enlarged)
    assert recovered.damage is None and "enlarged" in recovered.notes[0]
    assert np.array_equal(recovered.picture, whole)


def test_of_a_file_with_a_hole_nothing_is_revealed(hider, revealer):
    cover, secret = np.tile(photograph("coffee"), (2, 1, 1)), jpeg(photograph("rocket", 60, 60))
    container = opened(hider.hide(save_bytes(cover), secret)).copy()
    container[700, 500] ^= 1
    with pytest.raises(runtime.AlteredError, match="none of that can be revealed") as caught:
        revealer.recover(container)
    assert caught.value.damage is None


def test_a_whole_secret_in_a_changed_container_is_still_an_error(revealer):
    cover, secret = np.tile(photograph("coffee"), (2, 1, 1)), jpeg(photograph("rocket", 60, 60))
    keys = Keys(KeyRing(), None).new()
    # All of it in the first tile, at a density that leaves the others empty.
    container = hiding.embed(cover, Chosen("file", secret), Density(3), keys, bytes(2), 1)
    container[790, 500] ^= 1
    with pytest.raises(runtime.AlteredError, match=r"1 of its 4 tiles .* picture is whole"):
        revealer.reveal(container)
    assert revealer.recover(container).file == secret


@pytest.mark.parametrize("threads", [1, 3])
def test_tiles_side_by_side(revealer, threads):
    cover = np.tile(photograph("coffee", 48), (1, 3, 1))
    secret = np.tile(photograph("astronaut", 48), (1, 3, 1))
    hider = runtime.Hider("clear", threads=threads, exact="never")
    container = hider.hide(cover, secret)
    expected = revealer.reveal(container)
    assert peak_signal_noise_ratio(secret, expected) > 40
    changed = container.copy()
    changed[20, [1000, 1700]] ^= 1
    with runtime.Revealer("clear", threads=threads) as other:
        difference = np.abs(other.reveal(container).astype(int) - expected)
        assert difference.max() <= 1
        with pytest.raises(runtime.AlteredError, match="2 of its 4 tiles"):
            other.reveal(changed)
    # What goes wrong in a thread is raised where it was asked for.
    hider.close()
    with pytest.raises(runtime.ClosedError, match="closed"):
        hider.hide(cover, secret)


# -- what someone else may have made --


def _container_of(content: bytes, kind: str = "file", code_id: bytes = bytes(2)) -> np.ndarray:
    cover = photograph("coffee", 120, 160)
    keys = Keys(KeyRing(), None)
    return hiding.embed(cover, Chosen(kind, content), Density(9), keys.new(), code_id, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"#!/bin/sh\necho hello\n",
        b"\x89PNG\r\n\x1a\n",
        jpeg(photograph("rocket", 60, 60))[:-200],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
@pytest.mark.parametrize("kind", ["file", "pixels"])
def test_what_is_no_whole_picture_is_not_written(revealer, tmp_path, content, kind):
    container = _container_of(content, kind)
    with pytest.raises(runtime.ContainerError, match="the hidden file"):
        revealer.reveal(container)
    path = save(tmp_path / "container.png", container)
    result = run_module("runtime.reveal", path, "-o", tmp_path / "out")
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert not list((tmp_path / "out").glob("*"))


def test_a_file_that_asks_for_too_much_is_refused():
    out = io.BytesIO()
    Image.new("RGB", (900, 900)).save(out, "PNG")
    container = _container_of(out.getvalue())
    with pytest.raises(runtime.TooLargeError, match="the hidden picture has 900 x 900"):
        runtime.Revealer(device="cpu", max_pixels=500_000).reveal(container)


@pytest.fixture(scope="module")
def careful() -> runtime.Revealer:
    return runtime.Revealer("clear", device="cpu", max_pixels=100_000)


@settings(max_examples=60)
@given(content=st.binary(min_size=1, max_size=300))
def test_any_code_is_refused_or_revealed(careful, content):
    code_id = bytes.fromhex(load_model("clear").manifest["weights_sha256"][:4])
    try:
        recovered = careful.recover(_container_of(content, "code", code_id))
    except (runtime.ContainerError, runtime.TooLargeError):
        return
    assert recovered.picture.size


def test_a_code_of_another_model_says_so(revealer):
    with pytest.raises(runtime.ContainerError, match="another version of the model"):
        revealer.reveal(_container_of(bytes(300), "code", b"zz"))


@pytest.mark.parametrize("place", [(0, 400), (200, 310), (399, 590)])
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


# -- files that must reveal forever --


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("container-*.png")), ids=lambda p: p.stem)
def test_golden_containers_reveal_to_what_they_always_did(revealer, path):
    passphrase = WORD if "passphrase" in path.stem else None
    recovered = revealer.recover(read(path), passphrase)
    assert recovered.damage is None and recovered.payload is not None
    assert recovered.payload.kind in path.stem
    if recovered.file is not None:
        # The packed one in colour does not fit at the least density.
        packed = "secret-grey.jpg" if path.stem.endswith("-1") else "secret-colour.jpg"
        name = "secret.jpg" if recovered.payload.kind == "file" else packed
        assert recovered.file == (GOLDEN / name).read_bytes()
        return
    expected = read(GOLDEN / f"revealed-{path.stem.split('-')[1]}-{path.stem.split('-')[2]}.png")
    difference = np.abs(recovered.picture.astype(int) - expected.astype(int))
    # The symbols are exact; the inverse transform is floating-point.
    assert difference.max() <= 1 and np.mean(difference > 0) < 1e-3


def test_there_are_golden_containers_of_each_payload_and_density():
    names = {path.stem for path in GOLDEN.glob("container-*.png")}
    kinds = {f"{kind}-{bits}" for kind in KINDS for bits in range(1, 10)}
    found = {"-".join(name.split("-")[1:3]) for name in names}
    assert found == kinds
    assert {name for name in names if "passphrase" in name}


# -- the command --


def test_the_command_chooses_the_density_and_reveals_without_being_told(photographs, tmp_path):
    found = {}
    for bits in ("1", "3"):
        out = tmp_path / bits
        made = run_module(
            *("runtime.hide", photographs / "covers", photographs / "secrets"),
            *("-o", out / "containers", "--bits", bits, "--exact", "never"),
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
