"""One file from start to end: read, hide or reveal, verify, write."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from runtime._decode import MAX_PIXELS, Loaded, decode, load, read_stream, refuse_deep
from runtime._encode import encode
from runtime._errors import (
    AlteredError,
    PictureError,
    PlainsightError,
    TooLargeError,
    VerifyError,
)
from runtime._files import refuse_existing, write_whole
from runtime._hider import Hider
from runtime._io import format_of
from runtime._pictures import Picture, resize_to
from runtime._plan import STANDARD, HideJob, RevealJob
from runtime._results import HideResult, Quality, RevealResult, Seconds, psnr
from runtime._revealer import Revealer

COVER_FLOOR, REVEALED_FLOOR = 25.0, 20.0


@dataclass(frozen=True)
class Handling:
    """How files are read and written.

    Attributes:
        format: Of what is written, where a file's name does not say.
        overwrite: Whether files that are there already are replaced.
        skip_existing: Whether they are left alone, without an error.
        convert: Whether covers of more than 8 bits a sample become 8 bits.
        keep_metadata: Whether containers keep the EXIF of their covers.
        max_pixels: Most pixels that a picture may have.
        verify_floor: PSNR in dB that a revealed secret must have to pass verification.
    """

    format: str = "png"
    overwrite: bool = False
    skip_existing: bool = False
    convert: bool = False
    keep_metadata: bool = False
    max_pixels: int = MAX_PIXELS
    verify_floor: float = REVEALED_FLOOR


class SecretReader:
    """Reads secrets; the last one is remembered, as one secret in every cover is common."""

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._lock = threading.Lock()
        self._last: tuple[Path, Loaded] | None = None

    def read(self, path: Path, *, again: bool) -> Loaded:
        """Reads a file; `again` says that other jobs want it as well."""
        if not again:
            return _load(path, self._max_pixels)
        with self._lock:
            if self._last is None or self._last[0] != path:
                self._last = path, _load(path, self._max_pixels)
            return self._last[1]


class _Clock:
    """Adds up the time of the stages."""

    def __init__(self) -> None:
        self.seconds = Seconds()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = getattr(self.seconds, name) + time.perf_counter() - start
            self.seconds = replace(self.seconds, **{name: spent})


def hide_file(
    job: HideJob,
    hider: Hider,
    secrets: SecretReader,
    handling: Handling,
    passphrase: str | bytes | None,
    *,
    one_secret: bool,
    verifier: Revealer | None,
) -> HideResult:
    """Makes one container; what goes wrong is in the result."""
    result = HideResult(*_paths(job), model=hider.model, bits=hider.bits)
    if _is_to_skip(job.container, handling):
        return replace(result, skipped=True)
    clock = _Clock()
    quality: list[Quality] = []
    try:
        with _errors_of(job.cover):
            # Before the work, so that a second run over the same folder costs nothing.
            _refuse(job.container, handling)
            with clock.stage("decode"):
                cover = _load(job.cover, handling.max_pixels)
                refuse_deep(cover, handling.convert)
            with _errors_of(job.secret), clock.stage("decode"):
                secret = secrets.read(job.secret, again=one_secret)
            with clock.stage("network"):
                container = hider.hide(cover.picture, secret.picture, passphrase)
            with clock.stage("encode"):
                content, lost = encode(
                    container,
                    _format(job.container, handling),
                    like=cover,
                    keep_metadata=handling.keep_metadata,
                )

            def check(written: bytes) -> None:
                with clock.stage("verify"):
                    quality.append(
                        _verified(written, cover, secret, verifier, passphrase, handling)
                    )

            with clock.stage("encode"):
                _write(job.container, content, handling, check if verifier else None)
        seconds = replace(clock.seconds, encode=clock.seconds.encode - clock.seconds.verify)
        notes = (*cover.notes, *(f"secret: {note}" for note in secret.notes), *lost)
        size = (container.shape[0], container.shape[1])
        return replace(
            result, size=size, seconds=seconds, notes=notes, quality=quality[0] if quality else None
        )
    except PlainsightError as error:
        return replace(result, seconds=clock.seconds, error=error)


def reveal_file(
    job: RevealJob, revealer: Revealer, handling: Handling, passphrase: str | bytes | None
) -> RevealResult:
    """Reveals one secret; what goes wrong is in the result."""
    result = RevealResult(job.container, job.revealed, model=revealer.model)
    if _is_to_skip(job.revealed, handling):
        return replace(result, skipped=True)
    clock = _Clock()
    container: Loaded | None = None
    altered: AlteredError | None = None
    try:
        with _errors_of(job.container):
            _refuse(job.revealed, handling)
            with clock.stage("decode"):
                container = _load(job.container, handling.max_pixels)
            try:
                with clock.stage("network"):
                    revealed = revealer.reveal(container.picture, passphrase)
            except AlteredError as error:
                if error.revealed is None:
                    raise
                revealed, altered = error.revealed, error.of(job.container)
            with clock.stage("encode"):
                content, _ = encode(revealed, _format(job.revealed, handling))
                _write(job.revealed, content, handling, None)
    except PlainsightError as error:
        return replace(result, seconds=clock.seconds, notes=_loss(container), error=error)
    size = (revealed.shape[0], revealed.shape[1])
    return replace(result, size=size, seconds=clock.seconds, notes=_loss(container), error=altered)


def _loss(container: Loaded | None) -> tuple[str, ...]:
    if container is None or not container.kind.lossy:
        return ()
    return (f"lossy {container.kind.format.upper()} files seldom still hold what was hidden",)


def _paths(job: HideJob) -> tuple[Path, Path, Path]:
    return job.cover, job.secret, job.container


def _is_to_skip(target: Path, handling: Handling) -> bool:
    # A folder of that name is in the way; os.path takes a name that is too long as one of nothing.
    return handling.skip_existing and target != STANDARD and os.path.isfile(target)  # noqa: PTH113


def _refuse(target: Path, handling: Handling) -> None:
    if target != STANDARD:
        refuse_existing(target, handling.overwrite)


def _format(target: Path, handling: Handling) -> str:
    return handling.format if target == STANDARD else format_of(target) or handling.format


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Names the file in errors that name none."""
    try:
        yield
    except PictureError as error:
        raise error.of(path) from None
    except MemoryError as error:
        raise TooLargeError("there is not enough memory for it", path) from error


def _load(path: Path, max_pixels: int) -> Loaded:
    if path != STANDARD:
        return load(path, max_pixels)
    try:
        return decode(read_stream(sys.stdin.buffer, max_pixels), max_pixels)
    except PictureError as error:
        raise error.of(Path("standard input")) from None


def _write(
    path: Path, content: bytes, handling: Handling, check: Callable[[bytes], None] | None
) -> None:
    if path != STANDARD:
        write_whole(path, content, overwrite=handling.overwrite, check=check)
        return
    if check is not None:
        check(content)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _verified(
    written: bytes,
    cover: Loaded,
    secret: Loaded,
    verifier: Revealer | None,
    passphrase: str | bytes | None,
    handling: Handling,
) -> Quality:
    """Reveals what was written.

    Raises:
        VerifyError: It does not hold the secret, or is not like its cover.
    """
    assert verifier is not None
    try:
        container = decode(written, handling.max_pixels).picture
        revealed = verifier.reveal(container, passphrase)
    except PictureError as error:
        raise VerifyError(f"verification failed: {error.message}") from error
    height, width, _ = container.shape

    def fitted(picture: Picture) -> Picture:
        return resize_to(picture, height, width)

    found = Quality(psnr(cover.picture, container), psnr(fitted(secret.picture), fitted(revealed)))
    if found.cover < COVER_FLOOR or found.revealed < handling.verify_floor:
        raise VerifyError(
            f"verification failed: cover {found.cover:.1f} dB, revealed {found.revealed:.1f} dB; "
            f"at least {COVER_FLOOR:g} and {handling.verify_floor:g} are wanted"
        )
    return found
