"""What a run will do: which files, which pairs, which outputs. Nothing is read yet."""

from __future__ import annotations

import mimetypes
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runtime.batch.listing import Listing, list_pictures
from runtime.batch.pairing import name_key, output_names, pair_names
from runtime.errors import UsageError
from runtime.images.formats import EXTENSIONS, FORMATS, LOSSLESS, named_format, names_of

STANDARD = Path("-")
"""Stands for standard input and output."""

OPEN = ".*"
"""Stands for an extension that is known once a secret is revealed, as a secret's own file has its
own."""


@dataclass(frozen=True)
class HideJob:
    """One container to make."""

    cover: Path
    secret: Path
    container: Path


@dataclass(frozen=True)
class RevealJob:
    """One secret to reveal.

    Attributes:
        container: File that is read.
        revealed: File that is written; ends in `OPEN` where its extension is that of the secret's
            own file, which only the container knows.
        format: Name of the format that it must have; None for that of the secret's own file.
    """

    container: Path
    revealed: Path
    format: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the extension of what is revealed is not known yet."""
        return self.format is None and self.revealed != STANDARD

    @property
    def possible(self) -> tuple[Path, ...]:
        """All files that it may become. No two jobs of a plan can become the same."""
        if not self.is_open:
            return (self.revealed,)
        return tuple(self.named(format_.extension) for format_ in FORMATS.values())

    def named(self, extension: str) -> Path:
        """The file that it becomes if what is revealed has this extension."""
        return self.revealed.with_suffix(extension) if self.is_open else self.revealed


@dataclass(frozen=True)
class HidePlan:
    """What hiding will do.

    Attributes:
        jobs: In order.
        pairing: How the pairs were found, in words.
        left_out: Files of the folders that are not pictures of a format that is read.
    """

    jobs: tuple[HideJob, ...]
    pairing: str
    left_out: tuple[Path, ...] = ()


@dataclass(frozen=True)
class RevealPlan:
    """What revealing will do.

    Attributes:
        jobs: In order.
        left_out: Files of the folder that are not pictures of a format that is read.
    """

    jobs: tuple[RevealJob, ...]
    left_out: tuple[Path, ...] = ()


def plan_hide(
    covers: Path,
    secrets: Path,
    out: Path,
    format_: str | None = None,
    formats: tuple[str, ...] = LOSSLESS,
) -> HidePlan:
    """Pairs covers with secrets and gives every container its place.

    One secret serves all covers. Two folders are matched by relative name if every cover has a
    namesake among the secrets, otherwise in sorted order; secrets repeat if there are fewer.

    Args:
        covers: File, folder or `STANDARD`.
        secrets: File, folder or `STANDARD`; not both can be standard input.
        out: Folder; or a file or `STANDARD`, if there is one cover.
        format_: Name of the format of the files that are made, if `out` does not say.
        formats: Names of the formats that containers may have, the preferred one first.

    Raises:
        UsageError: A folder is missing or empty, or `out` cannot take such files.
    """
    if covers == secrets == STANDARD:
        raise UsageError("cover and secret cannot both come from standard input")
    listed = _list(covers, "cover", out), _list(secrets, "secret", out)
    cover_files, secret_files = (list(listing.pictures) for listing in listed)
    _refuse_format(format_, formats)
    extension = FORMATS[format_ or formats[0]].extension
    containers = _places(cover_files, covers, out, extension, formats)
    _refuse_name(out, containers, format_)
    _protect(containers, cover_files + secret_files)
    paired, pairing = _pair(cover_files, covers, secret_files, secrets)
    jobs = zip(cover_files, paired, containers, strict=True)
    left_out = listed[0].left_out + listed[1].left_out
    return HidePlan(tuple(HideJob(*job) for job in jobs), pairing, left_out)


def plan_reveal(containers: Path, out: Path, format_: str | None = None) -> RevealPlan:
    """Gives every revealed secret its place.

    Args:
        containers: File, folder or `STANDARD`.
        out: Folder; or a file or `STANDARD`, if there is one container. A file's name stands for
            its format.
        format_: Name of the format of the files that are made; None for that of `out`, or else of
            each secret's own file.

    Raises:
        UsageError: The folder is missing or empty, or `out` cannot take such files.
    """
    listing = _list(containers, "container", out)
    files = list(listing.pictures)
    _refuse_format(format_, LOSSLESS)
    extension = FORMATS[format_].extension if format_ else OPEN
    places = _places(files, containers, out, extension, tuple(FORMATS))
    _refuse_name(out, places, format_)
    if places == [out] and (named := named_format(out)):
        format_ = named.name
    jobs = tuple(RevealJob(*job, format_) for job in zip(files, places, strict=True))
    _protect([place for job in jobs for place in job.possible], files)
    return RevealPlan(jobs, listing.left_out)


def _list(source: Path, what: str, out: Path) -> Listing:
    return Listing((source,)) if source == STANDARD else list_pictures(source, what, out)


def _refuse_format(format_: str | None, formats: tuple[str, ...]) -> None:
    if format_ is not None and format_ not in formats:
        raise UsageError(f"format must be one of {', '.join(formats)}, got {format_!r}")


def _refuse_name(out: Path, places: list[Path], format_: str | None) -> None:
    """Refuses a name that stands for another format than the one that was asked for."""
    if format_ is not None and places == [out] and out != STANDARD:
        named = named_format(out)
        if named is None or named.name != format_:
            extension = FORMATS[format_].extension
            raise UsageError(f"{out} does not end in {extension}, as the requested format does")


def _places(
    files: list[Path], source: Path, out: Path, extension: str, formats: tuple[str, ...]
) -> list[Path]:
    """Where each file's result goes: one file to a file or a folder, a folder to a mirrored one.

    Args:
        files: That are read.
        source: Of which they are.
        out: Where results go.
        extension: Of files in a folder.
        formats: Names of the formats that `out` may name.
    """
    if out == STANDARD:
        if len(files) > 1:
            raise UsageError(f"{len(files)} pictures cannot all go to standard output")
        return [out]
    if os.path.isdir(out) or not _is_file_name(out):  # noqa: PTH112
        if os.path.exists(out) and not os.path.isdir(out):  # noqa: PTH110, PTH112
            ending = FORMATS[formats[0]].extension
            raise UsageError(f"{out} is a file; name a folder, or a file that ends in {ending}")
        root = source if source.is_dir() else source.parent
        names = [Path("stdin") if f == STANDARD else f.relative_to(root) for f in files]
        return [out / name for name in output_names(names, extension)]
    named = named_format(out)
    if named is None or named.name not in formats:
        written = "written losslessly" if set(formats) <= set(LOSSLESS) else "written"
        raise UsageError(
            f"{out}: {out.suffix[1:].upper()} files are not {written}; {names_of(formats)} files "
            "are"
        )
    if source.is_dir():
        raise UsageError(f"{source} is a folder, so {out} must be one too")
    return [out]


@cache
def _types() -> mimetypes.MimeTypes:
    # Without the system's own tables, so that a name means the same on every machine.
    return mimetypes.MimeTypes()


def _is_file_name(out: Path) -> bool:
    """Whether a name ends as files of pictures or documents do, which no folder's should."""
    return out.suffix.lower() in EXTENSIONS or _types().guess_type(out.name)[0] is not None


def _protect(places: list[Path], inputs: list[Path]) -> None:
    """Refuses an output that is or may become an input, even where overwriting is allowed."""
    read: dict[str, list[str]] = {}
    for path in inputs:
        if path != STANDARD:
            real = os.path.realpath(path)
            read.setdefault(name_key(real), []).append(real)
    for place in places:
        if place == STANDARD:
            continue
        real = os.path.realpath(place)
        if any(_is_same(real, other) for other in read.get(name_key(real), ())):
            raise UsageError(f"{place} would overwrite an input; choose another output")


def _is_same(place: str, other: str) -> bool:
    """Whether two names that are alike are one file's."""
    if place == other:
        return True
    try:
        return Path(place).samefile(other)
    except (OSError, ValueError):
        return False  # there is no file of one of these names


def _pair(
    covers: list[Path], cover_root: Path, secrets: list[Path], secret_root: Path
) -> tuple[list[Path], str]:
    if len(secrets) == 1:
        return secrets * len(covers), f"{secrets[0]} in every cover"
    folders = cover_root.is_dir() and secret_root.is_dir()
    if folders:
        cover_names = [cover.relative_to(cover_root) for cover in covers]
        secret_names = [secret.relative_to(secret_root) for secret in secrets]
        indices, pairing = pair_names(cover_names, secret_names, folders=True)
    else:
        indices, pairing = pair_names(covers, secrets, folders=False)
    return [secrets[index] for index in indices], pairing
