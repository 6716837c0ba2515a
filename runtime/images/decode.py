"""From a file's content to an image: 8-bit RGB, upright, with what else is worth keeping."""

from __future__ import annotations

import os
import stat
import struct
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from runtime.errors import (
    DepthError,
    FileError,
    OutOfMemoryError,
    TooLargeError,
    UnreadableError,
    UnsupportedError,
)
from runtime.images import exif as exif_data
from runtime.images.colour import naive_rgb, space_of, to_srgb
from runtime.images.formats import FORMATS, FileHeader, names_of, sniff
from runtime.images.formats.base import Decoded, Samples, damaged
from runtime.images.image import Image

MAX_PIXELS = 200_000_000
"""Pixels that a picture may have by default; 200 megapixels take about 0.6 GB."""

_CHUNK = 1 << 20
_WRONG_PROFILE = ("its colour profile is damaged; left out",)


def load(path: Path, max_pixels: int = MAX_PIXELS, *, accept_damaged: bool = False) -> Image:
    """Reads and decodes a file; see `decode`.

    Raises:
        UnreadableError: It cannot be opened, or is not a whole picture.
        UnsupportedError: It is a picture of a kind that is not read.
        TooLargeError: It has more pixels than `max_pixels`, or more bytes than those could need.
        OutOfMemoryError: There is not enough memory for it.
    """
    try:
        content = read_file(path, max_pixels)
        return decode(content, max_pixels, accept_damaged=accept_damaged)
    except FileError as error:
        raise error.of(path) from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {reason(error)}", path) from error


def read_stream(stream: BinaryIO, max_pixels: int = MAX_PIXELS) -> bytes:
    """Reads a stream that may have no end, such as standard input.

    Raises:
        TooLargeError: It has more bytes than a picture of `max_pixels` could need.
    """
    limit = max_bytes(max_pixels)
    chunks, size = [], 0
    while chunk := stream.read(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise TooLargeError(f"has more than {limit:,} bytes", max_pixels=max_pixels)
    return b"".join(chunks)


def read_file(path: Path, max_pixels: int = MAX_PIXELS) -> bytes:
    """Reads a file, but no pipe or device, and none that is too long for a picture.

    Raises:
        OSError: It cannot be opened.
        UnreadableError: It is not a file.
        TooLargeError: It has more bytes than a picture of `max_pixels` could need.
    """
    # Without O_NONBLOCK, opening a pipe could wait forever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableError("is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("is a pipe, a socket or a device, not a file", special=True)
        if status.st_size > max_bytes(max_pixels):
            raise TooLargeError(f"has {status.st_size:,} bytes", max_pixels=max_pixels)
        return file.read()


def max_bytes(max_pixels: int) -> int:
    """Most bytes of a file: four samples of 16 bits per pixel, uncompressed, and all else in it."""
    return 8 * max_pixels + (1 << 26)


def decode(content: bytes, max_pixels: int = MAX_PIXELS, *, accept_damaged: bool = False) -> Image:
    """Decodes a file's content. Its format is told from the content, not from a name.

    Args:
        content: Of the file.
        max_pixels: Most pixels that it may have.
        accept_damaged: Whether a picture that is damaged inside is used, with a note, where its
            decoder can go on after the damage: JPEG and TIFF.

    Raises:
        UnreadableError: It is not a whole picture of a format that is read.
        UnsupportedError: It is a picture of a kind that is not read.
        TooLargeError: It has more pixels than `max_pixels`.
        OutOfMemoryError: There is not enough memory for it.
    """
    if not content:
        raise UnreadableError("is empty")
    header = sniff(content)
    if header is None:
        raise UnreadableError(
            "is not a picture of a supported format, or is damaged "
            f"({names_of(tuple(FORMATS))} are read)"
        )
    if header.unsupported:
        raise UnsupportedError(header.unsupported)
    if header.width * header.height > max_pixels:
        raise TooLargeError(
            f"has {header.width} x {header.height} pixels, more than the {max_pixels:,} allowed",
            max_pixels=max_pixels,
        )
    try:
        image = _image(_decoded(content, header, accept_damaged=False), header)
    except UnreadableError as error:
        if not (accept_damaged and error.inside):
            raise
        return _image(_decoded(content, header, accept_damaged=True), header)
    return replace(image, content=content)


def _decoded(content: bytes, header: FileHeader, *, accept_damaged: bool) -> Decoded:
    format_ = FORMATS[header.format]
    try:
        return format_.decode(content, header, accept_damaged)
    except MemoryError as error:
        if isinstance(error, OutOfMemoryError):
            raise
        raise OutOfMemoryError("there is not enough memory to decode it") from error
    except (struct.error, IndexError, OverflowError) as error:
        raise damaged(format_.label) from error


def _image(decoded: Decoded, header: FileHeader) -> Image:
    notes = ["it holds several pictures; the first is used"] if header.several else []
    notes += decoded.notes
    deep = decoded.samples.dtype != np.uint8
    samples, alpha = (
        None if array is None else _to_8_bits(array, decoded.largest)
        for array in (decoded.samples, decoded.alpha)
    )
    assert samples is not None
    if deep:
        notes.append("its samples of more than 8 bits were converted to 8 bits")
    pixels, icc, more = _rgb(samples, decoded)
    orientation = decoded.orientation
    if orientation is None:
        orientation = exif_data.orientation(decoded.exif) if decoded.exif else 1
    return Image(
        pixels=exif_data.turned(pixels, orientation),
        alpha=None if alpha is None else exif_data.turned(alpha, orientation),
        header=header,
        icc=icc,
        exif=exif_data.upright(decoded.exif) if decoded.exif else None,
        deep=deep,
        notes=(*notes, *more),
    )


def _rgb(
    samples: NDArray[np.uint8], decoded: Decoded
) -> tuple[NDArray[np.uint8], bytes | None, tuple[str, ...]]:
    """RGB, its profile, and notes: of profiles, only those for RGB can stay."""
    icc, space = decoded.icc, decoded.space
    if space == "rgb":
        fits = icc is not None and space_of(icc) == "RGB"
        return samples, icc if fits else None, _WRONG_PROFILE if icc and not fits else ()
    if space == "lab":
        shown = to_srgb(samples, None)
        assert shown is not None
        return shown, None, ("it is CIELAB and was converted to sRGB",)
    shown = to_srgb(samples, icc) if icc else None
    notes = _WRONG_PROFILE if icc and shown is None else ()
    if space == "cmyk":
        if shown is None:
            note = "it is CMYK and was converted to RGB without a colour profile"
            return naive_rgb(samples), None, (*notes, note)
        return shown, None, ("it is CMYK and was converted to sRGB",)
    grey = "it is greyscale and was converted to RGB"
    if shown is None:
        return np.repeat(samples[..., None], 3, axis=2), None, (*notes, grey)
    return shown, None, (grey,)


def refuse_deep(cover: Image, convert: bool) -> None:
    """Raises DepthError for a cover of more than 8 bits per sample, unless it may be converted."""
    if cover.deep and not convert:
        raise DepthError("has more than 8 bits per sample, which a container cannot keep")


def _to_8_bits(samples: Samples, largest: int) -> NDArray[np.uint8]:
    if samples.dtype == np.uint8:
        return samples  # type: ignore[return-value]
    levels = (np.arange(1 << 16, dtype=np.uint32) * 255 + largest // 2) // largest
    table = np.minimum(levels, 255).astype(np.uint8)
    converted = np.empty(samples.shape, np.uint8)
    # In chunks: looked up all at once, every index would take 8 bytes.
    for start in range(0, samples.size, _CHUNK):
        chunk = slice(start, start + _CHUNK)
        converted.reshape(-1)[chunk] = table[samples.reshape(-1)[chunk]]
    return converted


def reason(error: Exception) -> str:
    """What an operating system's error says, without its number and file name."""
    return getattr(error, "strerror", None) or str(error)
