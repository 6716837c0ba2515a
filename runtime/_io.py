"""Pictures from files and to files in one call, for programs that need no more."""

from __future__ import annotations

from pathlib import Path

from runtime._decode import MAX_PIXELS, load
from runtime._encode import FORMATS, encode
from runtime._errors import UnwritableError
from runtime._files import write_whole
from runtime._pictures import Picture, check_picture

EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".avif"})
"""Extensions of files that are looked for in folders."""

_FORMAT_OF = {**{extension: name for name, extension in FORMATS.items()}, ".tif": "tiff"}


def read_picture(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Reads a PNG, JPEG, WebP, TIFF, BMP or AVIF file, upright, as uint8 (height, width, 3), RGB.

    What the file is is told from its content, not from its name. Transparency is dropped, grey
    becomes RGB, more than 8 bits become 8, and of several pictures the first is taken.

    Args:
        path: Of the file.
        max_pixels: Most pixels to decode.

    Raises:
        UnreadableError: The file cannot be opened, or is not a whole picture.
        TooLargeError: It has more pixels than `max_pixels`.
    """
    return load(Path(path), max_pixels).picture


def write_picture(path: str | Path, picture: Picture, *, overwrite: bool = False) -> None:
    """Writes a picture without loss, whole or not at all, and makes its folders.

    Args:
        path: Of a file that ends in .png, .webp, .tif, .tiff or .bmp.
        picture: uint8 (height, width, 3), RGB.
        overwrite: Whether a file that is there already is replaced.

    Raises:
        PictureError: `picture` is not such an array.
        ExistsError: The file is there already and `overwrite` is false.
        UnwritableError: It cannot be written, or its format loses samples.
    """
    path = Path(path)
    format_ = format_of(path)
    if format_ is None:
        raise UnwritableError(
            f"is not of a format without loss ({', '.join(sorted(_FORMAT_OF))})", path
        )
    content, _ = encode(check_picture(picture, "picture"), format_)
    write_whole(path, content, overwrite=overwrite)


def format_of(path: Path) -> str | None:
    """The format that a file's name stands for, if it is one that is written."""
    return _FORMAT_OF.get(path.suffix.lower())
