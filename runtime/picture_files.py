"""Pictures from files and to files in one call, for programs that need nothing more."""

from __future__ import annotations

from pathlib import Path

from runtime.batch.files import write_whole
from runtime.errors import UnwritableError
from runtime.images.decode import MAX_PIXELS, load
from runtime.images.encode import encode
from runtime.images.formats import LOSSLESS, names_of, written_format
from runtime.images.image import Picture, check_picture


def read_picture(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Reads a PNG, JPEG, WebP, TIFF, BMP or AVIF file, upright, as uint8 (height, width, 3), RGB.

    The format is told from the content, not from the name. Transparency is dropped, greyscale
    becomes RGB, more than 8 bits become 8, and of several pictures the first is read.

    Args:
        path: The file.
        max_pixels: Most pixels to decode.

    Raises:
        UnreadableError: The file cannot be opened, or is not a whole picture.
        TooLargeError: It has more pixels than `max_pixels`.
    """
    return load(Path(path), max_pixels).pixels


def write_picture(path: str | Path, picture: Picture, *, overwrite: bool = False) -> None:
    """Writes a picture losslessly and atomically, and makes its folders.

    Args:
        path: A file that ends in .png, .webp, .tif, .tiff or .bmp.
        picture: uint8 (height, width, 3), RGB.
        overwrite: Whether an existing file is replaced.

    Raises:
        PictureError: `picture` is not such an array.
        ExistsError: The file already exists and `overwrite` is false.
        UnwritableError: It cannot be written, or its format loses samples.
    """
    path = Path(path)
    format_ = written_format(path)
    if format_ is None:
        raise UnwritableError(f"has no extension of a lossless format ({names_of(LOSSLESS)})", path)
    content, _ = encode(check_picture(picture, "picture"), format_.name)
    write_whole(path, content, overwrite=overwrite)
