"""One file from start to end: read, hide or reveal, verify, write."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from runtime.batch.files import refuse_existing, write_whole
from runtime.batch.options import BatchOptions
from runtime.batch.pictures import SecretReader, errors_of, load_picture
from runtime.batch.plan import STANDARD, HideJob, RevealJob
from runtime.batch.verifying import verify_written
from runtime.errors import (
    AlteredError,
    ExistsError,
    PlainsightError,
)
from runtime.hider import Hider
from runtime.images.formats import FORMATS, named_format
from runtime.images.image import Image
from runtime.pipeline import (
    Clock,
    hide_file,
    reveal_file,
)
from runtime.results import HideResult, Quality, RevealResult
from runtime.revealer import Revealer


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
    if _to_skip((job.container,), options):
        return replace(result, skipped=True)
    clock = Clock()
    quality: list[Quality] = []

    try:
        with errors_of(job.cover):
            # Before the work, so that a second run over the same folder costs nothing.
            _refuse_existing((job.container,), options)
            hidden = hide_file(
                lambda: load_picture(job.cover, options),
                lambda: secrets.read(job.secret, again=one_secret),
                lambda cover, secret: hider.hide_images(cover, secret, passphrase),
                _for_target(options, job.container),
                clock,
            )

            def check(written: bytes) -> None:
                with clock.stage("verify"):
                    assert verifier is not None
                    quality.append(verify_written(written, hidden, verifier, passphrase, options))

            with clock.stage("encode"):
                _write(job.container, hidden.content, options, check if verifier else None)
        # The check runs within the write.
        seconds = replace(clock.seconds, encode=clock.seconds.encode - clock.seconds.verify)
        return replace(
            result,
            size=hidden.size,
            seconds=seconds,
            notes=hidden.notes,
            payload=hidden.payload,
            quality=quality[0] if quality else None,
        )
    except PlainsightError as error:
        if isinstance(error, ExistsError) and _to_skip((job.container,), options):
            # Another run made it meanwhile.
            return replace(result, seconds=clock.seconds, skipped=True)
        return replace(result, seconds=clock.seconds, error=error)


def reveal_job(
    job: RevealJob, revealer: Revealer, options: BatchOptions, passphrase: str | bytes | None
) -> RevealResult:
    """Reveals one secret; errors are in the result."""
    result = RevealResult(job.container, job.revealed, model=revealer.model)
    if existing := _to_skip(job.possible, options):
        return replace(result, revealed=existing, skipped=True)
    clock = Clock()
    notes: list[str] = []

    def read_container() -> Image:
        container = load_picture(job.container, options)
        if not revealer.survives_loss:
            notes.extend(notes_on_loss(container))
        return container

    try:
        with errors_of(job.container):
            _refuse_existing(job.possible, options)
            file = reveal_file(
                read_container,
                lambda container: revealer.recover_image(container, passphrase),
                replace(options, format=job.format),
                clock,
            )
            result = replace(result, revealed=job.named(file.extension))
            with clock.stage("encode"):
                _write(result.revealed, file.content, options, None, private=True)
    except PlainsightError as error:
        if isinstance(error, ExistsError) and (existing := _to_skip(job.possible, options)):
            # Another run made it meanwhile.
            return replace(result, revealed=existing, seconds=clock.seconds, skipped=True)
        return replace(result, seconds=clock.seconds, notes=tuple(notes), error=error)
    return replace(
        result,
        size=file.size,
        seconds=clock.seconds,
        model=file.model,
        notes=(*notes, *file.notes, *_others(job, result.revealed)),
        payload=file.payload,
        error=AlteredError.of_damage(file.damage, job.container) if file.damage else None,
    )


def notes_on_loss(container: Image) -> tuple[str, ...]:
    """Notes on a container that was saved in a lossy format."""
    name = container.lossy_format
    if name is None:
        return ()
    return (f"lossy {FORMATS[name].label} files rarely keep what was hidden",)


def _others(job: RevealJob, written: Path) -> tuple[str, ...]:
    """Notes on files that an earlier run may have made of the same container."""
    # They were not what was written, so they may also be anything else: they are never removed.
    found = (path for path in job.possible if path != written and _is_file(path))
    return tuple(f"{path} also exists, and was left alone" for path in found)


def _to_skip(targets: Sequence[Path], options: BatchOptions) -> Path | None:
    """The file that exists already, where those are left alone."""
    if not options.skip_existing:
        return None
    return next((target for target in targets if _is_file(target)), None)


def _is_file(target: Path) -> bool:
    # A folder of that name is in the way; os.path, unlike Path, takes a name that is too long.
    return target != STANDARD and os.path.isfile(target)  # noqa: PTH113


def _refuse_existing(targets: Sequence[Path], options: BatchOptions) -> None:
    for target in targets:
        # Where the extension is not known yet, a folder is in the way of one of them only.
        in_no_way = len(targets) > 1 and os.path.isdir(target)  # noqa: PTH112
        if target != STANDARD and not in_no_way:
            refuse_existing(target, options.overwrite)


def _for_target(options: BatchOptions, target: Path) -> BatchOptions:
    """The options with the format that the output's name stands for."""
    named = None if target == STANDARD else named_format(target)
    return options if named is None else replace(options, format=named.name)


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
