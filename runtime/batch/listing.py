"""Which pictures a folder holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NoReturn

from runtime.errors import UsageError
from runtime.images.formats import EXTENSIONS, FORMATS, names_of

_HEAD = 64


@dataclass(frozen=True)
class Listing:
    """The files of a folder, in sorted order.

    Attributes:
        pictures: Those that are pictures by their names or their first bytes.
        left_out: The others, hidden files apart.
    """

    pictures: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()


def list_pictures(source: Path, what: str, out: Path | None = None) -> Listing:
    """Lists the pictures of a folder and its subfolders, or the one file.

    Args:
        source: File or folder.
        what: What to call its pictures in errors, such as `cover`.
        out: Folder of the outputs, if any, which are no inputs where it is inside `source`.

    Raises:
        UsageError: There is no such file or folder, or it holds no pictures.
    """
    # os.path's functions, unlike Path's, take a name that is too long.
    if os.path.isfile(source):  # noqa: PTH113
        return Listing((source,))
    if not os.path.isdir(source):  # noqa: PTH112
        # A broken link, or one in a circle, is a file that cannot be read.
        if os.path.islink(source):  # noqa: PTH114
            return Listing((source,))
        if os.path.lexists(source):
            raise UsageError(
                f"{what}s: {source} is a pipe, a socket or a device, not a file or a folder"
            )
        raise UsageError(f"{what}s: there is no file or folder {source}")
    listing = _walk(source, None if out is None else os.path.realpath(out))
    if not listing.pictures:
        raise UsageError(
            f"{what}s: there are no pictures in {source} ({names_of(tuple(FORMATS))} are read)"
        )
    return listing


def _walk(folder: Path, out: str | None) -> Listing:
    """Lists a folder's files at any depth, following links, each folder once."""
    pending, seen = [folder], set()
    pictures, left_out = [], []
    while pending:
        here = pending.pop()
        real = os.path.realpath(here)
        # Outputs of an earlier run inside the folder are not inputs of the next.
        if real in seen or (real == out and here != folder):
            continue
        seen.add(real)
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            _cannot_list(error)
        for entry in entries:
            path = here / entry.name
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                pending.append(path)
            elif PurePath(entry.name).suffix.lower() in EXTENSIONS or _is_picture(path):
                pictures.append(path)
            else:
                left_out.append(path)
    return Listing(tuple(sorted(pictures)), tuple(sorted(left_out)))


def _is_picture(path: Path) -> bool:
    """Whether a file with another extension is a picture by its first bytes."""
    try:
        # A pipe would be waited for.
        if not os.path.isfile(path):  # noqa: PTH113
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return any(format_.matches(head) for format_ in FORMATS.values())


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _cannot_list(error: OSError) -> NoReturn:
    raise UsageError(f"{error.filename} cannot be listed: {error.strerror}") from error
