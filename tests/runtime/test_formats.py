"""Kinds of picture files, in and out, through the real command line."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, read, run_module, save

import runtime
from runtime.images.decode import decode
from runtime.images.formats import sniff
from runtime.images.profiles import SRGB, matrix_profile, profile_of_code_points

PICTURE = photograph("coffee", 64, 96)
SECRET = photograph("astronaut", 60, 60)
# A pixel limit that these small pictures keep, and a hostile header does not.
READ = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return save(tmp_path / "secret.png", SECRET)


def hide(*arguments: str | Path, **settings):
    return run_module("runtime.hide", *arguments, **settings)


def pillow(picture: np.ndarray | Image.Image, format_: str, **options) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


# Made once: the time is written in it.
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def opened(path: Path | io.BytesIO) -> Image.Image:
    with Image.open(path) as image:
        image.load()
    return image


def alike(picture: np.ndarray, other: np.ndarray) -> float:
    """PSNR in dB; 99 for equal pictures."""
    return 99.0 if np.array_equal(picture, other) else peak_signal_noise_ratio(picture, other)


# -- read --


def test_every_format_is_read_whatever_its_name(tmp_path: Path, secret: Path):
    for format_ in READ:
        content = (
            pillow(PICTURE, format_, quality=95) if format_ != "BMP" else pillow(PICTURE, "BMP")
        )
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{format_}.jpg").write_bytes(content)
    made = hide(tmp_path / "in", secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    for format_ in READ:
        container = read(tmp_path / "out" / f"{format_}.png")
        assert alike(PICTURE, container) > 27


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_alike_to_files_and_bytes(tmp_path: Path, orientation: int):
    shown = {
        1: PICTURE,
        2: PICTURE[:, ::-1],
        3: PICTURE[::-1, ::-1],
        4: PICTURE[::-1],
        5: PICTURE.swapaxes(0, 1),
        6: np.rot90(PICTURE, -1),
        7: PICTURE[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(PICTURE),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    hider, revealer = runtime.Hider(device="cpu"), runtime.Revealer(device="cpu")
    for format_, options in (("JPEG", {"quality": 97}), ("PNG", {}), ("WEBP", {"lossless": True})):
        content = pillow(PICTURE, format_, exif=exif, **options)
        path = tmp_path / f"turned.{format_.lower()}"
        path.write_bytes(content)
        found = runtime.read_picture(path)
        assert found.shape == shown.shape
        assert alike(shown, found) > 30
        for given_ in (content, path, str(path)):
            container = hider.hide(given_, SECRET)
            assert isinstance(container, bytes)
            back = np.asarray(opened(io.BytesIO(container)))
            assert alike(shown, back) > 30
            assert isinstance(revealer.reveal(container), bytes)


def test_grey_covers_become_rgb_and_say_so(tmp_path: Path, secret: Path):
    grey = PICTURE[..., 0]
    for kind, image in (("L", Image.fromarray(grey)), ("1", Image.fromarray(grey).convert("1"))):
        image.save(tmp_path / f"{kind}.png")
        made = hide(tmp_path / f"{kind}.png", secret, "-o", tmp_path / "out")
        assert made.returncode == 0, made.stderr
        assert (
            f"warning: {tmp_path / f'{kind}.png'}: it is greyscale and was converted to RGB"
            in made.stderr
        )
        container = read(tmp_path / "out" / f"{kind}.png")
        expected = np.asarray(image.convert("RGB"))
        assert alike(expected, container) > 40


def test_alpha_is_kept_untouched_transparent_pixels_included(tmp_path: Path, secret: Path):
    alpha = (np.arange(64 * 96).reshape(64, 96) * 7 % 256).astype(np.uint8)
    alpha[:20] = 0
    save(tmp_path / "in" / "a.png", np.dstack([PICTURE, alpha]))
    for format_ in ("png", "tiff", "bmp"):
        out = tmp_path / format_
        made = hide(tmp_path / "in", secret, "-o", out, "--format", format_)
        assert made.returncode == 0, made.stderr
        container = np.asarray(opened(out / f"a.{format_}"))
        assert container.shape == (64, 96, 4)
        assert np.array_equal(container[..., 3], alpha)
        assert alike(PICTURE[:20], container[:20, :, :3]) > 40
        back = run_module("runtime.reveal", out, "-o", tmp_path / "back" / format_)
        assert back.returncode == 0, back.stderr
    # WebP throws away the colours of what is transparent, which would be the secret's end.
    made = hide(tmp_path / "in", secret, "-o", tmp_path / "webp", "--format", "webp")
    assert made.returncode == 1 and "would not keep all its samples" in made.stderr
    assert not (tmp_path / "webp").exists()


@pytest.mark.parametrize("format_", ["png", "tiff"])
def test_sixteen_bits_of_a_cover_are_refused_unless_converted(tmp_path, secret, format_):
    deep = PICTURE.astype(np.uint16) * 257 + 3
    path = tmp_path / f"deep.{format_}"
    cv2.imwrite(str(path), deep[..., ::-1])
    made = hide(path, secret, "-o", tmp_path / "out")
    assert made.returncode == 1
    assert "more than 8 bits per sample" in made.stderr and "--convert" in made.stderr
    made = hide(path, secret, "-o", tmp_path / "out", "--convert")
    assert made.returncode == 0, made.stderr
    assert "were converted to 8 bits" in made.stderr
    assert alike(PICTURE, read(tmp_path / "out" / "deep.png")) > 40
    # A secret is converted without being asked.
    cover = save(tmp_path / "cover.png", PICTURE)
    made = hide(cover, path, "-o", tmp_path / "container.png", "--bits", "3")
    assert made.returncode == 0, made.stderr
    assert run_module("runtime.reveal", tmp_path / "container.png", "-o", tmp_path / "r.png")
    assert alike(PICTURE, read(tmp_path / "r.png")) > 35


@pytest.mark.parametrize("depth", [10, 12])
def test_deep_avif_is_not_dark(tmp_path: Path, depth: int):
    ramp = np.repeat(np.linspace(0, 2**depth - 1, 96)[None], 64, axis=0)
    deep = np.stack([ramp] * 3, axis=-1).astype(np.uint16)
    options = [cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_QUALITY, 98]
    written, content = cv2.imencode(".avif", deep, options)
    assert written
    path = tmp_path / "deep.avif"
    path.write_bytes(content.tobytes())
    expected = (deep / (2**depth - 1) * 255).round().astype(np.uint8)
    assert alike(expected, runtime.read_picture(path)) > 40


def test_of_several_pictures_the_first_is_taken_with_a_warning(tmp_path: Path, secret: Path):
    second = Image.fromarray(PICTURE[::-1].copy())
    for format_ in ("PNG", "TIFF", "WEBP", "AVIF"):
        content = pillow(PICTURE, format_, save_all=True, append_images=[second])
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{format_}.{format_.lower()}").write_bytes(content)
    made = hide(tmp_path / "in", secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert made.stderr.count("it holds several pictures; the first is used") == 4
    for format_ in ("PNG", "TIFF"):
        assert alike(PICTURE, read(tmp_path / "out" / f"{format_}.png")) > 40


def test_colour_profiles_are_kept_and_camera_and_place_are_not(tmp_path: Path, secret: Path):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "CamCo", 6
    exif.get_ifd(0x8825)[1] = "N"
    (tmp_path / "in").mkdir()
    content = pillow(PICTURE, "JPEG", exif=exif, icc_profile=PROFILE, quality=95)
    (tmp_path / "in" / "a.jpg").write_bytes(content)
    for format_ in ("png", "webp", "tiff"):
        made = hide(tmp_path / "in", secret, "-o", tmp_path / format_, "--format", format_)
        assert made.returncode == 0, made.stderr
        image = opened(tmp_path / format_ / f"a.{format_}")
        assert image.info["icc_profile"] == PROFILE
        assert not {0x010F, 0x0112, 0x8825} & dict(image.getexif()).keys()
        assert b"CamCo" not in (tmp_path / format_ / f"a.{format_}").read_bytes()
        kept = tmp_path / f"kept-{format_}"
        made = hide(tmp_path / "in", secret, "-o", kept, "--format", format_, "--keep-metadata")
        assert made.returncode == 0, made.stderr
        image = opened(kept / f"a.{format_}")
        found = image.getexif()
        if format_ == "tiff":
            assert "TIFF files are written without EXIF; left out" in made.stderr
        else:
            # Turned already, so it must not be turned again by whoever shows it.
            assert found[0x010F] == "CamCo" and found[0x0112] == 1
        assert image.size == (64, 96)
        back = run_module("runtime.reveal", kept, "-o", tmp_path / f"back-{format_}")
        assert back.returncode == 0, back.stderr
        without = tmp_path / f"without-{format_}"
        made = hide(tmp_path / "in", secret, "-o", without, "--format", format_, "--drop-profile")
        assert made.returncode == 0, made.stderr
        assert "icc_profile" not in opened(without / f"a.{format_}").info
    made = hide(tmp_path / "in", secret, "-o", tmp_path / "bmp", "--format", "bmp")
    assert made.returncode == 0 and "without a colour profile" in made.stderr


def test_profiles_that_are_broken_or_not_for_rgb_are_left_out(tmp_path: Path, secret: Path):
    broken = bytearray(PROFILE)
    broken[36:40] = b"none"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(pillow(PICTURE, "JPEG", icc_profile=bytes(broken)))
    made = hide(tmp_path / "in", secret, "-o", tmp_path / "out")
    assert made.returncode == 0, made.stderr
    assert read(tmp_path / "out" / "a.png").shape == PICTURE.shape


# -- refused --


def bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def test_more_pixels_than_allowed_are_refused_before_decoding(tmp_path: Path, secret: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bomb.png").write_bytes(bomb(60_000, 60_000))
    save(tmp_path / "in" / "small.png", PICTURE)
    made = hide(tmp_path / "in", secret, "-o", tmp_path / "out")
    assert made.returncode == 1
    assert "bomb.png: has 60000 x 60000 pixels, more than the 200,000,000 allowed" in made.stderr
    assert (tmp_path / "out" / "small.png").is_file()
    made = hide(tmp_path / "in", secret, "-o", tmp_path / "out2", "--max-megapixels", "0.005")
    assert made.returncode == 1 and made.stderr.count("more than the 5,000 allowed") == 2


@pytest.mark.parametrize("format_", READ)
def test_sizes_are_told_from_headers(format_: str):
    for picture in (PICTURE, photograph("chelsea", 33, 257)):
        kind = sniff(pillow(picture, format_))
        assert kind is not None and kind.format == format_.lower()
        assert (kind.height, kind.width) == picture.shape[:2]
        assert kind.lossy == (format_ in ("JPEG", "WEBP", "AVIF")) and not kind.several
    assert not sniff(pillow(PICTURE, "WEBP", lossless=True)).lossy


@given(st.binary(max_size=60), st.sampled_from(READ), st.integers(0, 4000))
def test_headers_that_are_cut_or_nonsense_are_no_error_of_ours(tail: bytes, format_: str, cut: int):
    sniff(_CONTENTS[format_][:cut] + tail)


_CONTENTS = {format_: pillow(PICTURE, format_) for format_ in READ}


@pytest.mark.parametrize("format_", READ)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_cut_off_files_are_refused(tmp_path: Path, format_: str, share: float):
    content = _CONTENTS[format_]
    path = tmp_path / f"cut.{format_.lower()}"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(runtime.UnreadableError, match="cut"):
        runtime.read_picture(path)


# -- written --


@pytest.mark.parametrize("format_", ["png", "webp", "tiff", "bmp"])
def test_every_format_that_is_written_keeps_every_sample(tmp_path: Path, format_: str):
    picture = photograph("rocket", 51, 67)
    hider = runtime.Hider(device="cpu")
    container = hider.hide(picture, SECRET)
    path = tmp_path / f"container.{format_}"
    runtime.write_picture(path, container)
    assert np.array_equal(np.asarray(opened(path).convert("RGB")), container)
    assert np.array_equal(runtime.read_picture(path), container)
    assert opened(path).format == format_.upper()
    with pytest.raises(runtime.ExistsError):
        runtime.write_picture(path, container)
    runtime.write_picture(path, picture, overwrite=True)
    assert np.array_equal(runtime.read_picture(path), picture)
    with pytest.raises(runtime.UnwritableError, match="lossless format"):
        runtime.write_picture(tmp_path / "container.jpg", container)


def test_the_format_is_told_by_the_name_or_the_option(tmp_path: Path, secret: Path):
    cover = save(tmp_path / "cover.png", PICTURE)
    assert hide(cover, secret, "-o", tmp_path / "one.webp").returncode == 0
    assert opened(tmp_path / "one.webp").format == "WEBP"
    assert hide(cover, secret, "-o", tmp_path / "many", "--format", "tiff").returncode == 0
    assert opened(tmp_path / "many" / "cover.tiff").format == "TIFF"
    made = hide(cover, secret, "-o", tmp_path / "two.webp", "--format", "png")
    assert made.returncode == 2 and "as the requested format does" in made.stderr
    for path in (tmp_path / "one.webp", tmp_path / "many"):
        back = run_module("runtime.reveal", path, "-o", tmp_path / "back", "--overwrite")
        assert back.returncode == 0, back.stderr


# -- kinds of files that are rare --


@pytest.mark.parametrize("orientation", range(1, 9))
def test_avif_is_mirrored_and_turned_as_it_says(tmp_path: Path, orientation: int):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.avif"
    path.write_bytes(pillow(PICTURE, "AVIF", exif=exif, quality=95))
    shown = np.asarray(ImageOps.exif_transpose(opened(path)).convert("RGB"))
    assert alike(shown, runtime.read_picture(path)) > 40


WRITTEN_BY_TIFFFILE = {
    "grey8": (np.uint8, 1, {"photometric": "minisblack"}),
    "grey16": (np.uint16, 1, {"photometric": "minisblack"}),
    "white is zero": (np.uint8, 1, {"photometric": "miniswhite"}),
    "white is zero, 16": (np.uint16, 1, {"photometric": "miniswhite"}),
    "rgb8": (np.uint8, 3, {"photometric": "rgb"}),
    "rgb16": (np.uint16, 3, {"photometric": "rgb"}),
    "rgba8": (np.uint8, 4, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
    "rgba16": (np.uint16, 4, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
    "grey and alpha": (np.uint8, 2, {"photometric": "minisblack", "extrasamples": ["unassalpha"]}),
    "grey and alpha, 16": (
        np.uint16,
        2,
        {"photometric": "minisblack", "extrasamples": ["unassalpha"]},
    ),
}
LAYOUTS = {
    "strips": {},
    "tiles": {"tile": (32, 48)},
    "big-endian": {"byteorder": ">"},
    "big": {"bigtiff": True},
    "deflate": {"compression": "zlib", "rowsperstrip": 7},
    "lzma": {"compression": "lzma"},
    "predictor": {"compression": "zlib", "predictor": True},
    "predictor, big-endian tiles": {
        "compression": "zlib",
        "predictor": True,
        "byteorder": ">",
        "tile": (16, 32),
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("planar", [False, True])
def test_tiff_of_every_kind_and_layout_is_read_exactly(layout: str, planar: bool):
    for kind, (dtype, channels, settings) in WRITTEN_BY_TIFFFILE.items():
        if planar and channels == 1:
            continue
        samples = np.dstack([PICTURE, PICTURE[::-1, :, 0]])[..., :channels].astype(dtype)
        if channels == 2:
            samples = np.dstack([PICTURE[..., 0], PICTURE[::-1, :, 0]]).astype(dtype)
        if dtype == np.uint16:
            samples *= 257
        stored = samples.transpose(2, 0, 1) if planar else samples
        more = {"planarconfig": "separate" if planar else "contig"} if channels > 1 else {}
        file = io.BytesIO()
        tifffile.imwrite(
            file, np.ascontiguousarray(stored).squeeze(), **settings, **more, **LAYOUTS[layout]
        )
        image = decode(file.getvalue())
        levels = (samples // (257 if dtype == np.uint16 else 1)).astype(np.uint8)
        colours = levels[..., :3] if channels > 2 else np.repeat(levels[..., :1], 3, axis=2)
        if kind.startswith("white"):
            colours = 255 - colours
        assert np.array_equal(image.pixels, colours), kind
        if channels in (2, 4):
            assert np.array_equal(image.alpha, levels[..., -1]), kind
        assert image.deep == (dtype == np.uint16), kind


COMPRESSIONS = {
    "raw": ("1", "L", "P", "RGB", "RGBA", "CMYK"),
    "tiff_lzw": ("1", "L", "P", "RGB", "RGBA", "CMYK"),
    "tiff_adobe_deflate": ("1", "L", "P", "RGB", "RGBA", "CMYK"),
    "packbits": ("1", "L", "P", "RGB", "RGBA", "CMYK"),
    "group3": ("1",),
    "group4": ("1",),
    "jpeg": ("L", "RGB", "CMYK"),
}


@pytest.mark.parametrize(
    ("mode", "compression"),
    [(mode, name) for name, modes in COMPRESSIONS.items() for mode in modes],
)
def test_tiff_written_by_pillow_is_read_as_by_pillow(mode: str, compression: str):
    image = Image.fromarray(PICTURE).convert(mode)
    content = pillow(image, "TIFF", compression=None if compression == "raw" else compression)
    found = decode(content)
    wanted = np.asarray(opened(io.BytesIO(content)).convert("RGB"))
    assert alike(wanted, found.pixels) > 45
    if mode == "CMYK":
        assert "it is CMYK and was converted to RGB without a colour profile" in found.notes


def test_float_and_unknown_compressions_are_called_by_their_names():
    for samples, settings, name in (
        (PICTURE.astype(np.float32), {"photometric": "rgb"}, "floating-point samples"),
        (PICTURE.astype(np.int16), {"photometric": "rgb"}, "samples with signs"),
        (PICTURE.astype(np.uint32), {"photometric": "rgb"}, "32 bits per sample"),
    ):
        file = io.BytesIO()
        tifffile.imwrite(file, samples, **settings)
        with pytest.raises(runtime.UnsupportedError, match=name):
            decode(file.getvalue())
    for compression, name in (
        (50000, "zstd"),
        (50001, "WebP"),
        (34712, "JPEG 2000"),
        (9, "number 9"),
    ):
        content = pillow(PICTURE, "TIFF")
        order = "<HHIHH"
        tag = struct.pack(order, 259, 3, 1, 1, 0)
        assert tag in content
        with pytest.raises(runtime.UnsupportedError, match=f"not supported .{name} compression"):
            decode(content.replace(tag, struct.pack(order, 259, 3, 1, compression, 0)))


def test_cielab_is_converted_right():
    lab = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    to_lab = ImageCms.buildTransform(lab[1], lab[0], "RGB", "LAB")
    content = pillow(ImageCms.applyTransform(Image.fromarray(PICTURE), to_lab), "TIFF")
    found = decode(content)
    assert alike(PICTURE, found.pixels) > 38  # as near as 8 bits of CIELAB are
    assert "it is CIELAB and was converted to sRGB" in found.notes


def test_tiff_containers_say_that_their_fourth_sample_is_alpha(tmp_path: Path, secret: Path):
    alpha = (np.arange(64 * 96).reshape(64, 96) % 256).astype(np.uint8)
    save(tmp_path / "a.png", np.dstack([PICTURE, alpha]))
    made = hide(tmp_path / "a.png", secret, "-o", tmp_path / "a.tiff")
    assert made.returncode == 0, made.stderr
    with tifffile.TiffFile(tmp_path / "a.tiff") as file:
        assert [int(kind) for kind in file.pages[0].extrasamples] == [2]
    assert np.array_equal(np.asarray(opened(tmp_path / "a.tiff"))[..., 3], alpha)


# -- colours --


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    body = name + data
    chunk = struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]


def test_profiles_that_are_made_have_the_header_that_browsers_check():
    # ICC.1, 7.2: the illuminant of the connection space, D50, at byte 68.
    for profile in (display_p3(), matrix_profile(SRGB, 2.2, grey=False)):
        illuminant = np.frombuffer(profile[68:80], ">i4") / 65_536
        assert illuminant == pytest.approx([0.9642, 1.0, 0.8249], abs=1e-4)
        assert profile[36:40] == b"acsp" and profile[40:68] == bytes(28)


def display_p3() -> bytes:
    return profile_of_code_points(12, 13)[0]


def as_displayed(image: Image.Image) -> np.ndarray:
    if icc := image.info.get("icc_profile"):
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        image = ImageCms.profileToProfile(
            image.convert("RGB"), source, ImageCms.createProfile("sRGB")
        )
    return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_profiles_of_covers_of_all_formats_are_kept_in_all(tmp_path, secret, format_):
    options = {"lossless": True} if format_ == "WEBP" else {"quality": 95}
    content = pillow(PICTURE, format_, icc_profile=display_p3(), **options)
    path = tmp_path / f"cover.{format_.lower()}"
    path.write_bytes(content)
    shown = as_displayed(opened(path))
    for out in ("png", "webp", "tiff"):
        made = hide(path, secret, "-o", tmp_path / f"container.{out}")
        assert made.returncode == 0, made.stderr
        container = opened(tmp_path / f"container.{out}")
        assert container.info["icc_profile"] == display_p3()
        assert alike(shown, as_displayed(container)) > 38


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_secrets_are_revealed_as_they_look(format_: str):
    content = pillow(SECRET, format_, icc_profile=display_p3(), quality=95)
    shown = as_displayed(opened(io.BytesIO(content)))
    cover = photograph("coffee", 200, 200)
    container = runtime.Hider(device="cpu", bits=3).hide(cover, content)
    revealed = runtime.Revealer(device="cpu").reveal(container)
    assert alike(shown, revealed) > alike(SECRET, revealed) + 3


def test_cicp_of_a_png_is_kept_and_high_dynamic_range_is_noted():
    png = pillow(PICTURE, "PNG")
    p3 = decode(with_chunk(png, b"cICP", bytes([12, 13, 0, 1])))
    assert p3.icc == display_p3() and not p3.notes
    assert decode(with_chunk(png, b"cICP", bytes([1, 13, 0, 1]))).icc is None
    hdr = decode(with_chunk(png, b"cICP", bytes([9, 16, 0, 1])))
    assert hdr.notes == ("its colour space is not supported; its colours are taken as sRGB",)


def test_profiles_for_grey_and_cmyk_are_applied():
    dark = matrix_profile(SRGB, 1.0, grey=True)
    grey = decode(pillow(Image.fromarray(PICTURE[..., 0]), "PNG", icc_profile=dark))
    light = PICTURE[..., 0] / 255
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    wanted = np.repeat((curve * 255).round().astype(np.uint8)[..., None], 3, axis=2)
    assert alike(wanted, grey.pixels) > 45
    assert grey.icc is None


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_is_read_as_by_pillow(format_: str):
    content = pillow(Image.fromarray(PICTURE).convert("CMYK"), format_, quality=95)
    found = decode(content)
    wanted = np.asarray(opened(io.BytesIO(content)).convert("RGB"))
    assert alike(wanted, found.pixels) > 45
    assert found.notes == ("it is CMYK and was converted to RGB without a colour profile",)


@pytest.mark.parametrize(
    ("bits", "masks"),
    [(16, (0x7C00, 0x3E0, 0x1F)), (16, (0xF800, 0x7E0, 0x1F)), (32, (0xFF, 0xFF00, 0xFF0000))],
)
def test_bmp_of_any_masks_goes_from_black_to_white(bits: int, masks: tuple[int, int, int]):
    dtype = "<u2" if bits == 16 else "<u4"
    pixels = np.zeros((4, 8), dtype)
    pixels[2:] = sum(masks)
    info = struct.pack("<IiiHHIIiiII", 40, 8, 4, 1, bits, 3, pixels.nbytes, 0, 0, 0, 0)
    body = info + struct.pack("<III", *masks) + pixels[::-1].tobytes()
    found = decode(struct.pack("<2sIHHI", b"BM", 14 + len(body), 0, 0, 66) + body)
    assert found.alpha is None
    assert np.all(found.pixels[:2] == 0) and np.all(found.pixels[2:] == 255)
