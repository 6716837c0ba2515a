"""Pictures from files and to files: 8-bit RGB arrays, PNG written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime._errors import PictureError

Picture = NDArray[np.uint8]
"""uint8, (height, width, 3), RGB, levels 0 .. 255."""

LOSSY_EXTENSIONS = frozenset({".jpg", ".jpeg", ".webp", ".avif"})
EXTENSIONS = LOSSY_EXTENSIONS | {".png", ".tif", ".tiff", ".bmp"}

# Run-length coding with every filter tried is several times faster than zlib's own search, and
# photographs come out smaller than at its highest level.
_PNG_PARAMETERS = (
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_RLE,
    cv2.IMWRITE_PNG_FILTER,
    cv2.IMWRITE_PNG_ALL_FILTERS,
)


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


def read_picture(path: Path) -> Picture:
    """Reads a file as RGB, turned the way that its EXIF orientation says.

    What the file is is told from its content, not from its name. Transparency is dropped, grey
    becomes RGB, 16 bits become 8, and of several pictures in one file the first is taken.

    Raises:
        PictureError: The file cannot be opened, or is not a whole picture.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot be read: {_reason(error)}", path) from error
    if not content:
        raise PictureError("is empty", path)
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    except (cv2.error, MemoryError) as error:
        raise PictureError("is too large or damaged to be decoded", path) from error
    if picture is None:
        raise PictureError(
            "is not a picture that can be read, or is damaged "
            "(PNG, JPEG, WebP, TIFF, BMP and AVIF are read)",
            path,
        )
    return np.asarray(picture, np.uint8)


def resize_to(picture: Picture, height: int, width: int) -> Picture:
    """The picture stretched to a size: averaged where it shrinks, cubic where it grows."""
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)


def write_png(path: Path, picture: Picture, overwrite: bool) -> None:
    """Writes a PNG, whole or not at all, and makes the folders that it is to be in.

    Raises:
        PictureError: It cannot be written, or is there already and `overwrite` is false.
    """
    refuse_existing(path, overwrite)
    # OpenCV counts its channels from blue.
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    encoded, content = cv2.imencode(".png", bgr, _PNG_PARAMETERS)
    if not encoded:
        raise PictureError("could not be encoded as PNG", path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".plainsight-{secrets.token_hex(8)}.partial")
        try:
            with temporary.open("xb") as file:
                file.write(content.data)
                file.flush()
                os.fsync(file.fileno())
            # Once more: the file may have come into being while the network was at work.
            refuse_existing(path, overwrite)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise PictureError(f"cannot be written: {_reason(error)}", path) from error


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Raises PictureError if the file is there and is not to be overwritten."""
    if not overwrite and os.path.lexists(path):
        raise PictureError("is there already; --overwrite (overwrite=True) replaces it", path)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
