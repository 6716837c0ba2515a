"""One file from start to end: read, hide or reveal, verify, write."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from runtime.batch.files import refuse_existing, write_whole
from runtime.batch.plan import STANDARD, HideJob, RevealJob
from runtime.errors import (
    AlteredError,
    ExistsError,
    FileError,
    OutOfMemoryError,
    PlainsightError,
    VerifyError,
)
from runtime.hider import Hider
from runtime.images.colour import as_shown
from runtime.images.decode import decode, load, read_stream
from runtime.images.formats import FORMATS, written_format
from runtime.images.image import Image, Picture
from runtime.images.metrics import psnr
from runtime.images.resize import resize_to
from runtime.pipeline import Clock, FileOptions, hide_file, reveal_file
from runtime.results import HideResult, Quality, RevealResult
from runtime.revealer import Revealer

COVER_FLOOR, REVEALED_FLOOR = 25.0, 20.0
STANDARD_INPUT = Path("standard input")
"""What to call it in errors and reports."""


@dataclass(frozen=True)
class BatchOptions(FileOptions):
    """How files are read, encoded and written.

    Attributes:
        overwrite: Whether existing files are replaced.
        skip_existing: Whether existing files are left alone, without an error.
        verify_floor: PSNR in dB that a revealed secret must have to pass verification.
    """

    overwrite: bool = False
    skip_existing: bool = False
    verify_floor: float = REVEALED_FLOOR


class SecretReader:
    """Reads secrets, and keeps the last one, as one secret in every cover is common."""

    def __init__(self, options: BatchOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._last: tuple[Path, Image] | None = None

    def read(self, path: Path, *, again: bool) -> Image:
        """Reads a file; `again` says that other jobs need it as well."""
        if not again:
            return _load(path, self._options)
        with self._lock:
            if self._last is None or self._last[0] != path:
                # In sRGB already, so that this is done once.
                self._last = path, as_shown(_load(path, self._options))
            return self._last[1]


def hide_job(
    job: HideJob,
    hider: Hider,
    secrets: SecretReader,
    options: BatchOptions,
    passphrase: str | bytes | None,
    *,
    one_secret: bool,
    verifier: Revealer | None,
) -> HideResult:
    """Makes one container; errors are in the result."""
    result = HideResult(
        job.cover, job.secret, job.container, model=hider.model, options=dict(hider.options)
    )
    if _is_to_skip(job.container, options):
        return replace(result, skipped=True)
    clock = Clock()
    quality: list[Quality] = []

    def read_secret() -> Image:
        with _errors_of(job.secret):
            return secrets.read(job.secret, again=one_secret)

    try:
        with _errors_of(job.cover):
            # Before the work, so that a second run over the same folder costs nothing.
            _refuse_existing(job.container, options)
            hidden = hide_file(
                lambda: _load(job.cover, options),
                read_secret,
                lambda cover, secret: hider.hide_images(cover, secret, passphrase),
                _for_target(options, job.container),
                clock,
            )

            def check(written: bytes) -> None:
                with clock.stage("verify"):
                    assert verifier is not None
                    quality.append(
                        _verify(written, hidden.cover, hidden.secret, verifier, passphrase, options)
                    )

            with clock.stage("encode"):
                _write(job.container, hidden.content, options, check if verifier else None)
        # The check runs within the write.
        seconds = replace(clock.seconds, encode=clock.seconds.encode - clock.seconds.verify)
        return replace(
            result,
            size=hidden.size,
            seconds=seconds,
            notes=hidden.notes,
            quality=quality[0] if quality else None,
        )
    except PlainsightError as error:
        if _made_meanwhile(job.container, error, options):
            return replace(result, seconds=clock.seconds, skipped=True)
        return replace(result, seconds=clock.seconds, error=error)


def reveal_job(
    job: RevealJob, revealer: Revealer, options: BatchOptions, passphrase: str | bytes | None
) -> RevealResult:
    """Reveals one secret; errors are in the result."""
    result = RevealResult(job.container, job.revealed, model=revealer.model)
    if _is_to_skip(job.revealed, options):
        return replace(result, skipped=True)
    clock = Clock()
    notes: list[str] = []

    def read_container() -> Image:
        container = _load(job.container, options)
        notes.extend(_loss(container))
        return container

    try:
        with _errors_of(job.container):
            _refuse_existing(job.revealed, options)
            file = reveal_file(
                read_container,
                lambda container: revealer.recover_image(container, passphrase),
                _for_target(options, job.revealed),
                clock,
            )
            with clock.stage("encode"):
                _write(job.revealed, file.content, options, None, private=True)
    except PlainsightError as error:
        if _made_meanwhile(job.revealed, error, options):
            return replace(result, seconds=clock.seconds, skipped=True)
        return replace(result, seconds=clock.seconds, notes=tuple(notes), error=error)
    return replace(
        result,
        size=file.size,
        seconds=clock.seconds,
        notes=(*notes, *file.notes),
        error=AlteredError.of_damage(file.damage, job.container) if file.damage else None,
    )


def _loss(container: Image) -> tuple[str, ...]:
    name = container.lossy_format
    if name is None:
        return ()
    return (f"lossy {FORMATS[name].label} files rarely keep what was hidden",)


def _is_to_skip(target: Path, options: BatchOptions) -> bool:
    # A folder of that name is in the way; os.path, unlike Path, takes a name that is too long.
    return options.skip_existing and target != STANDARD and os.path.isfile(target)  # noqa: PTH113


def _made_meanwhile(target: Path, error: PlainsightError, options: BatchOptions) -> bool:
    """Whether another run has made a file in the meantime that is skipped if it exists."""
    return isinstance(error, ExistsError) and _is_to_skip(target, options)


def _refuse_existing(target: Path, options: BatchOptions) -> None:
    if target != STANDARD:
        refuse_existing(target, options.overwrite)


def _for_target(options: BatchOptions, target: Path) -> BatchOptions:
    """The options with the format that the output's name stands for."""
    named = None if target == STANDARD else written_format(target)
    return options if named is None else replace(options, format=named.name)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Names the file in errors that name none."""
    try:
        yield
    except FileError as error:
        raise error.of(path) from None
    except MemoryError as error:
        raise OutOfMemoryError("there is not enough memory for it", path) from error


def _load(path: Path, options: BatchOptions) -> Image:
    limit, accept = options.max_pixels, options.accept_damaged
    if path != STANDARD:
        return load(path, limit, accept_damaged=accept)
    try:
        content = read_stream(sys.stdin.buffer, limit)
        return decode(content, limit, accept_damaged=accept)
    except FileError as error:
        raise error.of(STANDARD_INPUT) from None


def _write(
    path: Path,
    content: bytes,
    options: BatchOptions,
    check: Callable[[bytes], None] | None,
    *,
    private: bool = False,
) -> None:
    if path != STANDARD:
        write_whole(path, content, overwrite=options.overwrite, private=private, check=check)
        return
    if check is not None:
        check(content)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _verify(
    written: bytes,
    cover: Image,
    secret: Image,
    verifier: Revealer,
    passphrase: str | bytes | None,
    options: BatchOptions,
) -> Quality:
    """Reveals what was written.

    Raises:
        VerifyError: It does not hold the secret, or is not like its cover.
    """
    try:
        container = decode(written, options.max_pixels)
        revealed = verifier.recover_image(container, passphrase)
        if revealed.damage is not None:
            raise AlteredError.of_damage(revealed.damage)
    except FileError as error:
        raise VerifyError(f"verification failed: {error.message}") from error

    def fitted(picture: Picture) -> Picture:
        return resize_to(picture, *container.size)

    quality = Quality(
        psnr(cover.pixels, container.pixels),
        psnr(fitted(secret.pixels), fitted(revealed.picture)),
    )
    if quality.cover < COVER_FLOOR or quality.revealed < options.verify_floor:
        raise VerifyError(
            f"verification failed: cover {quality.cover:.1f} dB, revealed "
            f"{quality.revealed:.1f} dB; at least {COVER_FLOOR:g} and {options.verify_floor:g} are "
            "required"
        )
    return quality
