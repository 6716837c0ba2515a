"""Places of files: local paths, and URIs of objects in stores."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from runtime.errors import UsageError

SCHEMES = ("s3", "gs", "az")


def is_remote(place: str) -> bool:
    """Whether a place is an object of a store.

    Raises:
        UsageError: It is a URI of another kind.
    """
    scheme, found, _ = place.partition("://")
    if not found or not scheme.isalnum():
        return False
    if scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise UsageError(f"{scheme}:// is not supported; {known} and local paths are")
    return True


def split(uri: str) -> tuple[str, str]:
    """The root of a store, such as `s3://bucket`, and the key in it.

    Raises:
        UsageError: The URI names no bucket or container.
    """
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if not bucket:
        raise UsageError(f"{uri} names no bucket or container")
    return f"{scheme}://{bucket}", key


def absolute(place: str) -> str:
    """A place that means the same in every process of a machine."""
    return place if is_remote(place) else os.path.abspath(place)  # noqa: PTH100


def join(folder: str, name: PurePosixPath | Path) -> str:
    """The place of a name in a folder."""
    if is_remote(folder):
        return f"{folder.rstrip('/')}/{name.as_posix()}"
    return str(Path(folder) / name)


def with_extension(place: str, extension: str) -> str:
    """A place that ends in `.*`, with an extension in place of that."""
    return place.removesuffix(".*") + extension
