"""Memory of a worker: what a picture takes, and when there is room for one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from runtime.errors import OutOfMemoryError
from runtime.images.formats import sniff

BASE = 800 << 20
"""Bytes of a worker with small pictures: Python, Ray, ONNX Runtime, the model, a key derivation."""

PER_COVER_PIXEL = 24
PER_SECRET_PIXEL = 12
"""Bytes that a picture takes at its peak; `python -m benchmarks cluster memory` measures them."""


def pixels_of(content: bytes) -> int:
    """Pixels of a picture file by its header; 0 if it is none, which decoding then says."""
    header = sniff(content)
    return 0 if header is None else header.width * header.height


def needed(cover: int, secret: int, file_bytes: int) -> int:
    """Bytes that a cover and a secret of so many pixels take, with their files."""
    return PER_COVER_PIXEL * cover + PER_SECRET_PIXEL * secret + file_bytes


class Budget:
    """Memory that the pictures being processed share. A picture waits until there is room for it.

    Args:
        memory: Bytes that the worker may use, `BASE` included.
    """

    def __init__(self, memory: int) -> None:
        self._all = max(memory - BASE, 0)
        self._free = self._all
        self._changed = threading.Condition()

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """Waits for so many bytes.

        Raises:
            OutOfMemoryError: The worker has less than that in all.
        """
        if size > self._all:
            raise OutOfMemoryError(
                f"needs about {_gib(size + BASE)} of memory, and a worker has "
                f"{_gib(self._all + BASE)}"
            )
        with self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.2f} GiB"
