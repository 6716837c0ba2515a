"""From a picture to a file's content."""

from __future__ import annotations

import cv2
import numpy as np

from runtime.errors import FileError, OutOfMemoryError, UnwritableError
from runtime.images.decode import decode
from runtime.images.formats import FORMATS, Format
from runtime.images.formats.base import Writer
from runtime.images.image import Image, Picture

_Samples = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def encode(
    picture: Picture,
    format_: str = "png",
    *,
    like: Image | None = None,
    keep_metadata: bool = False,
    lossy: bool = False,
) -> tuple[bytes, tuple[str, ...]]:
    """Encodes a picture, losslessly unless samples may change.

    Args:
        picture: uint8 (height, width, 3), RGB.
        format_: Name of a format that is written.
        like: The cover that it was made from, whose alpha and ICC profile are kept.
        keep_metadata: Whether the cover's EXIF is kept, too.
        lossy: Whether formats are allowed that change samples a little, such as JPEG.

    Returns:
        The content of a file, and notes on what could not be kept.

    Raises:
        UnwritableError: The format cannot hold it, or not losslessly.
        OutOfMemoryError: There is not enough memory for it.
    """
    format_entry = FORMATS[format_]
    writer = format_entry.writer
    changes = writer is None and lossy
    if changes:
        writer = format_entry.lossy_writer
    if writer is None:
        raise UnwritableError(f"{format_entry.label} files are not written")
    alpha = like.alpha if like else None
    notes = []
    if alpha is not None and not writer.keeps_alpha:
        notes.append(f"{format_entry.label} files have no transparency; left out")
        alpha = None
    samples = picture if alpha is None else np.dstack([picture, alpha])
    metadata = {}
    if like and like.icc:
        metadata[cv2.IMAGE_METADATA_ICCP] = like.icc
    if like and like.exif and keep_metadata:
        metadata[cv2.IMAGE_METADATA_EXIF] = like.exif
    if cv2.IMAGE_METADATA_ICCP in metadata and not writer.keeps_profile:
        notes.append(f"{format_entry.label} files are written without a colour profile; left out")
        del metadata[cv2.IMAGE_METADATA_ICCP]
    if cv2.IMAGE_METADATA_EXIF in metadata and not writer.keeps_exif:
        notes.append(f"{format_entry.label} files are written without EXIF; left out")
        del metadata[cv2.IMAGE_METADATA_EXIF]
    content = _encoded(samples, format_entry, writer, metadata)
    if content is None and metadata:
        notes.append("its colour profile or metadata is damaged; left out")
        content = _encoded(samples, format_entry, writer, {})
    if content is None:
        raise UnwritableError(f"could not be encoded as {format_entry.label}")
    if not changes and not writer.always_exact and not _is_same(content, picture, alpha):
        raise UnwritableError(f"{format_entry.label} would not keep all its samples; PNG does")
    return content, tuple(notes)


def _encoded(
    samples: _Samples, format_: Format, writer: Writer, metadata: dict[int, bytes]
) -> bytes | None:
    parameters = list(writer.parameters)
    try:
        if writer.encode:
            return writer.encode(samples, metadata.get(cv2.IMAGE_METADATA_ICCP))
        # OpenCV's channels start with blue.
        swap = cv2.COLOR_RGB2BGR if samples.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        samples = cv2.cvtColor(samples, swap)  # type: ignore[assignment]
        if metadata:
            blobs = [np.frombuffer(blob, np.uint8) for blob in metadata.values()]
            done, content = cv2.imencodeWithMetadata(
                format_.extension, samples, list(metadata), blobs, parameters
            )
        else:
            done, content = cv2.imencode(format_.extension, samples, parameters)
    except MemoryError as error:
        raise OutOfMemoryError("there is not enough memory to encode it") from error
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise OutOfMemoryError("there is not enough memory to encode it") from error
        return None
    return content.tobytes() if done else None


def _is_same(content: bytes, picture: Picture, alpha: object) -> bool:
    try:
        written = decode(content, max_pixels=picture.shape[0] * picture.shape[1])
    except FileError:
        return False
    if not np.array_equal(written.pixels, picture):
        return False
    return written.alpha is None if alpha is None else np.array_equal(written.alpha, alpha)  # type: ignore[arg-type]
