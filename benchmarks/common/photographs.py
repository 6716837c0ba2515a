"""Photographs to measure on: those of a folder, or four that scikit-image includes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage.data

from runtime import read_picture, write_picture
from runtime.images.colour import as_shown
from runtime.images.decode import load
from runtime.images.formats import EXTENSIONS
from runtime.images.image import Picture
from runtime.images.resize import resize_to

BUNDLED = ("astronaut", "chelsea", "coffee", "rocket")


@dataclass(frozen=True)
class Pair:
    """The files of a cover and its secret."""

    cover: Path
    secret: Path


def find_photographs(folder: Path | None, work: Path) -> list[Path]:
    """The photographs of a folder and its subfolders, sorted by path.

    Args:
        folder: Where to look; None for four photographs that scikit-image includes.
        work: Where those four are written.

    Raises:
        ValueError: There are fewer than two.
    """
    if folder is None:
        folder = work / "bundled"
        for name in BUNDLED:
            write_picture(folder / f"{name}.png", getattr(skimage.data, name)(), overwrite=True)
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in EXTENSIONS and p.is_file())
    if len(files) < 2:
        raise ValueError(f"{folder} has {len(files)} photographs; at least 2 are needed")
    return files


def pairs_of(files: list[Path]) -> list[Pair]:
    """Pairs in which each photograph is a cover once and a secret once.

    Cover and secret have the same size if the photograph is not the only one of its size.
    """
    by_size = defaultdict(list)
    for file in files:
        by_size[read_picture(file).shape].append(file)
    # Photographs of unique sizes are paired with each other: their secrets are resized.
    groups = [group for group in by_size.values() if len(group) > 1]
    alone = [group[0] for group in by_size.values() if len(group) == 1]
    if len(alone) == 1 and groups:
        groups[0] += alone
    elif alone:
        groups.append(alone)
    return [
        Pair(cover, secret)
        for group in groups
        for cover, secret in zip(group, group[1:] + group[:1], strict=True)
    ]


def cover_and_secret(width: int, height: int) -> tuple[Picture, Picture]:
    """Two photographs of scikit-image's, stretched to a size in pixels: the same in every run."""
    cover, secret = skimage.data.astronaut(), skimage.data.coffee()
    return resize_to(cover, height, width), resize_to(secret, height, width)


def shown(file: Path) -> Picture:
    """A photograph as it is meant to be seen: upright, in sRGB; uint8 (height, width, 3)."""
    return as_shown(load(file)).pixels


def cropped(picture: Picture, width: float, height: float) -> Picture:
    """The largest part around the centre with this ratio of width to height, to a pixel."""
    unit = min(picture.shape[1] / width, picture.shape[0] / height)
    new_height, new_width = max(1, round(unit * height)), max(1, round(unit * width))
    top, left = (picture.shape[0] - new_height) // 2, (picture.shape[1] - new_width) // 2
    return np.ascontiguousarray(picture[top : top + new_height, left : left + new_width])


def fitted(picture: Picture, height: int, width: int) -> Picture:
    """A picture at a size in pixels: cropped to its ratio, then resized."""
    return resize_to(cropped(picture, width, height), height, width)


def centre(picture: Picture, side: int) -> Picture:
    """The central square of a picture, `side` pixels wide; smaller pictures are enlarged first."""
    height, width, _ = picture.shape
    if min(height, width) < side:
        factor = side / min(height, width)
        picture = resize_to(
            picture, max(side, round(height * factor)), max(side, round(width * factor))
        )
        height, width, _ = picture.shape
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(picture[top : top + side, left : left + side])
