"""What a picture's file says besides the picture, and the file without it."""

from __future__ import annotations

import struct

from runtime.images.formats import FORMATS


def strip_metadata(content: bytes) -> bytes | None:
    """A picture file without its metadata; nothing is encoded again.

    EXIF, XMP, IPTC, comments, thumbnails, times, makers' data and what follows the picture are
    taken out. Pixels, colours and orientation stay as they are, and an animation moves.

    Args:
        content: Of a whole file.

    Returns:
        The content of a file of the same format; None where this is not possible: for TIFF, AVIF,
        and what is no picture or a damaged one.
    """
    return _stripped(content)[0]


def metadata_of(content: bytes) -> tuple[str, ...]:
    """The kinds of metadata in a picture file.

    Args:
        content: Of a whole file.

    Returns:
        Such as `EXIF with a location`, `EXIF`, `XMP`, `IPTC`, `comments` and `a thumbnail`, for
        people. Orientation and colours are none.
    """
    return _stripped(content)[1]


def _stripped(content: bytes) -> tuple[bytes | None, tuple[str, ...]]:
    for format_ in FORMATS.values():
        if format_.matches(content):
            try:
                return format_.strip(content)
            except (ValueError, IndexError, struct.error):
                break
    return None, ()
