"""From a file's content to a picture: 8-bit RGB, upright, with what else is worth keeping."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime import _exif
from runtime._errors import DepthError, TooLargeError, UnreadableError
from runtime._pictures import Picture
from runtime._sniff import Kind, sniff

MAX_PIXELS = 200_000_000
"""Pixels that a picture may have unless more are allowed; 200 megapixels take about 0.6 GB."""


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
        TooLargeError: It has more pixels than `max_pixels`.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {reason(error)}", path) from error
    try:
        return decode(content, max_pixels)
    except (UnreadableError, TooLargeError) as error:
        raise error.of(path) from None


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
            "--max-megapixels (max_pixels=) allows more"
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
    try:
        raw, types, metadata = cv2.imdecodeWithMetadata(buffer, flags=cv2.IMREAD_UNCHANGED)
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
    wide = raw.astype(np.uint32) * 255 + largest // 2
    return np.minimum(wide // largest, 255).astype(np.uint8)


def reason(error: Exception) -> str:
    """What an operating system's error says, without number and name."""
    return getattr(error, "strerror", None) or str(error)
