"""Pictures as everything here passes them on: pixels, and what their file said of itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.errors import PictureError
from runtime.images.formats.base import FileHeader

Picture = NDArray[np.uint8]
"""uint8, (height, width, 3), RGB, levels 0 .. 255."""


@dataclass(frozen=True, eq=False)
class Image:
    """A picture, and what the file that it came from said.

    Attributes:
        pixels: uint8 (height, width, 3), RGB, upright.
        alpha: uint8 (height, width), or None if it has none.
        header: What the file's header says; None for an array.
        icc: The file's ICC profile, if it is one for RGB.
        exif: The file's EXIF, with the orientation that the pixels have now.
        deep: Whether the file had more than 8 bits per sample.
        notes: What differs from the file, each a short phrase.
        content: The whole file, if it is a whole picture; None for an array.
    """

    pixels: Picture
    alpha: NDArray[np.uint8] | None = None
    header: FileHeader | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    deep: bool = False
    notes: tuple[str, ...] = ()
    content: bytes | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def lossy_format(self) -> str | None:
        """Name of the format, where it was coded with loss; else None."""
        return self.header.format if self.header and self.header.lossy else None


def check_picture(picture: object, name: str) -> Picture:
    """Returns the picture itself, if it is one.

    Args:
        picture: To be checked.
        name: What to call it in errors.

    Raises:
        PictureError: It is not a uint8 array of shape (height, width, 3) with a pixel in it.
    """
    if not isinstance(picture, np.ndarray):
        raise PictureError(
            f"{name} must be a uint8 array of shape (height, width, 3), "
            f"got {type(picture).__name__}"
        )
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise PictureError(
            f"{name} must be a uint8 array of shape (height, width, 3), "
            f"got {picture.dtype} of shape {picture.shape}"
        )
    return picture
