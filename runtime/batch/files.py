"""Files that are written atomically."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from runtime.errors import ExistsError, PlainsightError, UnwritableError
from runtime.images.decode import reason

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_PREFIX, _SUFFIX = ".plainsight-", ".partial"
_unfinished: set[Path] = set()
_lock = threading.Lock()


def write_whole(
    path: Path,
    content: bytes,
    *,
    overwrite: bool = False,
    private: bool = False,
    check: Callable[[bytes], None] | None = None,
) -> None:
    """Writes a file that gets its name only when all of it is on disk; makes its folders.

    Args:
        path: Of the file.
        content: All of it.
        overwrite: Whether an existing file is replaced.
        private: Whether only the user may read it; else whoever the umask allows.
        check: Called with what is read back from the disk before the file is named; if it raises,
            the file is not made.

    Raises:
        ExistsError: The file already exists and `overwrite` is false.
        UnwritableError: It cannot be written.
    """
    refuse_existing(path, overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if private else 0o666
        with _nameless(path.parent, mode) as handle:
            if handle is not None:
                _fill(handle, content, check)
                _name_nameless(handle, path, overwrite)
                return
        with (
            _named(path.parent) as temporary,
            open(temporary, "x+b", opener=partial(os.open, mode=mode)) as file,
        ):
            _lock_file(file.fileno())
            _fill(file.fileno(), content, check)
            if fcntl is None:
                file.close()  # Windows does not rename what is open
            _move(temporary, path, overwrite)
    except PlainsightError:  # of `check`
        raise
    except FileExistsError as error:
        raise ExistsError("already exists", path) from error
    except (OSError, ValueError) as error:
        raise UnwritableError(f"cannot be written: {reason(error)}", path) from error


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Raises ExistsError if the file exists and must not be overwritten."""
    if not overwrite and os.path.lexists(path):
        raise ExistsError("already exists", path)


def remove_unfinished() -> None:
    """Removes what other threads are writing, for a program that exits at once."""
    with _lock:
        for path in _unfinished:
            with contextlib.suppress(OSError):
                path.unlink()


def remove_abandoned(folder: Path) -> None:
    """Removes unfinished files that a killed program left in a folder."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            # Opening a pipe of such a name would wait forever.
            with contextlib.suppress(OSError):
                if stat.S_ISREG(path.lstat().st_mode):
                    with path.open("rb") as file:
                        # A locked file is still being written.
                        if _lock_file(file.fileno()):
                            path.unlink()


def _lock_file(handle: int) -> bool:
    """Locks an open file until it is closed, at the latest when the program exits."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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
def _nameless(folder: Path, mode: int) -> Iterator[int | None]:
    """A file without a name, gone if the program is killed; None where there can be none."""
    handle = None
    if hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir():
        # Some file systems, mostly network ones, do not have them.
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_TMPFILE | os.O_RDWR, mode)
    try:
        yield handle
    finally:
        if handle is not None:
            os.close(handle)


@contextlib.contextmanager
def _named(folder: Path) -> Iterator[Path]:
    """A temporary name for a file, which is removed at the end unless it was moved."""
    path = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
    with _lock:
        _unfinished.add(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        with _lock:
            _unfinished.discard(path)


def _name_nameless(handle: int, path: Path, overwrite: bool) -> None:
    """Names a finished, nameless file; replaces another only if allowed."""
    if not overwrite:
        _link(handle, path)
        return
    _lock_file(handle)
    with _named(path.parent) as temporary:
        _link(handle, temporary)
        temporary.replace(path)


def _link(handle: int, path: Path) -> None:
    # Given a folder, which an absolute path does not need, Python calls linkat, and that follows
    # the link that /proc has for an open file.
    os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle, follow_symlinks=True)


def _move(temporary: Path, path: Path, overwrite: bool) -> None:
    """Gives a finished file its final name; replaces another only if allowed."""
    if not overwrite:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # This file system has no hard links; a file made in between would be lost.
            refuse_existing(path, False)
        else:
            return
    temporary.replace(path)
