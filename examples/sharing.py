"""Hides a picture, saves the container as a messenger would, and reveals it; files stay in DIR."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

import runtime

Picture = NDArray[np.uint8]

SCALE, QUALITY = 0.75, 70
SIDE, GAP = 256, 8


def share(folder: Path) -> None:
    """Writes cover, secret, container.jpg, shared.jpg, revealed.png and panel.jpg."""
    cover = skimage.data.astronaut()
    secret = np.ascontiguousarray(skimage.data.chelsea()[:, 40:340])
    runtime.write_picture(folder / "cover.png", cover)
    runtime.write_picture(folder / "secret.png", secret)

    container = runtime.Hider("robust", strength="max").hide(cover, secret, "six random words")
    save(folder / "container.jpg", container, 95)

    container = runtime.read_picture(folder / "container.jpg")
    height, width = (round(side * SCALE) for side in container.shape[:2])
    small = cv2.resize(container, (width, height), interpolation=cv2.INTER_AREA)
    save(folder / "shared.jpg", small, QUALITY)
    now, before = ((folder / f"{name}.jpg").stat().st_size for name in ("shared", "container"))
    print(f"shared.jpg has {width} x {height} pixels, and {now:,} of {before:,} bytes")

    recovered = runtime.Revealer().recover(folder / "shared.jpg", "six random words")
    print(f"{recovered.model}: {recovered.notes[0]}")
    runtime.write_picture(folder / "revealed.png", recovered.picture)

    shown = [cover, runtime.read_picture(folder / "shared.jpg"), recovered.picture, secret]
    gap = np.full((SIDE, GAP, 3), 255, np.uint8)
    row = [part for picture in shown for part in (square(picture), gap)]
    save(folder / "panel.jpg", np.concatenate(row[:-1], axis=1), 88)


def save(path: Path, picture: Picture, quality: int) -> None:
    """Writes a JPEG file, 4:2:0."""
    done, content = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    path.write_bytes(content.tobytes())


def square(picture: Picture) -> Picture:
    """A picture at the size of the panel."""
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def main() -> int:
    """Runs the script; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="new folder for the files")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True)
        share(folder)
    except (OSError, runtime.PlainsightError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
