"""Files and objects: listed, read, and written only where there is none.

obstore serves all three object stores: one wheel without dependencies, and conditional writes in
one call. fsspec needs a package for each store. For objects of 300 kB on a server of this machine,
obstore took 0.7 ms of the processor to put or get one, and s3fs 3 to 5 ms.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from runtime.batch.files import write_whole
from runtime.batch.listing import list_pictures
from runtime.distributed.places import is_remote, split
from runtime.errors import (
    ExistsError,
    FileError,
    TooLargeError,
    UnreadableError,
    UnwritableError,
    UsageError,
)
from runtime.images.decode import max_bytes, read_file, reason
from runtime.images.formats import EXTENSIONS

if TYPE_CHECKING:
    from obstore.store import ObjectStore

Check = Callable[[bytes], None]
_CREATE_TRIES = 5
_WAIT = 0.2  # seconds, doubled after each try

# More patient than obstore by itself: a store that many workers use asks for a pause at times.
_RETRY: Any = {
    "max_retries": 15,
    "retry_timeout": timedelta(minutes=5),
    "backoff": {
        "init_backoff": timedelta(milliseconds=200),
        "max_backoff": timedelta(seconds=20),
        "base": 2,
    },
}


class Store(Protocol):
    """Where files are. Places are strings, as `runtime.distributed.places` has them."""

    def pictures(self, place: str, what: str, out: str | None) -> tuple[list[str], int]:
        """Pictures of a folder in sorted order, or the one file; and how many files are none."""

    def read(self, place: str, max_pixels: int) -> bytes:
        """A file's content."""

    def exists(self, place: str) -> bool:
        """Whether there is such a file."""

    def below(self, folder: str) -> Iterator[str]:
        """All files of a folder and its subfolders."""

    def write(
        self,
        place: str,
        content: bytes,
        *,
        overwrite: bool = False,
        private: bool = False,
        check: Check | None = None,
    ) -> None:
        """Writes a file atomically.

        Raises:
            ExistsError: There is one, and `overwrite` is false.
            UnwritableError: It cannot be written.
        """


def store_of(place: str) -> Store:
    """The store of a place."""
    return _remote(split(place)[0]) if is_remote(place) else _LOCAL


@cache
def _remote(root: str) -> Store:
    return _Remote(root)


class _Local:
    def pictures(self, place: str, what: str, out: str | None) -> tuple[list[str], int]:
        here = None if out is None or is_remote(out) else Path(out)
        listing = list_pictures(Path(place), what, here)
        return [str(path) for path in listing.pictures], len(listing.left_out)

    def read(self, place: str, max_pixels: int) -> bytes:
        try:
            return read_file(Path(place), max_pixels)
        except (OSError, ValueError) as error:
            if isinstance(error, FileError):
                raise
            raise UnreadableError(f"cannot be read: {reason(error)}") from error

    def exists(self, place: str) -> bool:
        return os.path.isfile(place)  # noqa: PTH113

    def below(self, folder: str) -> Iterator[str]:
        for here, _, names in os.walk(folder):
            yield from (os.path.join(here, name) for name in names)  # noqa: PTH118

    def write(
        self,
        place: str,
        content: bytes,
        *,
        overwrite: bool = False,
        private: bool = False,
        check: Check | None = None,
    ) -> None:
        write_whole(Path(place), content, overwrite=overwrite, private=private, check=check)


_LOCAL = _Local()


class _Remote:
    """A bucket.

    Its settings and keys are those of the environment, as other tools have them: AWS_*, GOOGLE_*,
    AZURE_*, or the identity of the machine.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._obstore, self._store = _opened(root)

    def pictures(self, place: str, what: str, out: str | None) -> tuple[list[str], int]:
        _, key = split(place)
        if key and not key.endswith("/") and self.exists(place):
            return [place], 0
        folder = key.rstrip("/") + "/" if key else ""
        skipped = None
        if out is not None and is_remote(out) and split(out)[0] == self._root:
            skipped = split(out)[1].rstrip("/") + "/"
        pictures, left_out = [], 0
        for found in self._keys(folder):
            name = found[len(folder) :]
            parts = name.split("/")
            inside_out = skipped and skipped != folder and found.startswith(skipped)
            if not name or found.endswith("/") or inside_out:
                continue
            if any(part.startswith(".") for part in parts):
                continue
            if PurePosixPath(name).suffix.lower() not in EXTENSIONS:
                left_out += 1
            else:
                pictures.append(f"{self._root}/{found}")
        if not pictures:
            raise UsageError(f"{what}s: there are no pictures in {place}")
        return sorted(pictures), left_out

    def read(self, place: str, max_pixels: int) -> bytes:
        try:
            found = self._obstore.get(self._store, split(place)[1])
            _refuse_long(found.meta["size"], max_pixels)
            return bytes(found.bytes())
        except FileNotFoundError as error:
            raise UnreadableError("cannot be read: there is no such object") from error
        except _errors() as error:
            raise UnreadableError(f"cannot be read: {_first_line(error)}") from error

    def exists(self, place: str) -> bool:
        try:
            self._obstore.head(self._store, split(place)[1])
        except FileNotFoundError:
            return False
        except _errors() as error:
            raise UnreadableError(f"cannot be read: {_first_line(error)}") from error
        return True

    def below(self, folder: str) -> Iterator[str]:
        key = split(folder)[1].rstrip("/")
        return (f"{self._root}/{found}" for found in self._keys(f"{key}/" if key else ""))

    def write(
        self,
        place: str,
        content: bytes,
        *,
        overwrite: bool = False,
        private: bool = False,  # noqa: ARG002
        check: Check | None = None,
    ) -> None:
        if check is not None:
            check(content)
        key = split(place)[1]
        try:
            if overwrite:
                self._obstore.put(self._store, key, content, use_multipart=False)
            else:
                self._create(place, key, content)
        except _errors() as error:
            raise UnwritableError(f"cannot be written: {_first_line(error)}") from error

    def _create(self, place: str, key: str, content: bytes) -> None:
        """Writes with `If-None-Match: *`, or what the store has for it."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        for attempt in range(_CREATE_TRIES):
            try:
                # One request: only with it is the condition for the whole object.
                self._obstore.put(self._store, key, content, mode="create", use_multipart=False)
            except (AlreadyExistsError, PreconditionError) as error:
                # 412 says that there is one. So does 409 to most stores, but to S3 it says that
                # another request was at work, which may also have failed.
                if self.exists(place):
                    raise ExistsError("already exists") from error
                time.sleep(_WAIT * 2**attempt)
            else:
                return
        raise UnwritableError("cannot be written: the store reports a conflict again and again")

    def _keys(self, folder: str) -> Iterator[str]:
        # obstore refuses keys with empty, `.` or `..` segments, which no file's name could be.
        try:
            for chunk in self._obstore.list(self._store, prefix=folder or None, chunk_size=1000):
                for meta in chunk:
                    if meta["path"].startswith(folder):
                        yield meta["path"]
        except _errors() as error:
            raise UsageError(f"{self._root}/{folder} cannot be listed: {_first_line(error)}") from (
                error
            )


def _opened(root: str) -> tuple[Any, ObjectStore]:
    try:
        import obstore
        from obstore.store import from_url
    except ImportError as error:
        raise UsageError(
            "object stores need obstore: pip install 'plainsight-onnx[ray]'"
        ) from error
    options: dict[str, Any] = {"retry_config": _RETRY}
    # Only for a server that is named on purpose, such as one on this machine.
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if root.startswith("s3://") and endpoint.startswith("http://"):
        options["client_options"] = {"allow_http": True}
    try:
        return obstore, from_url(root, **options)
    except Exception as error:
        raise UsageError(f"{root} cannot be opened: {_first_line(error)}") from error


def _errors() -> tuple[type[Exception], ...]:
    from obstore.exceptions import BaseError

    return (BaseError, OSError)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]


def _refuse_long(size: int, max_pixels: int) -> None:
    if size > max_bytes(max_pixels):
        raise TooLargeError(f"has {size:,} bytes", max_pixels=max_pixels)
