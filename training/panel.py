"""A picture of what a model does: cover | container | revealed | secret | residual x10."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.files import whole_file

_GAP = 4


@dataclass(frozen=True)
class Panel:
    """Pictures to show, each uint8 (rows, height, width, 3), RGB, one row a pair."""

    covers: NDArray[np.uint8]
    containers: NDArray[np.uint8]
    revealed: NDArray[np.uint8]
    secrets: NDArray[np.uint8]


def write_panel(path: Path, shown: Panel) -> None:
    """Writes a PNG, one row a pair.

    The residual is container minus cover, times 10, around mid-grey.
    """
    covers, containers = shown.covers, shown.containers
    difference = containers.astype(np.int16) - covers.astype(np.int16)
    residual = np.clip(128 + 10 * difference, 0, 255).astype(np.uint8)
    columns = (covers, containers, shown.revealed, shown.secrets, residual)
    rows, height, width, _ = covers.shape
    shape = (rows * (height + _GAP) - _GAP, len(columns) * (width + _GAP) - _GAP, 3)
    panel = np.full(shape, 255, np.uint8)
    for column, pictures in enumerate(columns):
        for row, picture in enumerate(pictures):
            top, left = row * (height + _GAP), column * (width + _GAP)
            panel[top : top + height, left : left + width] = picture
    encoded, png = cv2.imencode(".png", panel[..., ::-1])
    if not encoded:
        raise OSError(f"{path} could not be encoded")
    with whole_file(path) as temporary:
        temporary.write_bytes(png.tobytes())
