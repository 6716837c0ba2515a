"""OpenCV's decoders, without their lines on standard error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from cv2.utils import logging
from numpy.typing import NDArray

from runtime.errors import OutOfMemoryError, UnreadableError, UnsupportedError
from runtime.images.formats.base import Decoded, damaged

_RGB = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}


class _Quiet:
    """Silences OpenCV while at least one thread decodes; its log level is the whole process's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if not self._users:
                self._before = logging.setLogLevel(logging.LOG_LEVEL_SILENT)
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    logging.setLogLevel(self._before)


_quiet = _Quiet()


def decode_by_opencv(
    content: bytes | NDArray[np.uint8],
    label: str,
    size: tuple[int, int],
    flags: int = cv2.IMREAD_UNCHANGED,
) -> Decoded:
    """Decodes a file's content.

    Args:
        content: Of the file.
        label: Name of the format, for errors.
        size: Height and width that the file's header says.
        flags: Of OpenCV.

    Raises:
        UnreadableError: It is damaged, or of another size.
        UnsupportedError: Its samples are of a type that is not supported.
        OutOfMemoryError: There is not enough memory for it.
    """
    buffer = np.frombuffer(content, np.uint8)
    try:
        with _quiet():
            raw, types, metadata = cv2.imdecodeWithMetadata(buffer, flags=flags)
    except MemoryError as error:
        raise OutOfMemoryError("there is not enough memory to decode it") from error
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise OutOfMemoryError("there is not enough memory to decode it") from error
        raise UnreadableError("is too large or too damaged to be decoded") from error
    if raw is None or raw.shape[:2] != size:
        raise damaged(label)
    blobs = dict(zip(list(types), metadata, strict=True))
    exif, icc = (
        blobs[which].tobytes() if which in blobs else None
        for which in (cv2.IMAGE_METADATA_EXIF, cv2.IMAGE_METADATA_ICCP)
    )
    channels = 1 if raw.ndim == 2 else raw.shape[2]
    if raw.dtype not in (np.uint8, np.uint16) or channels not in (1, 3, 4):
        raise UnsupportedError(f"has samples of a type that is not supported ({raw.dtype})")
    samples: Any = raw if channels == 1 else cv2.cvtColor(raw, _RGB[channels])
    alpha: Any = np.ascontiguousarray(raw[..., 3]) if channels == 4 else None
    return Decoded(
        samples=samples,
        alpha=alpha,
        space="grey" if channels == 1 else "rgb",
        largest=255 if raw.dtype == np.uint8 else 65_535,
        icc=icc,
        exif=exif,
    )
