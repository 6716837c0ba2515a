"""Whole folders: results stream one a file, and a file that fails does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime._errors import AlteredError, PictureError, PlainsightError
from runtime._hider import Hider
from runtime._models import DEFAULT
from runtime._pictures import Picture, read_picture, refuse_existing, write_png
from runtime._plan import HideJob, RevealJob, plan_hide, plan_reveal
from runtime._revealer import Revealer


@dataclass(frozen=True)
class HideResult:
    """What became of one cover.

    Attributes:
        cover: File that was read.
        secret: File that was read.
        container: File that was written, or would have been.
        seconds: Time taken.
        error: None if the container was written.
    """

    cover: Path
    secret: Path
    container: Path
    seconds: float
    error: PlainsightError | None


@dataclass(frozen=True)
class RevealResult:
    """What became of one container.

    Attributes:
        container: File that was read.
        revealed: File that was written, or would have been.
        seconds: Time taken.
        error: None if the revealed secret was written.
    """

    container: Path
    revealed: Path
    seconds: float
    error: PlainsightError | None


def hide_folder(
    covers: str | Path,
    secrets: str | Path,
    out: str | Path,
    *,
    model: str | Path = DEFAULT,
    bits: int | None = None,
    device: str = "auto",
    threads: int | None = None,
    overwrite: bool = False,
    passphrase: str | bytes | None = None,
    share_salt: bool = True,
) -> Iterator[HideResult]:
    """Hides pictures of a folder in the pictures of another, and writes PNG containers.

    Covers and secrets are each a folder (with its subfolders) or a file. One secret serves all
    covers; two folders are matched by relative name where every cover has its namesake, else in
    sorted order, secrets repeating if fewer. The output mirrors the folder of covers.

    The arguments are checked and the model is loaded at once; the pictures are worked on as the
    results are asked for.

    Args:
        covers: Folder or file.
        secrets: Folder or file.
        out: Folder; or a file that ends in .png, if `covers` is a file.
        model: See `Hider`.
        bits: See `Hider`.
        device: See `Hider`.
        threads: See `Hider`.
        overwrite: Whether files that are there already are replaced.
        passphrase: See `Hider.hide`.
        share_salt: See `Hider`.

    Yields:
        A result for each cover, in sorted order. What went wrong with it is its `error`.

    Raises:
        UsageError: The folders cannot be used so.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """
    plan = plan_hide(Path(covers), Path(secrets), Path(out))
    hider = Hider(model, bits=bits, device=device, threads=threads, share_salt=share_salt)
    return run_hide(hider, plan.jobs, overwrite, passphrase)


def reveal_folder(
    containers: str | Path,
    out: str | Path,
    *,
    model: str | Path = DEFAULT,
    device: str = "auto",
    threads: int | None = None,
    overwrite: bool = False,
    passphrase: str | bytes | None = None,
) -> Iterator[RevealResult]:
    """Reveals what the containers of a folder hold, and writes PNG files.

    Args:
        containers: Folder (with its subfolders) or file.
        out: Folder; or a file that ends in .png, if `containers` is a file.
        model: See `Revealer`.
        device: See `Revealer`.
        threads: See `Revealer`.
        overwrite: Whether files that are there already are replaced.
        passphrase: See `Revealer.reveal`.

    Yields:
        A result for each container, in sorted order. What went wrong with it is its `error`.

    Raises:
        UsageError: The folders cannot be used so.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """
    jobs = plan_reveal(Path(containers), Path(out))
    revealer = Revealer(model, device=device, threads=threads)
    return run_reveal(revealer, jobs, overwrite, passphrase)


def run_hide(
    hider: Hider, jobs: tuple[HideJob, ...], overwrite: bool, passphrase: str | bytes | None
) -> Iterator[HideResult]:
    """Does the jobs, one by one as results are asked for; the passphrase is checked at once."""
    hider.check_passphrase(passphrase)
    return _hidden(hider, jobs, overwrite, passphrase)


def _hidden(
    hider: Hider, jobs: tuple[HideJob, ...], overwrite: bool, passphrase: str | bytes | None
) -> Iterator[HideResult]:
    # One secret for all covers is the common case: it is decoded once.
    last: tuple[Path, Picture] | None = None
    for job in jobs:

        def make(job: HideJob = job) -> Picture:
            nonlocal last
            cover = read_picture(job.cover)
            if last is None or last[0] != job.secret:
                last = job.secret, read_picture(job.secret)
            return hider.hide(cover, last[1], passphrase)

        seconds, error = _do(make, job.cover, job.container, overwrite)
        yield HideResult(job.cover, job.secret, job.container, seconds, error)


def run_reveal(
    revealer: Revealer,
    jobs: tuple[RevealJob, ...],
    overwrite: bool,
    passphrase: str | bytes | None,
) -> Iterator[RevealResult]:
    """Does the jobs, one by one as results are asked for; the passphrase is checked at once."""
    revealer.check_passphrase(passphrase)
    return _revealed(revealer, jobs, overwrite, passphrase)


def _revealed(
    revealer: Revealer,
    jobs: tuple[RevealJob, ...],
    overwrite: bool,
    passphrase: str | bytes | None,
) -> Iterator[RevealResult]:
    for job in jobs:

        def make(job: RevealJob = job) -> Picture:
            return revealer.reveal(read_picture(job.container), passphrase)

        seconds, error = _do(make, job.container, job.revealed, overwrite)
        yield RevealResult(job.container, job.revealed, seconds, error)


def _do(
    make: Callable[[], Picture], source: Path, target: Path, overwrite: bool
) -> tuple[float, PlainsightError | None]:
    start = time.perf_counter()
    try:
        # Before the work, so that a second run over the same folder costs nothing.
        refuse_existing(target, overwrite)
        write_png(target, make(), overwrite)
    except AlteredError as error:
        # What could be revealed is kept, and the error says what it is.
        if error.revealed is not None:
            write_png(target, error.revealed, overwrite)
        return time.perf_counter() - start, error.of(source)
    except PictureError as error:
        return time.perf_counter() - start, error.of(source)
    except PlainsightError as error:
        return time.perf_counter() - start, error
    return time.perf_counter() - start, None
