"""Pictures as programs have them: arrays, the contents of files, or paths."""

from __future__ import annotations

from pathlib import Path

from runtime._decode import Loaded, decode, load, refuse_deep
from runtime._errors import PictureError
from runtime._pictures import Picture, check_picture

File = bytes | Path | str
"""The content of a picture file, or its path."""

Given = Picture | File
"""A picture in any of these forms."""


def file_of(given: Given, name: str, max_pixels: int, *, exact: bool = False) -> Loaded | None:
    """Decodes a file; None for what is no file.

    Args:
        given: The picture.
        name: What to call it in errors.
        max_pixels: Most pixels that it may have.
        exact: Whether more than 8 bits a sample are refused.

    Raises:
        PictureError: It cannot be read.
    """
    if isinstance(given, Path | str):
        found = load(Path(given), max_pixels)
    elif isinstance(given, bytes | bytearray | memoryview):
        try:
            found = decode(bytes(given), max_pixels)
        except PictureError as error:
            error.message = f"{name} {error.message}"
            raise
    else:
        return None
    if exact:
        refuse_deep(found, convert=False)
    return found


def picture_of(given: Given, name: str, max_pixels: int) -> Picture:
    """The picture itself, uint8 (height, width, 3), RGB.

    Raises:
        PictureError: It is not such an array, or cannot be read.
    """
    found = file_of(given, name, max_pixels)
    return check_picture(given, name) if found is None else found.picture
