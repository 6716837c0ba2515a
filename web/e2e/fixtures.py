"""Writes the pictures for the end-to-end tests: fixtures.py SAMPLES OUT."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import cv2
import numpy as np


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
    write("large-cover.png", rocket, 2400, 1700)
    write("large-secret.png", coffee, 2400, 1700)
    write("photograph.jpg", rocket, 640, 427)
    write("lossy.webp", rocket, 320, 214, cv2.IMWRITE_WEBP_QUALITY, 90)
    write("lossless.webp", rocket, 320, 214, cv2.IMWRITE_WEBP_QUALITY, 101)
    write("lossless.tiff", chelsea, 120, 80)
    turned(out / "photograph.jpg", out / "turned.jpg")
    upright = cv2.imread(str(out / "turned.jpg"))
    write("upright.png", upright, upright.shape[1], upright.shape[0])
    write("small-cover.png", astronaut, 200, 150)
    write("small-secret.png", coffee, 200, 150)
    write("too-small.png", astronaut, 40, 12)


def turned(source: Path, target: Path) -> None:
    """Copies a JPEG and adds EXIF metadata that turns it clockwise (orientation 6)."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    exif = b"Exif\0\0" + tiff
    content = source.read_bytes()
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    target.write_bytes(content[:2] + app1 + content[2:])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
