"""Atomic writes: a file has its old content or its new one, never a part of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKPOINT = "checkpoint.weights.h5"
"""Name of a run's checkpoint. Apart from what reads it, so that a look for it needs no Keras."""


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yields a temporary path with the same suffix, and renames it to `path` on success."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{path.name}")
    try:
        yield partial
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Writes `content` to `path`, replacing the file."""
    with atomic_file(path) as partial:
        partial.write_bytes(content)
