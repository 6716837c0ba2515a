"""JPEG files in fewer bytes: always the same file again, and hidden where it would not fit."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support import photograph, run_main, save

import runtime
from runtime import capacity, hide, reveal
from runtime.carriers.density import Density
from runtime.crypto.keys import KeyRing, Keys
from runtime.payloads.choice import Chosen
from runtime.payloads.jpeg.rans import Damaged
from runtime.payloads.jpeg.repacking import pack, unpack
from runtime.payloads.jpeg.tables import BITS, load_tables
from runtime.schemes.clear import hiding

MOST = 1 << 20
GOLDEN = Path(__file__).parent / "golden"


def jpeg(picture: np.ndarray, quality: int = 85, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
@pytest.mark.parametrize(("quality", "sampling"), [(95, "4:4:4"), (85, "4:2:0"), (60, "4:2:2")])
def test_photographs_become_smaller_and_come_back(name, quality, sampling):
    content = jpeg(photograph(name, 240, 321), quality, subsampling=sampling)
    packed = pack(content)
    assert packed is not None and unpack(packed, MOST) == content
    assert len(packed) < 0.89 * len(content)


def test_one_of_a_photograph_as_people_have_it_saves_a_seventh():
    content = jpeg(photograph("astronaut"), 85)
    packed = pack(content)
    assert packed is not None and len(packed) < 0.86 * len(content)


@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from([1, 30, 75, 100]),
    st.sampled_from(["4:4:4", "4:2:0", "4:2:2"]),
    st.booleans(),
    st.sampled_from([0, 0, 1, 2, 7, 100]),
    st.sampled_from(["noise", "photograph", "flat", "grey"]),
    st.integers(0, 1 << 16),
)
@settings(deadline=None, max_examples=60)
def test_any_picture_comes_back(height, width, quality, sampling, optimize, interval, what, seed):
    random = np.random.default_rng(seed)
    picture = {
        "noise": random.integers(0, 256, (height, width, 3), np.uint8),
        "photograph": photograph("coffee", height, width),
        "flat": np.full((height, width, 3), random.integers(0, 256, 3), np.uint8),
        "grey": photograph("rocket", height, width)[..., 1],
    }[what]
    options = {"subsampling": sampling, "optimize": optimize, "restart_marker_blocks": interval}
    content = jpeg(picture, quality, **options)
    packed = pack(content)
    # Tiny files are all headers, and may not become smaller.
    assert packed is None or unpack(packed, MOST) == content


@pytest.mark.parametrize("interval", [1, 5, 32, 4097, 5000])
def test_codes_may_start_anew_as_in_files_of_cameras(interval):
    picture = np.tile(photograph("coffee", 200, 300), (3, 4, 1))[:, :1170]
    content = jpeg(picture, 80, subsampling="4:4:4", restart_marker_blocks=interval)
    markers = sum(bytes((0xFF, 0xD0 + n)) in content for n in range(8))
    assert markers == (8 if interval < 4000 else 2)
    packed = pack(content)
    assert packed is not None and unpack(packed, MOST) == content
    assert len(packed) < 0.9 * len(content)
    assert (GOLDEN / "restarts.packed").read_bytes() == pack((GOLDEN / "restarts.jpg").read_bytes())
    moved = content.replace(b"\xff\xd1", b"\xff\xd2", 1)
    assert pack(moved) is None


def test_what_is_around_the_picture_comes_back_too():
    exif = Image.Exif()
    exif[0x010E] = "a description"
    content = jpeg(photograph("coffee", 200, 300), exif=exif, comment=b"a comment")
    for file in (content, content + b"\xff\xd8 what a phone adds after the picture"):
        packed = pack(file)
        assert packed is not None and unpack(packed, MOST) == file


def test_files_of_other_kinds_are_left_as_they_are():
    picture = photograph("coffee", 120, 160)
    cmyk = io.BytesIO()
    Image.fromarray(picture).convert("CMYK").save(cmyk, "JPEG")
    others = {
        "progressive": jpeg(picture, progressive=True),
        "four components": cmyk.getvalue(),
        "no picture": b"\xff\xd8\xff",
        "empty": b"",
    }
    for what, content in others.items():
        assert pack(content) is None, what
    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG")
    assert pack(png.getvalue()) is None


def test_damaged_files_are_left_as_they_are():
    content = bytearray(jpeg(photograph("coffee", 120, 160)))
    assert pack(bytes(content[:-2])) is None
    assert pack(bytes(content[: len(content) // 2])) is None
    random = np.random.default_rng(0)
    for _ in range(200):
        damaged = content.copy()
        for at in random.integers(0, len(content), 3):
            damaged[at] = random.integers(256)
        packed = pack(bytes(damaged))
        assert packed is None or unpack(packed, MOST) == bytes(damaged)


def test_what_was_never_packed_is_refused():
    packed = pack(jpeg(photograph("coffee", 120, 160)))
    assert packed is not None
    random = np.random.default_rng(0)
    for _ in range(300):
        cut = random.integers(len(packed)) if random.random() < 0.3 else None
        damaged = bytearray(packed[:cut])
        for at in random.integers(0, max(len(damaged), 1), 2):
            damaged[at : at + 1] = bytes([random.integers(256)])
        try:
            unpack(bytes(damaged), MOST)
        except (Damaged, runtime.TooLargeError):
            continue
    for content in (b"", bytes(16), bytes(100), b"\xff" * 100, packed + b"\0"):
        with pytest.raises(Damaged):
            unpack(content, MOST)
    with pytest.raises(runtime.TooLargeError):
        unpack(pack(jpeg(photograph("astronaut"))), 1000)


def test_probabilities_leave_nothing_out():
    tables = load_tables()
    assert (np.diff(tables.starts, axis=1) > 0).all()
    assert (tables.starts[:, -1] == 1 << BITS).all()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A cover that holds the file of a secret at 1 bit per sample in fewer bytes only."""
    folder = tmp_path_factory.mktemp("pair")
    content = jpeg(photograph("astronaut", 256, 256), 88, comment=b"kept")
    secret = folder / "secret.jpg"
    secret.write_bytes(content)
    height = round(0.94 * len(content) * 8 / 3 / 256)
    cover = save(folder / "cover.png", photograph("coffee", height, 256))
    return cover, secret


def test_a_file_that_would_not_fit_is_hidden_in_fewer_bytes(pair, tmp_path: Path):
    cover, secret = pair
    container = tmp_path / "container.png"
    made = run_main(hide.main, cover, secret, "-o", container, "--bits", "1", "--json", "--verify")
    assert made.returncode == 0, made.stderr
    said = json.loads(made.stdout)
    assert said["payload"]["kind"] == "repacked" and said["payload"]["exact"]
    assert said["payload"]["bytes"] <= said["payload"]["capacity"] < secret.stat().st_size
    assert "bit for bit" in made.stderr
    back = run_main(reveal.main, container, "-o", tmp_path / "back", "--json")
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["payload"]["kind"] == "repacked"
    assert (tmp_path / "back" / "container.jpg").read_bytes() == secret.read_bytes()


def test_capacity_says_so_beforehand(pair):
    cover, secret = pair
    said = run_main(capacity.main, cover, secret, "--bits", "1")
    assert said.returncode == 0 and "its own file, bit for bit" in said.stdout
    small = photograph("coffee", 40, 40)
    with pytest.raises(runtime.PictureError, match=r"it takes .* bytes") as caught:
        runtime.Hider("clear", bits=1, exact="always", device="cpu").hide(small, secret)
    fewest = int(str(caught.value).split("it takes ")[1].split(" bytes")[0].replace(",", ""))
    assert fewest < 0.9 * secret.stat().st_size


def test_a_container_with_what_was_never_packed_says_so(pair):
    cover, _ = pair
    pixels = runtime.read_picture(cover)
    keys = Keys(KeyRing(), None).new()
    for content in (b"nothing", bytes(500)):
        chosen = Chosen("repacked", content)
        container = hiding.embed(pixels, chosen, Density(3), keys, bytes(2), 1)
        with pytest.raises(runtime.ContainerError, match="the hidden file cannot be unpacked"):
            runtime.Revealer("clear", device="cpu").reveal(container)
