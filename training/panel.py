"""Panels: pictures side by side in one PNG, to see what a model does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.files import atomic_file

_GAP = 4

# Columns of a panel, each uint8 (rows, height, width, 3), RGB.
Columns = tuple[NDArray[np.uint8], ...]


def residual(pictures: NDArray[np.uint8], reference: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The difference `pictures` - `reference`, times 10, around mid-grey."""
    difference = pictures.astype(np.int16) - reference.astype(np.int16)
    return np.clip(128 + 10 * difference, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Panel:
    """Pairs to show, one per row; all uint8 (rows, height, width, 3), RGB."""

    covers: NDArray[np.uint8]
    containers: NDArray[np.uint8]
    revealed: NDArray[np.uint8]
    secrets: NDArray[np.uint8]

    @property
    def columns(self) -> Columns:
        """Cover, container, revealed, secret, and the residual of the container."""
        difference = residual(self.containers, self.covers)
        return self.covers, self.containers, self.revealed, self.secrets, difference


def write_columns(path: Path, columns: Columns) -> None:
    """Writes a PNG.

    Raises:
        OSError: The file cannot be written.
    """
    rows, height, width, _ = columns[0].shape
    shape = (rows * (height + _GAP) - _GAP, len(columns) * (width + _GAP) - _GAP, 3)
    panel = np.full(shape, 255, np.uint8)
    for column, pictures in enumerate(columns):
        for row, picture in enumerate(pictures):
            top, left = row * (height + _GAP), column * (width + _GAP)
            panel[top : top + height, left : left + width] = picture
    encoded, png = cv2.imencode(".png", panel[..., ::-1])
    if not encoded:
        raise OSError(f"{path} could not be encoded")
    with atomic_file(path) as temporary:
        temporary.write_bytes(png.tobytes())
