"""What a command is going to do: which files, which pairs, which outputs. Nothing is read yet."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePath

from runtime._errors import UsageError
from runtime._pictures import EXTENSIONS, LOSSY_EXTENSIONS


@dataclass(frozen=True)
class HideJob:
    """One container to be made."""

    cover: Path
    secret: Path
    container: Path


@dataclass(frozen=True)
class RevealJob:
    """One secret to be revealed."""

    container: Path
    revealed: Path


@dataclass(frozen=True)
class HidePlan:
    """Jobs in order, and how the pairs were found, in words."""

    jobs: tuple[HideJob, ...]
    pairing: str


def plan_hide(covers: Path, secrets: Path, out: Path) -> HidePlan:
    """Pairs covers with secrets and gives every container its place.

    One secret serves all covers. Two folders are matched by relative name where every cover has
    its namesake among the secrets, else both in sorted order, secrets repeating if fewer.

    Raises:
        UsageError: A folder is missing or empty, or `out` cannot take PNG files.
    """
    cover_files = _pictures(covers, "cover", out)
    secret_files = _pictures(secrets, "secret", out)
    containers = _places(cover_files, covers, out)
    _protect(containers, cover_files + secret_files)
    paired, pairing = _pair(cover_files, covers, secret_files, secrets)
    jobs = zip(cover_files, paired, containers, strict=True)
    return HidePlan(tuple(HideJob(*job) for job in jobs), pairing)


def plan_reveal(containers: Path, out: Path) -> tuple[RevealJob, ...]:
    """Gives every revealed secret its place.

    Raises:
        UsageError: The folder is missing or empty, or `out` cannot take PNG files.
    """
    files = _pictures(containers, "container", out)
    places = _places(files, containers, out)
    _protect(places, files)
    return tuple(RevealJob(*job) for job in zip(files, places, strict=True))


def _pictures(source: Path, what: str, out: Path) -> list[Path]:
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise UsageError(f"{what}s: there is no file or folder {source}")
    # Earlier outputs inside the folder are not inputs of the next run.
    inside = _is_inside(out, source)
    found = []
    for folder, folders, names in os.walk(source, onerror=_cannot_list):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not (inside and _same(here / name, out))
        )
        found += [
            here / name
            for name in names
            if not name.startswith(".") and PurePath(name).suffix.lower() in EXTENSIONS
        ]
    if not found:
        raise UsageError(
            f"{what}s: there are no pictures in {source} ({', '.join(sorted(EXTENSIONS))})"
        )
    return sorted(found)


def _cannot_list(error: OSError) -> None:
    raise UsageError(f"{error.filename} cannot be listed: {error.strerror}") from error


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve() != folder.resolve() and path.resolve().is_relative_to(folder.resolve())


def _same(first: Path, second: Path) -> bool:
    return first.resolve() == second.resolve()


def _places(files: list[Path], source: Path, out: Path) -> list[Path]:
    """Where each file's PNG goes: one file to a named file or a folder, a folder mirrored."""
    suffix = out.suffix.lower()
    if out.is_dir() or suffix not in EXTENSIONS:
        if out.exists() and not out.is_dir():
            raise UsageError(f"{out} is a file; name a folder, or a file that ends in .png")
        root = source if source.is_dir() else source.parent
        return [out / name for name in _png_names([f.relative_to(root) for f in files])]
    if suffix in LOSSY_EXTENSIONS:
        raise UsageError(
            f"{out}: {suffix[1:].upper()} files lose samples, and what is hidden with them; "
            "name a file that ends in .png"
        )
    if suffix != ".png":
        raise UsageError(f"{out}: only PNG is written; name a file that ends in .png")
    if source.is_dir():
        raise UsageError(f"{source} is a folder, so {out} must be one too")
    return [out]


def _png_names(names: list[Path]) -> list[Path]:
    """The names with .png for their extension; those that would then be alike keep both."""
    short = [name.with_suffix(".png") for name in names]
    count = Counter(map(_key, short))
    taken = {key for key, times in count.items() if times == 1}
    places = []
    for name, png in zip(names, short, strict=True):
        if count[_key(png)] > 1:
            numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
            longer = (name.with_name(f"{name.name}{number}.png") for number in numbers)
            png = next(place for place in longer if _key(place) not in taken)
            taken.add(_key(png))
        places.append(png)
    return places


def _key(name: Path) -> str:
    """What two names have in common if a file system may take one for the other."""
    return str(name).casefold()


def _protect(places: list[Path], inputs: list[Path]) -> None:
    """Refuses an output that is one of the inputs, even where overwriting is allowed."""
    read = {path.resolve() for path in inputs}
    for place in places:
        if place.resolve() in read:
            raise UsageError(f"{place} would be written over an input; choose another output")


def _pair(
    covers: list[Path], cover_root: Path, secrets: list[Path], secret_root: Path
) -> tuple[list[Path], str]:
    if len(secrets) == 1:
        return secrets * len(covers), f"{secrets[0]} in every cover"
    if cover_root.is_dir() and secret_root.is_dir():
        for with_extension in (True, False):
            by_name = _by_name(secrets, secret_root, with_extension)
            keys = list(_by_name(covers, cover_root, with_extension))
            if len(keys) == len(covers) and all(key in by_name for key in keys):
                return [by_name[key] for key in keys], "secrets matched by relative name"
    paired = [secrets[index % len(secrets)] for index in range(len(covers))]
    pairing = "names differ, so secrets are taken in sorted order"
    if len(secrets) < len(covers):
        pairing += f", {len(secrets)} of them again and again"
    if len(secrets) > len(covers):
        pairing += f"; the last {len(secrets) - len(covers)} are left over and not hidden"
    return paired, pairing


def _by_name(files: list[Path], root: Path, with_extension: bool) -> dict[Path, Path]:
    """Files by their path within `root`; empty if two have the same name without extension."""
    names = [file.relative_to(root) for file in files]
    if not with_extension:
        names = [name.with_suffix("") for name in names]
    by_name = dict(zip(names, files, strict=True))
    return by_name if len(by_name) == len(files) else {}
