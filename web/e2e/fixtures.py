"""Writes the pictures for the end-to-end tests: fixtures.py SAMPLES OUT."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def main(samples: Path, out: Path) -> None:
    """Writes pictures of several sizes, made from the sample photographs."""
    astronaut, chelsea, coffee, rocket = (
        cv2.imread(str(samples / f"{name}.jpg"))
        for name in ("astronaut", "chelsea", "coffee", "rocket")
    )

    def write(name: str, picture: np.ndarray, width: int, height: int, *options: int) -> None:
        resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
        assert cv2.imwrite(str(out / name), resized, options)

    write("cover.png", coffee, 613, 530)
    write("secret.png", chelsea, 451, 300)
    write("uncompressed.png", chelsea, 451, 300, cv2.IMWRITE_PNG_COMPRESSION, 0)
    write("portrait.png", astronaut, 300, 420)
    write("megapixel-cover.png", coffee, 1024, 1024)
    write("megapixel-secret.png", astronaut, 1024, 1024)
    write("megapixel-secret.jpg", astronaut, 1024, 1024, cv2.IMWRITE_JPEG_QUALITY, 90)
    write("large-cover.png", rocket, 2400, 1700)
    write("large-secret.png", coffee, 2400, 1700)
    write("photograph.jpg", rocket, 640, 427)
    # Fits into cover.png at 1 bit in fewer bytes only.
    write("tight.jpg", astronaut, 850, 850, cv2.IMWRITE_JPEG_QUALITY, 90)
    write("lossy.webp", rocket, 320, 214, cv2.IMWRITE_WEBP_QUALITY, 90)
    write("lossless.webp", rocket, 320, 214, cv2.IMWRITE_WEBP_QUALITY, 101)
    write("lossless.tiff", chelsea, 120, 80)
    write("small.avif", chelsea, 120, 80)
    turned(out / "photograph.jpg", out / "turned.jpg")
    upright = cv2.imread(str(out / "turned.jpg"))
    write("upright.png", upright, upright.shape[1], upright.shape[0])
    write("small-cover.png", astronaut, 200, 150)
    write("small-secret.png", coffee, 200, 150)
    write("too-small.png", astronaut, 40, 12)
    tagged(out)


def turned(source: Path, target: Path) -> None:
    """Copies a JPEG and adds EXIF metadata that turns it clockwise (orientation 6)."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    exif = b"Exif\0\0" + tiff
    content = source.read_bytes()
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    target.write_bytes(content[:2] + app1 + content[2:])


def tagged(out: Path) -> None:
    """Writes files with metadata, with a colour profile, with transparency, and a GIF."""
    picture = Image.open(out / "small-cover.png").convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a maker"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    picture.save(out / "tagged.jpg", exif=exif, xmp=xmp, comment=b"hello", quality=90)
    picture.save(out / "tagged.png", exif=exif)
    picture.save(out / "tagged.webp", exif=exif, xmp=xmp, quality=80)
    wide(out / "small-cover.png", out / "wide.png")
    picture.resize((60, 40)).quantize(32).save(out / "few-colours.gif")
    alpha = Image.linear_gradient("L").resize(picture.size)
    picture.putalpha(alpha)
    picture.save(out / "transparent.png")


def wide(source: Path, target: Path) -> None:
    """Copies a PNG and says that its colours are those of Display P3."""
    chunk = b"cICP" + bytes([12, 13, 0, 1])
    content = source.read_bytes()
    added = struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    target.write_bytes(content[:33] + added + content[33:])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
