"""Photographs of a folder: finding, splitting and reading them."""

from __future__ import annotations

import hashlib
import threading
import warnings
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def find_photographs(folder: Path) -> list[Path]:
    """All pictures in a folder and its subfolders, sorted, without hidden files.

    Pictures are recognized by their content.

    Raises:
        FileNotFoundError: `folder` is not a folder, or has no picture in it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder of photographs")
    files = [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")]
    pictures = sorted(path for path in files if cv2.haveImageReader(str(path)))
    if not pictures:
        raise FileNotFoundError(f"{folder} has no photographs in it")
    return pictures


def split_by_file(
    files: list[Path], folder: Path, fraction: float
) -> tuple[list[Path], list[Path]]:
    """Splits files into training and validation, by a hash of each file's path within `folder`.

    A file stays on its side when others are added or removed, so that validation photographs are
    never trained on, even if the folder grows. Each side gets at least two files: a pair.

    Args:
        files: Four files or more.
        folder: The folder that they are in.
        fraction: Share of the files to hold out, in 0 .. 1.

    Raises:
        ValueError: There are fewer than four files.
    """
    if len(files) < 4:
        raise ValueError(f"at least 4 photographs are needed, got {len(files)} in {folder}")

    def position(path: Path) -> float:
        name = path.relative_to(folder).as_posix().encode()
        return int.from_bytes(hashlib.sha256(name).digest()[:8]) / 2**64

    ordered = sorted(files, key=position)
    held_out = sum(position(path) < fraction for path in ordered)
    held_out = min(max(held_out, 2), len(files) - 2)
    return sorted(ordered[held_out:]), sorted(ordered[:held_out])


class PhotographCache:
    """Reads photographs and keeps the most recently used in memory; safe to share among threads.

    Args:
        longest_side: Larger pictures are reduced to this many pixels on the longer side.
        budget: Bytes of decoded pictures to keep in memory.
    """

    def __init__(self, longest_side: int = 1024, budget: int = 4 << 30) -> None:
        self._longest_side = longest_side
        self._budget = budget
        self._used = 0
        self._kept: OrderedDict[Path, NDArray[np.uint8] | None] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, path: Path) -> NDArray[np.uint8] | None:
        """An RGB picture, uint8 (height, width, 3); None, with one warning, if it is unreadable."""
        with self._lock:
            if path in self._kept:
                self._kept.move_to_end(path)
                return self._kept[path]
        picture = read_photograph(path, self._longest_side)
        with self._lock:
            if path not in self._kept:
                self._kept[path] = picture
                self._used += 0 if picture is None else picture.nbytes
                if picture is None:
                    warnings.warn(f"skipped {path}: it is not a readable picture", stacklevel=2)
            # Unreadable files take no memory, and dropping one would make it warn again.
            for old in [k for k, v in self._kept.items() if v is not None and k != path]:
                if self._used <= self._budget:
                    break
                self._used -= self._kept.pop(old).nbytes  # type: ignore[union-attr]
            return picture


def read_photograph(path: Path, longest_side: int | None = None) -> NDArray[np.uint8] | None:
    """Reads an RGB picture, uint8 (height, width, 3); None if it cannot be read."""
    try:
        encoded = np.fromfile(path, np.uint8)
        picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB) if encoded.size else None
    except (OSError, cv2.error):
        return None
    if picture is None:
        return None
    scale = 1.0 if longest_side is None else longest_side / max(picture.shape[:2])
    if scale < 1.0:
        size = [max(1, round(side * scale)) for side in (picture.shape[1], picture.shape[0])]
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)
