"""Whole folders: results stream one a file, and a file that fails does not stop the others."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from runtime._cores import cores
from runtime._decode import MAX_PIXELS
from runtime._encode import FORMATS
from runtime._errors import UsageError
from runtime._files import remove_abandoned
from runtime._hider import Hider
from runtime._jobs import Handling, SecretReader, hide_file, reveal_file
from runtime._models import DEFAULT
from runtime._plan import STANDARD, HideJob, RevealJob, plan_hide, plan_reveal
from runtime._results import HideResult, RevealResult
from runtime._revealer import Revealer

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


def hide_folder(
    covers: str | Path,
    secrets: str | Path,
    out: str | Path,
    *,
    model: str | Path = DEFAULT,
    bits: int | None = None,
    passphrase: str | bytes | None = None,
    share_salt: bool = True,
    device: str = "auto",
    threads: int | None = None,
    format: str = "png",  # noqa: A002
    overwrite: bool = False,
    skip_existing: bool = False,
    convert: bool = False,
    keep_metadata: bool = False,
    max_pixels: int = MAX_PIXELS,
    verify: bool = False,
) -> Iterator[HideResult]:
    """Hides pictures of a folder in the pictures of another, and writes containers.

    Covers and secrets are each a folder (with its subfolders) or a file. One secret serves all
    covers; two folders are matched by relative name where every cover has its namesake, else in
    sorted order, secrets repeating if fewer. The output mirrors the folder of covers.

    The arguments are checked and the model is loaded at once; the pictures are worked on, some at
    a time, as the results are asked for.

    Args:
        covers: Folder or file.
        secrets: Folder or file.
        out: Folder; or a file that ends in .png, .webp, .tiff or .bmp, if `covers` is a file.
        model: See `Hider`.
        bits: See `Hider`.
        passphrase: See `Hider.hide`.
        share_salt: See `Hider`.
        device: See `Hider`.
        threads: Threads that one picture is worked on by, on the CPU. None for as many as there
            are cores if there is one picture, else one each, and as many pictures at a time.
        format: `png`, `webp`, `tiff` or `bmp`, all without loss.
        overwrite: Whether files that are there already are replaced.
        skip_existing: Whether they are left alone, without an error.
        convert: Whether covers of more than 8 bits a sample become 8 bits.
        keep_metadata: Whether containers keep the EXIF of their covers, place and camera included.
        max_pixels: Most pixels that a picture may have.
        verify: Whether each container is read back and revealed before it gets its name.

    Yields:
        A result for each cover, in sorted order. What went wrong with it is its `error`.

    Raises:
        UsageError: The folders or options cannot be used so.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """
    handling = Handling(
        checked_format(format), overwrite, skip_existing, convert, keep_metadata, max_pixels
    )
    jobs = plan_hide(Path(covers), Path(secrets), Path(out), format).jobs
    each = threads_each(threads, len(jobs))
    hider = Hider(model, bits=bits, device=device, threads=each, share_salt=share_salt)
    verifier = None
    if verify:
        verifier = Revealer(model, device=device, threads=each, max_pixels=max_pixels)
    return run_hide(hider, jobs, handling, passphrase, verifier)


def reveal_folder(
    containers: str | Path,
    out: str | Path,
    *,
    model: str | Path = DEFAULT,
    passphrase: str | bytes | None = None,
    device: str = "auto",
    threads: int | None = None,
    format: str = "png",  # noqa: A002
    overwrite: bool = False,
    skip_existing: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[RevealResult]:
    """Reveals what the containers of a folder hold, and writes the pictures.

    Args:
        containers: Folder (with its subfolders) or file.
        out: Folder; or a file that ends in .png, .webp, .tiff or .bmp, if `containers` is a file.
        model: See `Revealer`.
        passphrase: See `Revealer.reveal`.
        device: See `Revealer`.
        threads: See `hide_folder`.
        format: See `hide_folder`.
        overwrite: Whether files that are there already are replaced.
        skip_existing: Whether they are left alone, without an error.
        max_pixels: Most pixels that a container may have.

    Yields:
        A result for each container, in sorted order. What went wrong with it is its `error`.

    Raises:
        UsageError: The folders or options cannot be used so.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """
    handling = Handling(checked_format(format), overwrite, skip_existing, max_pixels=max_pixels)
    jobs = plan_reveal(Path(containers), Path(out), format)
    each = threads_each(threads, len(jobs))
    revealer = Revealer(model, device=device, threads=each, max_pixels=max_pixels)
    return run_reveal(revealer, jobs, handling, passphrase)


def checked_format(name: str) -> str:
    """Raises UsageError unless it is the name of a format that is written."""
    if name not in FORMATS:
        raise UsageError(f"format must be one of {', '.join(FORMATS)}, got {name!r}")
    return name


def threads_each(threads: int | None, pictures: int) -> int:
    """Threads for each picture: with several at work at a time, one is the least waste."""
    if threads is not None:
        return threads
    return cores() if pictures < 2 else 1


def run_hide(
    hider: Hider,
    jobs: tuple[HideJob, ...],
    handling: Handling,
    passphrase: str | bytes | None,
    verifier: Revealer | None = None,
    stop: threading.Event | None = None,
) -> Iterator[HideResult]:
    """Does the jobs as results are asked for; the passphrase is checked at once."""
    hider.check_passphrase(passphrase)
    _clean(job.container for job in jobs)
    secrets = SecretReader(handling.max_pixels)
    one_secret = len({job.secret for job in jobs}) == 1

    def do(job: HideJob) -> HideResult:
        return hide_file(
            job, hider, secrets, handling, passphrase, one_secret=one_secret, verifier=verifier
        )

    return _in_order(jobs, do, stop or threading.Event())


def run_reveal(
    revealer: Revealer,
    jobs: tuple[RevealJob, ...],
    handling: Handling,
    passphrase: str | bytes | None,
    stop: threading.Event | None = None,
) -> Iterator[RevealResult]:
    """Does the jobs as results are asked for; the passphrase is checked at once."""
    revealer.check_passphrase(passphrase)
    _clean(job.revealed for job in jobs)

    def do(job: RevealJob) -> RevealResult:
        return reveal_file(job, revealer, handling, passphrase)

    return _in_order(jobs, do, stop or threading.Event())


def _clean(targets: Iterable[Path]) -> None:
    """Removes what an earlier run that was killed has left where files are to be written."""
    for folder in {target.parent for target in targets if target != STANDARD}:
        remove_abandoned(folder)


def _in_order(
    jobs: Iterable[_Job], do: Callable[[_Job], _Result], stop: threading.Event
) -> Iterator[_Result]:
    """Results in the order of the jobs, a few of which are at work at a time.

    While one picture is in the network others are decoded and encoded: both leave Python's lock.
    Once `stop` is set, what is in hand is finished and nothing more is begun.
    """
    workers = max(cores(), 2)
    with ThreadPoolExecutor(workers, thread_name_prefix="plainsight") as pool:
        waiting: deque[Future[_Result]] = deque()
        try:
            for job in jobs:
                if stop.is_set():
                    break
                waiting.append(pool.submit(do, job))
                # One more than there are workers: none waits for the results to be taken.
                if len(waiting) > workers + 1:
                    yield waiting.popleft().result()
            while waiting:
                future = waiting.popleft()
                if not (stop.is_set() and future.cancel()):
                    yield future.result()
        finally:
            for future in waiting:
                future.cancel()
