"""Pictures as programs have them: arrays, the contents of files, or paths."""

from __future__ import annotations

from pathlib import Path

from runtime.errors import FileError
from runtime.images.decode import decode, load
from runtime.images.image import Image, Picture, check_picture

File = bytes | Path | str
"""The content of a picture file, or its path."""

ImageInput = Picture | File
"""A picture in any of these forms."""


def is_file(given: ImageInput) -> bool:
    """Whether a picture is given as a file or its content, not as an array."""
    return isinstance(given, Path | str | bytes | bytearray | memoryview)


def read_image(given: ImageInput, name: str, max_pixels: int) -> Image:
    """Reads a picture in any form.

    Args:
        given: The picture.
        name: What to call it in errors.
        max_pixels: Most pixels that a file may have.

    Raises:
        PictureError: It is not a picture, or cannot be read.
        OutOfMemoryError: There is not enough memory for it.
    """
    if isinstance(given, Path | str):
        return load(Path(given), max_pixels)
    if isinstance(given, bytes | bytearray | memoryview):
        try:
            return decode(bytes(given), max_pixels)
        except FileError as error:
            error.message = f"{name} {error.message}"
            raise
    return Image(check_picture(given, name))
