"""PNG files look as OpenCV's do by default: their compression does not tell what made them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms
from support import photograph, run_module, save

import runtime

SIZES = [(16, 16), (60, 70), (512, 512)]


def written_by_opencv(path: Path) -> bytes:
    """The same picture, as OpenCV writes it when it is told no settings."""
    again = path.parent.parent / "again.png"
    samples, kinds, blobs = cv2.imreadWithMetadata(str(path), flags=cv2.IMREAD_UNCHANGED)
    if len(kinds):
        assert cv2.imwriteWithMetadata(str(again), samples, kinds, blobs)
    else:
        assert cv2.imwrite(str(again), samples)
    return again.read_bytes()


def looks(content: bytes) -> tuple[list[str], list[int], bytes, bytes]:
    """Names and sizes of the chunks, the header of the zlib stream, and each row's filter."""
    names, sizes, packed, place = [], [], b"", 8
    while place < len(content):
        size, name = struct.unpack_from(">I4s", content, place)
        names.append(name.decode())
        sizes.append(size)
        if name == b"IDAT":
            packed += content[place + 8 : place + 8 + size]
        place += 12 + size
    width, _, _, colour = struct.unpack_from(">IIBB", content, 16)
    row = width * {2: 3, 6: 4}[colour] + 1
    return names, sizes, packed[:2], zlib.decompress(packed)[::row]


def check(path: Path) -> None:
    content, expected = path.read_bytes(), written_by_opencv(path)
    assert looks(content) == looks(expected)
    assert content == expected


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("transparent", [False, True])
def test_containers_and_revealed_secrets(tmp_path: Path, size: tuple[int, int], transparent: bool):
    picture = photograph("astronaut", *size)
    cover = picture
    if transparent:
        cover = np.dstack([picture, np.full(size, 200, np.uint8)])
    save(tmp_path / "cover.png", cover)
    container, revealed = tmp_path / "container.png", tmp_path / "revealed.png"
    container.write_bytes(runtime.Hider().hide(tmp_path / "cover.png", picture[::-1]))
    check(container)
    revealed.write_bytes(runtime.Revealer().reveal(container))
    check(revealed)


def test_files_of_the_command(photographs: Path, tmp_path: Path):
    for arguments in (
        ("hide", photographs / "covers", photographs / "secrets" / "secret-rocket.png"),
        ("reveal", tmp_path / "hide"),
    ):
        out = tmp_path / arguments[0]
        done = run_module(f"runtime.{arguments[0]}", *arguments[1:], "-o", out)
        assert done.returncode == 0, done.stderr
        files = sorted(out.iterdir())
        assert len(files) == 3
        for path in files:
            check(path)


def test_write_picture(tmp_path: Path):
    runtime.write_picture(tmp_path / "picture.png", photograph("coffee"))
    check(tmp_path / "picture.png")


def test_colour_profile(tmp_path: Path):
    picture = photograph("coffee", 64, 64)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(picture).save(tmp_path / "cover.png", icc_profile=profile)
    container = tmp_path / "container.png"
    container.write_bytes(runtime.Hider().hide(tmp_path / "cover.png", picture))
    check(container)
