"""Picture files that were once got wrong: each stands for a kind of file. See cases/README.md."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, run_main, save

import benchmarks.robustness.__main__ as robustness
import runtime
from benchmarks.robustness import readings
from runtime import hide, reveal

CASES = Path(__file__).parent / "cases"

# How like the right pixels what is read must be, in dB: all are exact but for rounding, lossy AVIF,
# and 8 bits of linear light.
READ = {
    "avif-icc.avif": 99,
    "avif-mirror.avif": 35,
    "bmp-rgb555.bmp": 99,
    "secret-p3.jpg": 99,
    "tiff-grey16-miniswhite.tif": 99,
    "tiff-grey4bit.tif": 99,
    "tiff-greyalpha8.tif": 99,
    "tiff-premultiplied-alpha.tif": 50,
    "tiff-rgb16-planar.tif": 99,
}
REFUSED = {
    "jpeg-12bit.jpg": "12-bit JPEG is not supported",
    "tiff-5channels.tif": "this kind of TIFF is not supported (5 samples per pixel)",
    "tiff-lzw-damaged-inside.tif": "is damaged inside",
}
DEEP = {"tiff-grey16-miniswhite.tif", "tiff-rgb16-planar.tif"}
PROFILE = {"avif-icc.avif", "secret-p3.jpg", "png-gama-linear.png"}


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("secret") / "secret.png", photograph("rocket", 40, 40))


def in_srgb(path: Path) -> np.ndarray:
    """RGBA of a file as it is displayed, by Pillow."""
    with Image.open(path) as image:
        image.load()
        if image.mode == "I;16":
            levels = (np.asarray(image).astype(np.int64) * 255 + 32_767) // 65_535
            image = Image.fromarray(levels.astype(np.uint8))
        alpha = image.convert("RGBA").getchannel("A")
        shown = image.convert("RGB")
        if icc := image.info.get("icc_profile"):
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            shown = ImageCms.profileToProfile(shown, profile, ImageCms.createProfile("sRGB"))
        return np.dstack([np.asarray(shown), np.asarray(alpha)])


def right(name: str) -> np.ndarray:
    """RGBA of a case as it should be displayed."""
    stem = Path(name).stem
    found = [CASES / "expected" / f"{stem}{ending}" for ending in (".srgb.png", ".png")]
    return in_srgb(next(path for path in found if path.is_file()))


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return 99.0 if np.array_equal(one, other) else peak_signal_noise_ratio(other, one)


def test_every_case_is_tested():
    names = {path.name for path in CASES.iterdir() if path.is_file()} - {"README.md"}
    assert names == READ.keys() | REFUSED.keys() | {"png-gama-linear.png"}


@pytest.mark.parametrize("name", READ)
def test_as_a_cover_it_is_read_right(tmp_path: Path, secret: Path, name: str):
    container = tmp_path / "container.png"
    made = run_main(hide.main, CASES / name, secret, "-o", container)
    if name in DEEP:
        assert made.returncode == 1 and "more than 8 bits per sample" in made.stderr
        made = run_main(hide.main, CASES / name, secret, "-o", container, "--convert")
    assert made.returncode == 0, made.stderr
    found, wanted = in_srgb(container), right(name)
    assert np.array_equal(found[..., 3], wanted[..., 3])
    # What hiding changes, and twice that by some profiles.
    assert likeness(found[..., :3], wanted[..., :3]) > min(READ[name] - 3, 40)


@pytest.mark.parametrize("name", READ)
def test_as_a_secret_it_is_revealed_as_it_looks(tmp_path: Path, name: str):
    cover = save(tmp_path / "cover.png", photograph("coffee", 256, 256))
    container, revealed = tmp_path / "container.png", tmp_path / "revealed.png"
    made = run_main(
        hide.main, cover, CASES / name, "-o", container, "--bits", "3", "--exact", "never"
    )
    assert made.returncode == 0, made.stderr
    assert run_main(reveal.main, container, "-o", revealed).returncode == 0
    assert likeness(in_srgb(revealed)[..., :3], right(name)[..., :3]) > 33
    assert ("secret: its colours were converted to sRGB" in made.stderr) == (name in PROFILE)


@pytest.mark.parametrize("name", sorted(READ.keys() - PROFILE))
def test_its_pixels_are_the_right_ones(name: str):
    path = CASES / "expected" / f"{Path(name).stem}.png"
    assert likeness(runtime.read_picture(CASES / name), in_srgb(path)[..., :3]) >= READ[name]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_its_true_name(tmp_path: Path, secret: Path, name: str):
    made = run_main(hide.main, CASES / name, secret, "-o", tmp_path, "-q")
    assert made.returncode == 1
    assert made.stderr.splitlines()[0].startswith(f"error: {CASES / name}: {REFUSED[name]}")
    assert len(made.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_gamma_travels_as_a_profile_or_is_applied(tmp_path: Path, secret: Path):
    path = CASES / "png-gama-linear.png"
    with Image.open(path) as image:
        linear = np.asarray(image.convert("RGB")) / 255
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    wanted = (curve * 255).round().astype(np.uint8)
    for flags in ((), ("--drop-profile",)):
        container = tmp_path / f"container{len(flags)}.png"
        made = run_main(hide.main, path, secret, "-o", container, *flags)
        assert made.returncode == 0, made.stderr
        with Image.open(container) as image:
            assert ("icc_profile" in image.info) == (not flags)
        # Two bits of linear light are much in the dark.
        assert likeness(in_srgb(container)[..., :3], wanted) > (40 if flags else 25)


def test_others_read_them_alike(tmp_path: Path):
    """`python -m benchmarks.robustness readings`, over these files."""
    out = tmp_path / "readings.json"
    assert run_main(robustness.main, "readings", CASES, "--json", out).returncode == 0
    report = json.loads(out.read_text())["readings"]
    assert report["files"] == len([path for path in CASES.rglob("*") if path.is_file()])
    assert report["compared"] >= 18 and report["read_differently"] == []
    # Which Pillow 13 reads as a negative, and as noise; tifffile reads them as we do.
    disputed = {entry["file"] for entry in report["read_differently_by_others"]}
    assert disputed <= {"tiff-grey16-miniswhite.tif", "tiff-rgb16-planar.tif"}
    elsewhere = {entry["file"] for entry in report["refused_but_read_elsewhere"]}
    assert elsewhere <= REFUSED.keys()


def test_a_different_reading_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    save(tmp_path / "in" / "a.png", photograph("coffee", 20, 20))
    monkeypatch.setattr(readings, "_shown", lambda image: np.zeros((*image.size, 4), np.uint8))
    out = tmp_path / "readings.json"
    assert run_main(robustness.main, "readings", tmp_path / "in", "--json", out).returncode == 1
    (different,) = json.loads(out.read_text())["readings"]["read_differently"]
    assert different["file"] == "a.png" and different["psnr"]["pillow"]["alpha"] == 0.0
