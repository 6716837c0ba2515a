"""The one table of file formats. A new format is a file here and a line in the table."""

from __future__ import annotations

import struct
from pathlib import Path

from runtime.images.formats.avif import AVIF
from runtime.images.formats.base import FileHeader, Format
from runtime.images.formats.bmp import BMP
from runtime.images.formats.jpeg import JPEG
from runtime.images.formats.png import PNG
from runtime.images.formats.tiff import TIFF
from runtime.images.formats.webp import WEBP

FORMATS = {format_.name: format_ for format_ in (PNG, JPEG, WEBP, TIFF, BMP, AVIF)}
"""All formats that are read, by name."""

LOSSLESS = tuple(name for name in ("png", "webp", "tiff", "bmp") if FORMATS[name].writer)
"""Names of the formats that are written losslessly, the preferred one first."""

EXTENSIONS = frozenset(e for format_ in FORMATS.values() for e in format_.extensions)
"""Extensions of the files that folders are searched for."""

__all__ = [
    "EXTENSIONS",
    "FORMATS",
    "LOSSLESS",
    "FileHeader",
    "Format",
    "named_format",
    "names_of",
    "sniff",
    "written_format",
]


def sniff(content: bytes) -> FileHeader | None:
    """What content is, told from its bytes without decoding; None if it is of no known format."""
    for format_ in FORMATS.values():
        if format_.matches(content):
            try:
                return format_.read_header(content)
            except (struct.error, IndexError, OverflowError, ValueError):
                return None  # it ends within its header, or that points beyond any file
    return None


def named_format(path: Path) -> Format | None:
    """The format that a file's name stands for, if any."""
    suffix = path.suffix.lower()
    return next((found for found in FORMATS.values() if suffix in found.extensions), None)


def written_format(path: Path) -> Format | None:
    """The format that a file's name stands for, if it is one that is written."""
    named = named_format(path)
    return named if named and named.writer else None


def names_of(formats: tuple[str, ...]) -> str:
    """Names of formats for people, such as `PNG, JPEG and AVIF`."""
    *first, last = (FORMATS[name].label for name in formats)
    return f"{', '.join(first)} and {last}" if first else last
