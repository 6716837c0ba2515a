"""The arrays that everything here works on: 8-bit RGB."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime._errors import PictureError

Picture = NDArray[np.uint8]
"""uint8, (height, width, 3), RGB, levels 0 .. 255."""


def check_picture(picture: object, name: str) -> Picture:
    """The picture itself, if it is one.

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


def resize_to(picture: Picture, height: int, width: int) -> Picture:
    """The picture stretched to a size: averaged where it shrinks, cubic where it grows.

    Raises:
        PictureError: There is not enough memory for it, or a side is longer than OpenCV takes.
    """
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    try:
        return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)
    except cv2.error as error:
        raise PictureError(
            f"{picture.shape[1]} x {picture.shape[0]} pixels cannot be stretched to "
            f"{width} x {height}"
        ) from error
