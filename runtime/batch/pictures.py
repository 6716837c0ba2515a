"""Pictures as jobs read them: from files or standard input, secrets once where all share one."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.batch.plan import STANDARD
from runtime.errors import FileError, OutOfMemoryError
from runtime.images.decode import decode, load, read_stream
from runtime.images.image import Image
from runtime.pipeline import FileOptions, secret_as_hidden

STANDARD_INPUT = Path("standard input")
"""What to call it in errors and reports."""


class SecretReader:
    """Reads secrets, and keeps the last one, as one secret in every cover is common."""

    def __init__(self, options: FileOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._last: tuple[Path, Image] | None = None

    def read(self, path: Path, *, again: bool) -> Image:
        """Reads a file; `again` says that other jobs need it as well."""
        with errors_of(path):
            if not again:
                return load_picture(path, self._options)
            with self._lock:
                if self._last is None or self._last[0] != path:
                    # As it is hidden, so that this is done once.
                    secret = load_picture(path, self._options)
                    strip = self._options.strip_metadata
                    self._last = path, secret_as_hidden(secret, strip=strip)
                return self._last[1]


def load_picture(path: Path, options: FileOptions) -> Image:
    """Reads and decodes a file or standard input.

    Raises:
        PictureError: It is not a picture, or cannot be read.
        OutOfMemoryError: There is not enough memory for it.
    """
    limit, accept = options.max_pixels, options.accept_damaged
    if path != STANDARD:
        return load(path, limit, accept_damaged=accept)
    try:
        content = read_stream(sys.stdin.buffer, limit)
        return decode(content, limit, accept_damaged=accept)
    except FileError as error:
        raise error.of(STANDARD_INPUT) from None


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """Names the file in errors that name none."""
    try:
        yield
    except FileError as error:
        raise error.of(path) from None
    except MemoryError as error:
        raise OutOfMemoryError("there is not enough memory for it", path) from error
