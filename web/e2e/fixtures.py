"""Writes the pictures that the end-to-end test works on: fixtures.py SAMPLES OUT."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np


def main(samples: Path, out: Path) -> None:
    """Writes pictures of several sizes, made of the sample photographs."""
    astronaut, chelsea, coffee, rocket = (
        cv2.imread(str(samples / f"{name}.jpg"))
        for name in ("astronaut", "chelsea", "coffee", "rocket")
    )

    def write(name: str, picture: np.ndarray, width: int, height: int) -> None:
        resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
        assert cv2.imwrite(str(out / name), resized)

    write("cover.png", coffee, 613, 530)
    write("secret.png", chelsea, 451, 300)
    write("portrait.png", astronaut, 300, 420)
    write("megapixel-cover.png", coffee, 1024, 1024)
    write("megapixel-secret.png", astronaut, 1024, 1024)
    write("large-cover.png", rocket, 2400, 1700)
    write("large-secret.png", coffee, 2400, 1700)
    write("photograph.jpg", rocket, 640, 427)
    write("small-cover.png", astronaut, 200, 150)
    write("small-secret.png", coffee, 200, 150)
    write("too-small.png", astronaut, 40, 12)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
