"""Whole folders: results stream, one per file, and a failed file does not stop the others."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from runtime.batch.capacity import CapacityResult, capacity_of
from runtime.batch.files import remove_abandoned
from runtime.batch.jobs import hide_job, reveal_job
from runtime.batch.options import BatchOptions
from runtime.batch.pictures import SecretReader
from runtime.batch.plan import STANDARD, HideJob, RevealJob, plan_hide, plan_reveal
from runtime.engine.cores import cores
from runtime.engine.models import DEFAULT, load_model
from runtime.hider import Hider
from runtime.images.decode import MAX_PIXELS
from runtime.images.distortions import distortion_of
from runtime.pipeline import FileOptions
from runtime.results import HideResult, RevealResult
from runtime.revealer import Revealer
from runtime.schemes import scheme_of

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


def hide_folder(
    covers: str | Path,
    secrets: str | Path,
    out: str | Path,
    *,
    model: str | Path = DEFAULT,
    passphrase: str | bytes | None = None,
    share_salt: bool = True,
    device: str = "auto",
    threads: int | None = None,
    format: str | None = None,  # noqa: A002
    overwrite: bool = False,
    skip_existing: bool = False,
    convert: bool = False,
    keep_metadata: bool = False,
    drop_profile: bool = False,
    strip_metadata: bool = False,
    accept_damaged: bool = False,
    max_pixels: int = MAX_PIXELS,
    verify: bool = False,
    verify_through: Sequence[str] = (),
    fit: int | None = None,
    **options: Any,
) -> Iterator[HideResult]:
    """Hides pictures of a folder in the pictures of another, and writes containers.

    Covers and secrets are each a folder (with its subfolders) or a file. One secret serves all
    covers; two folders are matched by relative name if every cover has a namesake, otherwise in
    sorted order, with secrets repeating if there are fewer. The output mirrors the folder of
    covers.

    The arguments are checked and the model is loaded at once; the pictures are worked on, some at
    a time, as results are consumed.

    Args:
        covers: Folder or file.
        secrets: Folder or file.
        out: Folder; or a file that ends in .png, .webp, .tiff or .bmp, if `covers` is a file.
        model: See `Hider`.
        passphrase: See `Hider.hide`.
        share_salt: See `Hider`.
        device: See `Hider`.
        threads: Threads that work on one picture, on the CPU. None for one per core if there is
            one picture, else one each, with as many pictures at a time as there are cores.
        format: `png`, `webp`, `tiff` or `bmp`, all lossless; None for the one that the model's
            scheme prefers, `png`.
        overwrite: Whether existing files are replaced.
        skip_existing: Whether existing files are left alone, without an error.
        convert: Whether covers of more than 8 bits per sample are converted to 8 bits.
        keep_metadata: Whether containers keep the EXIF of their covers, place and camera included.
        drop_profile: Whether colours of covers are converted to sRGB, so that containers have no
            colour profile.
        strip_metadata: Whether a secret's file is hidden without its EXIF and other metadata; its
            pixels do not change. A file of a format that metadata cannot be removed from, TIFF or
            AVIF, is hidden as its pixels.
        accept_damaged: Whether pictures that are damaged inside are used, with a note, where their
            decoder can go on after the damage: JPEG and TIFF.
        max_pixels: Most pixels that a picture may have.
        verify: Whether each container is read back and revealed before it is kept.
        verify_through: Distortions after which each container is revealed to verify it: steps
            such as `scale:0.5,jpeg:75`, or platforms such as `signal`, each tried on its own.
        fit: Longest side in pixels that covers are reduced to first; None for none.
        options: Those of the model; see `Hider`.

    Yields:
        A result for each cover, in sorted order; `error` says what went wrong.

    Raises:
        UsageError: The folders or options cannot be used like this.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not available.
    """
    batch = BatchOptions(
        format=format,
        convert=convert,
        keep_metadata=keep_metadata,
        drop_profile=drop_profile,
        strip_metadata=strip_metadata,
        accept_damaged=accept_damaged,
        max_pixels=max_pixels,
        overwrite=overwrite,
        skip_existing=skip_existing,
        verify_through=tuple(map(distortion_of, verify_through)),
        fit=fit,
    )
    formats = scheme_of(load_model(model)).container_formats
    jobs = plan_hide(Path(covers), Path(secrets), Path(out), format, formats).jobs
    each = threads_each(threads, len(jobs))
    hider = Hider(model, device=device, threads=each, share_salt=share_salt, **options)
    verifier = None
    if verify or verify_through:
        verifier = Revealer(model, device=device, threads=each, max_pixels=max_pixels)
    return run_hide(hider, jobs, batch, passphrase, verifier)


def reveal_folder(
    containers: str | Path,
    out: str | Path,
    *,
    model: str | Path | None = None,
    passphrase: str | bytes | None = None,
    device: str = "auto",
    threads: int | None = None,
    format: str | None = None,  # noqa: A002
    overwrite: bool = False,
    skip_existing: bool = False,
    accept_damaged: bool = False,
    max_pixels: int = MAX_PIXELS,
    search: bool = True,
) -> Iterator[RevealResult]:
    """Reveals what the containers of a folder hold, and writes the pictures.

    Where a container carries the secret's own file, that is written byte for byte, with its own
    extension.

    Args:
        containers: Folder (with its subfolders) or file.
        out: Folder; or a file, if `containers` is one, whose name stands for the format. With
            .png, .webp, .tiff or .bmp, the secret's own file is converted losslessly if it is of
            another format; with .jpg or .avif, it has to be of that format.
        model: See `Revealer`.
        passphrase: See `Revealer.reveal`.
        device: See `Revealer`.
        threads: See `hide_folder`.
        format: `png`, `webp`, `tiff` or `bmp`; None for that of the secret's own file, or `png`
            where the container does not carry it.
        overwrite: Whether existing files are replaced. A file that differs in its extension only
            is left alone, with a note.
        skip_existing: Whether existing files are left alone, without an error. A secret whose
            extension is not known before it is revealed exists with any of the possible ones.
        accept_damaged: See `hide_folder`.
        max_pixels: Most pixels that a container may have.
        search: See `Revealer`.

    Yields:
        A result for each container, in sorted order; `error` says what went wrong.

    Raises:
        UsageError: The folders or options cannot be used like this.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not available.
    """
    batch = BatchOptions(
        format=format,
        accept_damaged=accept_damaged,
        max_pixels=max_pixels,
        overwrite=overwrite,
        skip_existing=skip_existing,
    )
    jobs = plan_reveal(Path(containers), Path(out), format).jobs
    each = threads_each(threads, len(jobs))
    revealer = Revealer(model, device=device, threads=each, max_pixels=max_pixels, search=search)
    return run_reveal(revealer, jobs, batch, passphrase)


def threads_each(threads: int | None, pictures: int) -> int:
    """Threads for each picture: with several pictures at a time, one each wastes least."""
    if threads is not None:
        return threads
    return cores() if pictures < 2 else 1


def run_hide(
    hider: Hider,
    jobs: tuple[HideJob, ...],
    options: BatchOptions,
    passphrase: str | bytes | None,
    verifier: Revealer | None = None,
    stop: threading.Event | None = None,
) -> Iterator[HideResult]:
    """Does the jobs as results are consumed; the passphrase is checked at once."""
    hider.check_passphrase(passphrase)
    _clean(job.container for job in jobs)
    secrets = SecretReader(options)
    one_secret = len({job.secret for job in jobs}) == 1

    def do(job: HideJob) -> HideResult:
        return hide_job(
            job, hider, secrets, options, passphrase, one_secret=one_secret, verifier=verifier
        )

    return _in_order(jobs, do, stop or threading.Event())


def run_reveal(
    revealer: Revealer,
    jobs: tuple[RevealJob, ...],
    options: BatchOptions,
    passphrase: str | bytes | None,
    stop: threading.Event | None = None,
) -> Iterator[RevealResult]:
    """Does the jobs as results are consumed; the passphrase is checked at once."""
    revealer.check_passphrase(passphrase)
    _clean(job.revealed for job in jobs)

    def do(job: RevealJob) -> RevealResult:
        return reveal_job(job, revealer, options, passphrase)

    return _in_order(jobs, do, stop or threading.Event())


def run_capacity(
    hider: Hider,
    pairs: Sequence[tuple[Path, Path | None]],
    options: FileOptions,
    *,
    every: bool = True,
    stop: threading.Event | None = None,
) -> Iterator[CapacityResult]:
    """Says what covers hold and what secrets would become in them, as results are consumed.

    Args:
        hider: For the model and its options.
        pairs: Covers, each with its secret, if there is one.
        options: How files are read.
        every: Whether at each setting of the model's options; else at the hider's only.
        stop: Set to start no more.
    """
    secrets = SecretReader(options)
    one_secret = len({secret for _, secret in pairs}) == 1

    def do(pair: tuple[Path, Path | None]) -> CapacityResult:
        return capacity_of(*pair, hider, secrets, options, one_secret=one_secret, every=every)

    return _in_order(pairs, do, stop or threading.Event())


def _clean(targets: Iterable[Path]) -> None:
    """Removes what a killed run left in the folders that will be written to."""
    for folder in {target.parent for target in targets if target != STANDARD}:
        remove_abandoned(folder)


def _in_order(
    jobs: Iterable[_Job], do: Callable[[_Job], _Result], stop: threading.Event
) -> Iterator[_Result]:
    """Results in the order of the jobs, of which a few are in progress at a time.

    While one picture is in the network, others are decoded and encoded: both release Python's
    lock. Once `stop` is set, jobs in progress are finished and no more are started.
    """
    workers = max(cores(), 2)
    with ThreadPoolExecutor(workers, thread_name_prefix="plainsight") as pool:
        waiting: deque[Future[_Result]] = deque()
        try:
            for job in jobs:
                if stop.is_set():
                    break
                waiting.append(pool.submit(do, job))
                # One more than there are workers, so that none waits for results to be consumed.
                if len(waiting) > workers + 1:
                    yield waiting.popleft().result()
            while waiting:
                future = waiting.popleft()
                if not (stop.is_set() and future.cancel()):
                    yield future.result()
        finally:
            for future in waiting:
                future.cancel()
