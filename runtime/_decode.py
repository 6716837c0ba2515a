"""From a file's content to a picture: 8-bit RGB, upright, with what else is worth keeping."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime import _exif
from runtime._errors import DepthError, PictureError, TooLargeError, UnreadableError
from runtime._pictures import Picture
from runtime._sniff import Kind, sniff

MAX_PIXELS = 200_000_000
"""Pixels that a picture may have unless more are allowed; 200 megapixels take about 0.6 GB."""

_ALLOW_MORE = "--max-megapixels (max_pixels=) allows more"
_CHUNK = 1 << 20
_ONE = {b"II": (1, 0), b"MM": (0, 1)}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A picture that was read.

    Attributes:
        picture: uint8 (height, width, 3), RGB, upright.
        alpha: uint8 (height, width), or None if the file has none.
        kind: What the file is.
        icc: Its ICC profile, if it is one for RGB.
        exif: Its EXIF, with the orientation that the picture now has.
        deep: Whether it had more than 8 bits a sample.
        notes: What is not as it was in the file, each in a few words.
    """

    picture: Picture
    alpha: NDArray[np.uint8] | None
    kind: Kind
    icc: bytes | None
    exif: bytes | None
    deep: bool
    notes: tuple[str, ...]


def load(path: Path, max_pixels: int = MAX_PIXELS) -> Loaded:
    """Reads and decodes a file.

    Raises:
        UnreadableError: It cannot be opened, or is not a whole picture.
        TooLargeError: It has more pixels than `max_pixels`, or more bytes than those could need.
    """
    try:
        return decode(_content(path, max_pixels), max_pixels)
    except (OSError, ValueError) as error:
        if isinstance(error, PictureError):
            raise error.of(path) from None
        raise UnreadableError(f"cannot be read: {reason(error)}", path) from error


def read_stream(stream: BinaryIO, max_pixels: int = MAX_PIXELS) -> bytes:
    """Reads what may have no end, such as standard input.

    Raises:
        TooLargeError: It has more bytes than a picture of `max_pixels` could need.
    """
    most = _most_bytes(max_pixels)
    chunks, size = [], 0
    while chunk := stream.read(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise TooLargeError(f"has more than {most:,} bytes; {_ALLOW_MORE}")
    return b"".join(chunks)


def _content(path: Path, max_pixels: int) -> bytes:
    # A pipe would be waited for, perhaps for ever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableError("is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(
                "is a pipe, a socket or a device, not a file; a picture is read from standard "
                "input where - is given for it"
            )
        if status.st_size > _most_bytes(max_pixels):
            raise TooLargeError(f"has {status.st_size:,} bytes; {_ALLOW_MORE}")
        return file.read()


def _most_bytes(max_pixels: int) -> int:
    """Four samples of 16 bits a pixel, without compression, and some for all else in a file."""
    return 8 * max_pixels + (1 << 26)


def decode(content: bytes, max_pixels: int = MAX_PIXELS) -> Loaded:
    """Decodes a file's content; what it is is told from itself, not from a name.

    Raises:
        UnreadableError: It is not a whole picture of a kind that is read.
        TooLargeError: It has more pixels than `max_pixels`.
    """
    if not content:
        raise UnreadableError("is empty")
    kind = sniff(content)
    if kind is None:
        raise UnreadableError(
            "is not a picture that can be read, or is damaged "
            "(PNG, JPEG, WebP, TIFF, BMP and AVIF are read)"
        )
    if kind.width * kind.height > max_pixels:
        raise TooLargeError(
            f"has {kind.width} x {kind.height} pixels, more than the {max_pixels:,} allowed; "
            f"{_ALLOW_MORE}"
        )
    raw, exif, icc = _decode(content, kind)
    notes = []
    if kind.several:
        notes.append("there are several pictures in it; the first is taken")
    deep = raw.dtype != np.uint8
    if deep:
        raw = _to_8_bits(raw, kind)
        notes.append("its samples of more than 8 bits became 8 bits")
    if raw.ndim == 2:
        raw = np.repeat(raw[..., None], 3, axis=2)
        notes.append("it is grey, and became RGB")
    turn = _exif.orientation(exif) if exif and kind.format in ("jpeg", "png", "webp") else 1
    if kind.quarter_turns:
        raw = np.rot90(raw, kind.quarter_turns)
    raw = _exif.turned(np.asarray(raw, np.uint8), turn)
    alpha = np.ascontiguousarray(raw[..., 3]) if raw.shape[2] == 4 else None
    return Loaded(
        picture=np.ascontiguousarray(raw[..., 2::-1]),
        alpha=alpha,
        kind=kind,
        icc=icc if icc and icc[16:20] == b"RGB " else None,
        exif=_exif.upright(exif) if exif else None,
        deep=deep,
        notes=tuple(notes),
    )


def refuse_deep(cover: Loaded, convert: bool) -> None:
    """Raises DepthError for a cover of more than 8 bits a sample, unless it may be converted."""
    if cover.deep and not convert:
        raise DepthError(
            "has more than 8 bits a sample, which containers cannot keep; --convert "
            "(convert=True) makes 8 bits of them"
        )


def _decode(content: bytes, kind: Kind) -> tuple[NDArray[np.generic], bytes | None, bytes | None]:
    buffer = np.frombuffer(content, np.uint8)
    if kind.straight_alpha is not None:
        # The decoder would multiply colours by alpha; told that they are already, it leaves them.
        buffer = buffer.copy()
        buffer[kind.straight_alpha : kind.straight_alpha + 2] = _ONE[content[:2]]
    # Unchanged, colours in the oldest kind of BMP come as grey.
    flags = cv2.IMREAD_COLOR if kind.core else cv2.IMREAD_UNCHANGED
    try:
        raw, types, metadata = cv2.imdecodeWithMetadata(buffer, flags=flags)
    except (cv2.error, MemoryError) as error:
        raise UnreadableError("is too large or damaged to be decoded") from error
    if raw is None:
        raise UnreadableError(f"is a damaged or cut off {kind.format.upper()} file")
    found = dict(zip(list(types), metadata, strict=True))
    exif, icc = (
        found[which].tobytes() if which in found else None
        for which in (cv2.IMAGE_METADATA_EXIF, cv2.IMAGE_METADATA_ICCP)
    )
    if raw.dtype not in (np.uint8, np.uint16) or (raw.ndim == 3 and raw.shape[2] not in (3, 4)):
        raise UnreadableError(f"has samples of a kind that is not read ({raw.dtype})")
    return raw, exif, icc


def _to_8_bits(raw: NDArray[np.generic], kind: Kind) -> NDArray[np.uint8]:
    # AVIF's 10 and 12 bits come as they are; other formats' are stretched to 16.
    largest = (1 << kind.depth) - 1 if kind.format == "avif" else 65_535
    levels = (np.arange(1 << 16, dtype=np.uint32) * 255 + largest // 2) // largest
    table = np.minimum(levels, 255).astype(np.uint8)
    made = np.empty(raw.shape, np.uint8)
    # In parts: looked up all at once, every index would take 8 bytes.
    for part in range(0, raw.size, _CHUNK):
        made.reshape(-1)[part : part + _CHUNK] = table[raw.reshape(-1)[part : part + _CHUNK]]
    return made


def reason(error: Exception) -> str:
    """What an operating system's error says, without number and name."""
    return getattr(error, "strerror", None) or str(error)
