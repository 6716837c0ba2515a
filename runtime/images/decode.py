"""From a file's content to an image: 8-bit RGB, upright, with what else is worth keeping."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

import cv2
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
from runtime.images.formats import FORMATS, FileHeader, names_of, sniff
from runtime.images.image import Image

MAX_PIXELS = 200_000_000
"""Pixels that a picture may have by default; 200 megapixels take about 0.6 GB."""

_CHUNK = 1 << 20


def load(path: Path, max_pixels: int = MAX_PIXELS) -> Image:
    """Reads and decodes a file.

    Raises:
        UnreadableError: It cannot be opened, or is not a whole picture.
        UnsupportedError: It is a picture of a kind that is not read.
        TooLargeError: It has more pixels than `max_pixels`, or more bytes than those could need.
        OutOfMemoryError: There is not enough memory for it.
    """
    try:
        return decode(_content(path, max_pixels), max_pixels)
    except FileError as error:
        raise error.of(path) from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {reason(error)}", path) from error


def read_stream(stream: BinaryIO, max_pixels: int = MAX_PIXELS) -> bytes:
    """Reads a stream that may have no end, such as standard input.

    Raises:
        TooLargeError: It has more bytes than a picture of `max_pixels` could need.
    """
    limit = _max_bytes(max_pixels)
    chunks, size = [], 0
    while chunk := stream.read(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise TooLargeError(f"has more than {limit:,} bytes", max_pixels=max_pixels)
    return b"".join(chunks)


def _content(path: Path, max_pixels: int) -> bytes:
    # Without O_NONBLOCK, opening a pipe could wait forever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableError("is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("is a pipe, a socket or a device, not a file", special=True)
        if status.st_size > _max_bytes(max_pixels):
            raise TooLargeError(f"has {status.st_size:,} bytes", max_pixels=max_pixels)
        return file.read()


def _max_bytes(max_pixels: int) -> int:
    """Four samples of 16 bits per pixel, uncompressed, and room for all else in a file."""
    return 8 * max_pixels + (1 << 26)


def decode(content: bytes, max_pixels: int = MAX_PIXELS) -> Image:
    """Decodes a file's content. Its format is told from the content, not from a name.

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
    if header.width * header.height > max_pixels:
        raise TooLargeError(
            f"has {header.width} x {header.height} pixels, more than the {max_pixels:,} allowed",
            max_pixels=max_pixels,
        )
    raw, exif, icc = _decode(content, header)
    notes = []
    if header.several:
        notes.append("it holds several pictures; the first is used")
    deep = raw.dtype != np.uint8
    if deep:
        raw = _to_8_bits(raw, header)
        notes.append("its samples of more than 8 bits were converted to 8 bits")
    if raw.ndim == 2:
        raw = np.repeat(raw[..., None], 3, axis=2)
        notes.append("it is greyscale and was converted to RGB")
    if header.quarter_turns:
        raw = np.rot90(raw, header.quarter_turns)
    orientation = 1
    if exif and FORMATS[header.format].exif_orientation:
        orientation = exif_data.orientation(exif)
    raw = exif_data.turned(np.asarray(raw, np.uint8), orientation)
    alpha = np.ascontiguousarray(raw[..., 3]) if raw.shape[2] == 4 else None
    return Image(
        pixels=np.ascontiguousarray(raw[..., 2::-1]),
        alpha=alpha,
        header=header,
        icc=icc if icc and icc[16:20] == b"RGB " else None,
        exif=exif_data.upright(exif) if exif else None,
        deep=deep,
        notes=tuple(notes),
    )


def refuse_deep(cover: Image, convert: bool) -> None:
    """Raises DepthError for a cover of more than 8 bits per sample, unless it may be converted."""
    if cover.deep and not convert:
        raise DepthError("has more than 8 bits per sample, which a container cannot keep")


def _decode(
    content: bytes, header: FileHeader
) -> tuple[NDArray[np.generic], bytes | None, bytes | None]:
    format_ = FORMATS[header.format]
    buffer = format_.decoder_input(content, header)
    try:
        raw, types, metadata = cv2.imdecodeWithMetadata(buffer, flags=header.decoder_flags)
    except MemoryError as error:
        raise OutOfMemoryError("there is not enough memory to decode it") from error
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise OutOfMemoryError("there is not enough memory to decode it") from error
        raise UnreadableError("is too large or too damaged to be decoded") from error
    if raw is None:
        raise UnreadableError(f"is a damaged or truncated {format_.label} file")
    blobs = dict(zip(list(types), metadata, strict=True))
    exif, icc = (
        blobs[which].tobytes() if which in blobs else None
        for which in (cv2.IMAGE_METADATA_EXIF, cv2.IMAGE_METADATA_ICCP)
    )
    if raw.dtype not in (np.uint8, np.uint16) or (raw.ndim == 3 and raw.shape[2] not in (3, 4)):
        raise UnsupportedError(f"has samples of a type that is not supported ({raw.dtype})")
    return raw, exif, icc


def _to_8_bits(raw: NDArray[np.generic], header: FileHeader) -> NDArray[np.uint8]:
    scaled = FORMATS[header.format].scaled_to_16_bits
    largest = 65_535 if scaled else (1 << header.depth) - 1
    levels = (np.arange(1 << 16, dtype=np.uint32) * 255 + largest // 2) // largest
    table = np.minimum(levels, 255).astype(np.uint8)
    converted = np.empty(raw.shape, np.uint8)
    # In chunks: looked up all at once, every index would take 8 bytes.
    for start in range(0, raw.size, _CHUNK):
        chunk = slice(start, start + _CHUNK)
        converted.reshape(-1)[chunk] = table[raw.reshape(-1)[chunk]]
    return converted


def reason(error: Exception) -> str:
    """What an operating system's error says, without its number and file name."""
    return getattr(error, "strerror", None) or str(error)
