"""From a picture to a file's content, in formats that keep every sample."""

from __future__ import annotations

import cv2
import numpy as np

from runtime._decode import Loaded, decode
from runtime._errors import PictureError, UnwritableError
from runtime._pictures import Picture

FORMATS = {"png": ".png", "webp": ".webp", "tiff": ".tiff", "bmp": ".bmp"}
"""Formats that are written, and their extensions."""

# Run-length coding with every filter tried is several times faster than zlib's own search, and
# photographs come out smaller than at its highest level.
_PARAMETERS = {
    "png": (
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_RLE,
        cv2.IMWRITE_PNG_FILTER,
        cv2.IMWRITE_PNG_ALL_FILTERS,
    ),
    "webp": (cv2.IMWRITE_WEBP_QUALITY, 101),  # above 100 is without loss
    "tiff": (),
    "bmp": (),
}
_KEEPS_METADATA = ("png", "webp")


def encode(
    picture: Picture,
    format_: str = "png",
    *,
    like: Loaded | None = None,
    keep_metadata: bool = False,
) -> tuple[bytes, tuple[str, ...]]:
    """Encodes a picture without loss.

    Args:
        picture: uint8 (height, width, 3), RGB.
        format_: One of `FORMATS`.
        like: The cover that it was made of: its alpha and ICC profile are kept.
        keep_metadata: Whether the cover's EXIF is kept, too.

    Returns:
        The content of a file, and notes on what could not be kept.

    Raises:
        UnwritableError: The format cannot hold it, or not without loss.
    """
    alpha = like.alpha if like else None
    # OpenCV counts its channels from blue.
    samples = np.ascontiguousarray(picture[..., ::-1])
    if alpha is not None:
        samples = np.dstack([samples, alpha])
    metadata = {}
    if like and like.icc:
        metadata[cv2.IMAGE_METADATA_ICCP] = like.icc
    if like and like.exif and keep_metadata:
        metadata[cv2.IMAGE_METADATA_EXIF] = like.exif
    notes = []
    if metadata and format_ not in _KEEPS_METADATA:
        notes.append(f"{format_.upper()} files take no colour profile or metadata; left out")
        metadata = {}
    content = _encoded(samples, format_, metadata)
    if content is None and metadata:
        notes.append("its colour profile or metadata is damaged; left out")
        content = _encoded(samples, format_, {})
    if content is None:
        raise UnwritableError(f"could not be encoded as {format_.upper()}")
    # A PNG encoder has no way to lose samples; the others do, such as colours under full
    # transparency in WebP.
    if format_ != "png" and not _is_same(content, picture, alpha):
        raise UnwritableError(
            f"{format_.upper()} would not keep all its samples; write PNG instead"
        )
    return content, tuple(notes)


def _encoded(
    samples: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    format_: str,
    metadata: dict[int, bytes],
) -> bytes | None:
    extension, parameters = FORMATS[format_], list(_PARAMETERS[format_])
    try:
        if metadata:
            blobs = [np.frombuffer(blob, np.uint8) for blob in metadata.values()]
            done, content = cv2.imencodeWithMetadata(
                extension, samples, list(metadata), blobs, parameters
            )
        else:
            done, content = cv2.imencode(extension, samples, parameters)
    except (cv2.error, MemoryError):
        return None
    return content.tobytes() if done else None


def _is_same(content: bytes, picture: Picture, alpha: object) -> bool:
    try:
        back = decode(content, max_pixels=picture.shape[0] * picture.shape[1])
    except PictureError:
        return False
    if not np.array_equal(back.picture, picture):
        return False
    return back.alpha is None if alpha is None else np.array_equal(back.alpha, alpha)  # type: ignore[arg-type]
