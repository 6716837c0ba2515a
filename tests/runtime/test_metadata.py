"""Files without their metadata: the same pixels, colours and orientation, and nothing else."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import skimage
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, TiffImagePlugin
from support import photograph

from runtime.images.decode import decode
from runtime.images.metadata import metadata_of, strip_metadata

PICTURE = photograph("coffee", 40, 56)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><tiff:Orientation>3</tiff:Orientation></x:xmpmeta>'
CASES = Path(__file__).parent / "cases"


def exif(orientation: int = 6, *, location: bool = True) -> Image.Exif:
    data = Image.Exif()
    data[0x010F], data[0x0132], data[0x0112] = "Maker", "2026:01:02 03:04:05", orientation
    data.get_ifd(0x8769)[0x927C] = b"maker's own" * 50
    if location:
        degrees = tuple(TiffImagePlugin.IFDRational(number) for number in (48, 51, 29))
        data.get_ifd(0x8825).update({1: "N", 2: degrees, 3: "E", 4: degrees})
    return data


def saved(format_: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, format_, **options)
    return file.getvalue()


FULL = {
    "jpeg": saved("JPEG", exif=exif(), icc_profile=PROFILE, comment=b"a word", xmp=XMP),
    "progressive": saved("JPEG", exif=exif(8), progressive=True, subsampling=0),
    "png": saved("PNG", exif=exif(), icc_profile=PROFILE),
    "lossless WebP": saved("WEBP", exif=exif(), icc_profile=PROFILE, xmp=XMP, lossless=True),
    "lossy WebP": saved("WEBP", exif=exif(3), quality=80),
}


def assert_same_picture(content: bytes, stripped: bytes | None) -> None:
    """As we decode it, and as Pillow does."""
    assert stripped is not None
    one, other = decode(content), decode(stripped)
    assert np.array_equal(one.pixels, other.pixels)
    assert (one.alpha is None) == (other.alpha is None)
    assert one.alpha is None or np.array_equal(one.alpha, other.alpha)
    assert one.icc == other.icc and one.header == other.header and one.notes == other.notes
    before, after = (Image.open(io.BytesIO(file)) for file in (content, stripped))
    assert before.getexif().get(0x0112, 1) == after.getexif().get(0x0112, 1)
    assert set(after.getexif()) <= {0x0112}
    assert before.info.get("icc_profile") == after.info.get("icc_profile")
    assert not {"comment", "xmp", "photoshop"} & set(after.info)
    assert np.array_equal(ImageOps.exif_transpose(before), ImageOps.exif_transpose(after))
    assert metadata_of(stripped) == () and strip_metadata(stripped) == stripped


@pytest.mark.parametrize("name", FULL)
def test_pixels_profile_and_orientation_stay(name: str):
    content = FULL[name]
    assert metadata_of(content)[0] == "EXIF with a location"
    assert_same_picture(content, strip_metadata(content))
    assert b"Maker" not in (strip_metadata(content) or b"")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation(orientation: int):
    for format_ in ("JPEG", "PNG", "WEBP"):
        content = saved(format_, exif=exif(orientation, location=False))
        assert metadata_of(content) == ("EXIF",)
        assert_same_picture(content, strip_metadata(content))
        alone = Image.Exif()
        alone[0x0112] = orientation
        assert metadata_of(saved(format_, exif=alone)) == ()


def test_what_is_said_of_a_file():
    assert metadata_of(FULL["jpeg"]) == ("EXIF with a location", "XMP", "comments")
    assert metadata_of(saved("JPEG")) == metadata_of(saved("BMP")) == ()
    assert metadata_of(FULL["png"] + b"more") == ("EXIF with a location", "data after the picture")
    placed = XMP.replace(b"tiff:Orientation", b"exif:GPSLatitude")
    assert metadata_of(saved("WEBP", xmp=placed)) == ("XMP with a location",)
    assert metadata_of(saved("AVIF", exif=exif(), xmp=XMP)) == ("EXIF with a location", "XMP")
    assert metadata_of(saved("AVIF")) == metadata_of(saved("TIFF")) == ()
    assert metadata_of(saved("TIFF", exif=exif(location=False))) == ("EXIF",)
    file = io.BytesIO()
    tags = [(65_000, "I", 1, 8, True), (700, "B", len(XMP), XMP, True)]
    tifffile.imwrite(file, PICTURE, photometric="rgb", metadata=None, extratags=tags)
    # The tag of locations, which tifffile does not write.
    located = file.getvalue().replace(struct.pack("<H", 65_000), struct.pack("<H", 34_853), 1)
    assert metadata_of(located) == ("EXIF with a location", "XMP")


def test_formats_that_cannot_be_stripped_and_what_is_no_picture():
    for content in (saved("TIFF"), saved("AVIF"), b"", b"text", b"\xff\xd8\xff", FULL["png"][:60]):
        assert strip_metadata(content) is None or content[:2] == b"\xff\xd8"
    bmp = saved("BMP")
    assert strip_metadata(bmp) == bmp


def test_a_thumbnail_in_jfif_and_pictures_after_the_first():
    content = saved("JPEG")
    start = content.index(b"JFIF\0")
    small = content[start : start + 12] + b"\2\2" + bytes(range(12))
    jfif = struct.pack(">HH", 0xFFE0, len(small) + 2) + small
    extended = b"\xff\xe0\0\x0aJFXX\0\x10\0\0"
    several = content[:2] + jfif + extended + content[20:] + FULL["jpeg"]
    assert metadata_of(several) == ("a thumbnail", "other data", "data after the picture")
    assert strip_metadata(several) == content
    assert_same_picture(several, strip_metadata(several))


def test_cmyk_keeps_adobes_marker_and_an_animation_moves():
    file = io.BytesIO()
    Image.fromarray(PICTURE).convert("CMYK").save(file, "JPEG", comment=b"a word")
    assert_same_picture(file.getvalue(), strip_metadata(file.getvalue()))
    frames = [Image.fromarray(PICTURE), Image.fromarray(PICTURE[::-1])]
    for format_ in ("PNG", "WEBP"):
        file = io.BytesIO()
        options = {"save_all": True, "append_images": frames[1:], "duration": 50}
        frames[0].save(file, format_, exif=exif(), **options)
        stripped = strip_metadata(file.getvalue())
        assert_same_picture(file.getvalue(), stripped)
        with Image.open(io.BytesIO(stripped or b"")) as image:
            assert image.n_frames == 2


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


MARKERS = st.sampled_from([0xE1, 0xE2, *range(0xE3, 0xEE), 0xEF, 0xFE])
STARTS = st.sampled_from([b"", b"Exif\0\0", b"MPF\0", b"Photoshop 3.0\x008BIM\4\4", b"\xff\xd9"])
DATA = st.builds(bytes.__add__, STARTS, st.binary(max_size=60))


@given(added=st.lists(st.tuples(MARKERS, DATA), max_size=4), after=st.binary(max_size=20))
def test_segments_that_anybody_adds_are_taken_out(added: list[tuple[int, bytes]], after: bytes):
    for name in ("jpeg", "progressive"):
        content = FULL[name]
        more = b"".join(_segment(*each) for each in added)
        # After the file's own, of which the first counts, and before the picture's frame.
        place = content.index(b"\xff\xc0" if name == "jpeg" else b"\xff\xc2")
        changed = content[:place] + more + content[place:] + after
        assert strip_metadata(changed) == strip_metadata(content)
        assert np.array_equal(decode(changed).pixels, decode(content).pixels)


NAMES = st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf", b"hIST", b"prVt", b"sPLT"])


@given(
    added=st.lists(st.tuples(NAMES, st.binary(max_size=60)), max_size=4),
    after=st.binary(max_size=20),
)
def test_chunks_that_anybody_adds_are_taken_out(added: list[tuple[bytes, bytes]], after: bytes):
    more = b"".join(_chunk(*each) for each in added)
    content = FULL["png"]
    place = content.index(b"IDAT") - 4
    changed = content[:place] + more + content[place:] + after
    assert strip_metadata(changed) == strip_metadata(content)
    assert np.array_equal(decode(changed).pixels, decode(content).pixels)
    for name in ("lossy WebP", "lossless WebP"):
        content = FULL[name]
        more = b"".join(
            struct.pack("<4sI", kind.upper(), len(data)) + data + bytes(len(data) % 2)
            for kind, data in added
        )
        size = struct.pack("<I", len(content) + len(more) - 8)
        changed = content[:4] + size + content[8:] + more + after
        assert strip_metadata(changed) == strip_metadata(content)
        assert np.array_equal(decode(changed).pixels, decode(content).pixels)


def test_photographs_of_cameras_and_others():
    folders = [Path(skimage.__file__).parent / "data", CASES]
    found = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    # Large ones, with the data of real cameras, where they are at hand.
    photographs = Path(__file__).parents[3] / "shared" / "photos" / "train"
    cameras = sorted(photographs.rglob("*.jp*g"))[::25]
    tried = 0
    for path in [*found, *cameras]:
        content = path.read_bytes()
        stripped = strip_metadata(content)
        if stripped is None or path.name == "jpeg-12bit.jpg":
            continue
        one, other = decode(content), decode(stripped)
        assert np.array_equal(one.pixels, other.pixels), path
        assert one.icc == other.icc and one.header == other.header
        assert metadata_of(stripped) == () and len(stripped) <= len(content)
        tried += 1
    assert tried >= 10
