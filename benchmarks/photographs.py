"""Photographs to measure on: a folder's, or those that scikit-image carries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage.data

from runtime import read_picture, write_picture
from runtime._io import EXTENSIONS
from runtime._pictures import Picture, resize_to

__all__ = ["Pair", "Picture", "find_photographs", "middle", "pairs_of", "read_picture"]

BUNDLED = ("astronaut", "chelsea", "coffee", "rocket")


@dataclass(frozen=True)
class Pair:
    """A cover and its secret."""

    cover: Path
    secret: Path


def find_photographs(folder: Path | None, work: Path) -> list[Path]:
    """Files with photographs, sorted.

    Args:
        folder: Looked through at any depth; None for four photographs that scikit-image carries.
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
        raise ValueError(f"{folder} has {len(files)} photographs; 2 are needed at least")
    return files


def pairs_of(files: list[Path]) -> list[Pair]:
    """Each photograph once as cover, once as secret; of one size where there are two of a size."""
    by_size = defaultdict(list)
    for file in files:
        by_size[read_picture(file).shape].append(file)
    # Photographs alone in their size share a group: their secrets are resized.
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


def middle(picture: Picture, side: int) -> Picture:
    """The middle of a picture, `side` pixels square; smaller pictures are enlarged first."""
    height, width, _ = picture.shape
    if min(height, width) < side:
        factor = side / min(height, width)
        picture = resize_to(
            picture, max(side, round(height * factor)), max(side, round(width * factor))
        )
        height, width, _ = picture.shape
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(picture[top : top + side, left : left + side])
