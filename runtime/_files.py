"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from runtime._decode import reason
from runtime._errors import ExistsError, UnwritableError

_unfinished: set[Path] = set()
_lock = threading.Lock()


def write_whole(
    path: Path,
    content: bytes,
    *,
    overwrite: bool = False,
    check: Callable[[bytes], None] | None = None,
) -> None:
    """Writes a file under its name only when all of it is on disk; makes its folders.

    Args:
        path: Of the file.
        content: All of it.
        overwrite: Whether a file that is there already is replaced.
        check: Called with what is read back from the disk, before the file gets its name; what it
            raises stops the file from coming into being.

    Raises:
        ExistsError: The file is there already and `overwrite` is false.
        UnwritableError: It cannot be written.
    """
    refuse_existing(path, overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _nameless(path.parent) as handle:
            if handle is not None:
                _fill(handle, content, check)
                _name_nameless(handle, path, overwrite)
                return
        with _named(path.parent) as temporary:
            with temporary.open("x+b") as file:
                _fill(file.fileno(), content, check)
            _move(temporary, path, overwrite)
    except FileExistsError as error:
        raise ExistsError(_THERE_ALREADY, path) from error
    except (OSError, ValueError) as error:
        raise UnwritableError(f"cannot be written: {reason(error)}", path) from error


_THERE_ALREADY = (
    "is there already; --overwrite (overwrite=True) replaces it, --skip-existing "
    "(skip_existing=True) leaves it"
)


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Raises ExistsError if the file is there and is not to be overwritten."""
    if not overwrite and os.path.lexists(path):
        raise ExistsError(_THERE_ALREADY, path)


def remove_unfinished() -> None:
    """Removes what other threads were writing, for a program that ends at once."""
    with _lock:
        for path in _unfinished:
            with contextlib.suppress(OSError):
                path.unlink()


def _fill(handle: int, content: bytes, check: Callable[[bytes], None] | None) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
    os.fsync(handle)
    if check is not None:
        os.lseek(handle, 0, os.SEEK_SET)
        with os.fdopen(os.dup(handle), "rb") as file:
            check(file.read())


@contextlib.contextmanager
def _nameless(folder: Path) -> Iterator[int | None]:
    """A file that has no name yet and is gone if the program is killed; None where none can be."""
    handle = None
    if hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir():
        # Some file systems, network ones above all, do not have them.
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666)
    try:
        yield handle
    finally:
        if handle is not None:
            os.close(handle)


@contextlib.contextmanager
def _named(folder: Path) -> Iterator[Path]:
    """A name for a file that is removed again in the end, unless it was moved."""
    path = folder / f".plainsight-{secrets.token_hex(8)}.partial"
    with _lock:
        _unfinished.add(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        with _lock:
            _unfinished.discard(path)


def _name_nameless(handle: int, path: Path, overwrite: bool) -> None:
    """Gives a finished file without a name one; never another's, unless that is to go."""
    if not overwrite:
        _link(handle, path)
        return
    with _named(path.parent) as temporary:
        _link(handle, temporary)
        temporary.replace(path)


def _link(handle: int, path: Path) -> None:
    # With a folder given, which an absolute path does not need, Python calls linkat, and that
    # follows the link that /proc has for an open file.
    os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle, follow_symlinks=True)


def _move(temporary: Path, path: Path, overwrite: bool) -> None:
    """Gives a finished file its name; never another's, unless that is to go."""
    if not overwrite:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # This file system has no second names; a file that came into being now would be lost.
            refuse_existing(path, False)
        else:
            return
    temporary.replace(path)
