"""One picture from place to place: read, hide or reveal, write; errors are in the result."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.batch.jobs import notes_on_loss
from runtime.batch.verifying import verify_written
from runtime.distributed.budget import Budget, needed, pixels_of
from runtime.distributed.settings import Row, Settings
from runtime.distributed.stores import Check, store_of
from runtime.engine.models import DEFAULT
from runtime.errors import AlteredError, ExistsError, FileError, PlainsightError
from runtime.hider import Hider
from runtime.images.decode import decode
from runtime.images.image import Image
from runtime.pipeline import Clock, hide_file, reveal_file, secret_as_hidden
from runtime.results import HideResult, Quality, RevealResult, as_json
from runtime.revealer import Revealer


class Work:
    """What one worker does to pictures, several at a time.

    Args:
        settings: Of the run.
        passphrase: The passphrase, if there is one.

    Attributes:
        model: Name of the model.
        device: The device that it runs on.
        device_reason: Why it runs there.

    Raises:
        UsageError: The options or the passphrase cannot be used.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not available.
    """

    def __init__(self, settings: Settings, passphrase: str | bytes | None) -> None:
        self._settings, self._passphrase = settings, passphrase
        self._budget = Budget(settings.memory)
        # Others download and upload meanwhile.
        self._core = threading.BoundedSemaphore(settings.at_once)
        self._lock = threading.Lock()
        self._secret: tuple[str, Image, int] | None = None
        opened: dict[str, Any] = {"device": settings.device, "threads": settings.threads}
        self._hider: Hider | None = None
        self._revealer: Revealer | None = None
        if settings.command == "hide":
            self._hider = Hider(
                settings.model or DEFAULT,
                share_salt=settings.share_salt,
                **opened,
                **settings.options,
            )
        if settings.command == "reveal" or settings.verify:
            limit = settings.files.max_pixels
            self._revealer = Revealer(
                settings.model, max_pixels=limit, search=settings.search, **opened
            )
        handle = self._hider or self._revealer
        assert handle is not None
        self.model, self.device = handle.model, handle.device
        self.device_reason = handle.device_reason
        handle.check_passphrase(passphrase)

    def do(self, row: Row, *, look: bool) -> dict[str, Any]:
        """Does one row; with `look`, it looks first whether that is done already."""
        return self._hide(row, look) if self._hider is not None else self._reveal(row, look)

    def refuse(self, row: Row, error: PlainsightError) -> dict[str, Any]:
        """The result of a row that is not done."""
        if self._hider is not None:
            return _record(row, replace(self._no_container(row, self._hider), error=error))
        return _record(row, replace(self._not_revealed(row), error=error))

    def _no_container(self, row: Row, hider: Hider) -> HideResult:
        paths = (Path(row.source), Path(row.secret), Path(row.target))
        return HideResult(*paths, model=hider.model, options=dict(hider.options))

    def _not_revealed(self, row: Row) -> RevealResult:
        return RevealResult(Path(row.source), Path(row.target), model=self.model)

    def _hide(self, row: Row, look: bool) -> dict[str, Any]:
        assert self._hider is not None
        hider, files = self._hider, self._settings.files
        result = self._no_container(row, hider)
        clock, quality = Clock(), list[Quality]()
        try:
            if look and self._existing(row):
                return _record(row, replace(result, skipped=True))
            with clock.stage("decode"):
                cover = self._content(row.source)
                with _of_secret():
                    secret, secret_pixels = self._secret_of(row.secret)
            size = len(cover) + (len(secret) if isinstance(secret, bytes) else 0)
            with self._budget.room(needed(pixels_of(cover), secret_pixels, size)):
                with self._core:
                    hidden = hide_file(
                        lambda: self._decoded(cover),
                        lambda: self._decoded_secret(secret),
                        lambda cover, secret: hider.hide_images(cover, secret, self._passphrase),
                        replace(files, format=row.format or files.format),
                        clock,
                    )

                def check(written: bytes) -> None:
                    with self._core, clock.stage("verify"):
                        verifier = self._revealer
                        assert verifier is not None
                        found = verify_written(written, hidden, verifier, self._passphrase, files)
                        quality.append(found)

                with clock.stage("encode"):
                    self._write(row.target, hidden.content, check if self._revealer else None)
            seconds = replace(clock.seconds, encode=clock.seconds.encode - clock.seconds.verify)
            result = replace(
                result,
                size=hidden.size,
                seconds=seconds,
                notes=hidden.notes,
                payload=hidden.payload,
                quality=quality[0] if quality else None,
            )
        except ExistsError as error:
            # Another run made it meanwhile, or this one before its worker was lost.
            result = replace(result, seconds=clock.seconds, **_found(row.target, error))
        except PlainsightError as error:
            result = replace(result, seconds=clock.seconds, error=error)
        return _record(row, result)

    def _reveal(self, row: Row, look: bool) -> dict[str, Any]:
        assert self._revealer is not None
        revealer, files = self._revealer, self._settings.files
        result, target = self._not_revealed(row), row.target
        clock, notes = Clock(), list[str]()

        def read() -> Image:
            container = self._decoded(content)
            if not revealer.survives_loss:
                notes.extend(notes_on_loss(container))
            return container

        try:
            if look and (existing := self._existing(row)):
                return _record(row, replace(result, skipped=True), existing)
            with clock.stage("decode"):
                content = self._content(row.source)
            size = pixels_of(content)
            with self._budget.room(needed(size, size, len(content))):
                with self._core:
                    file = reveal_file(
                        read,
                        lambda container: revealer.recover_image(container, self._passphrase),
                        replace(files, format=row.format or files.format),
                        clock,
                    )
                target = row.named(file.extension)
                with clock.stage("encode"):
                    self._write(target, file.content, None, private=True)
            damage = file.damage
            result = replace(
                result,
                size=file.size,
                seconds=clock.seconds,
                model=file.model,
                notes=(*notes, *file.notes),
                payload=file.payload,
                error=AlteredError.of_damage(damage) if damage else None,
            )
        except ExistsError as error:
            result = replace(result, seconds=clock.seconds, **_found(target, error))
        except PlainsightError as error:
            result = replace(result, seconds=clock.seconds, notes=tuple(notes), error=error)
        return _record(row, result, target)

    def _content(self, place: str) -> bytes:
        return store_of(place).read(place, self._settings.files.max_pixels)

    def _decoded(self, content: bytes) -> Image:
        files = self._settings.files
        return decode(content, files.max_pixels, accept_damaged=files.accept_damaged)

    def _decoded_secret(self, secret: bytes | Image) -> Image:
        if not isinstance(secret, bytes):
            return secret
        with _of_secret():
            return self._decoded(secret)

    def _secret_of(self, place: str) -> tuple[bytes | Image, int]:
        """A secret's content, or where all covers share one, the picture; and its pixels."""
        if not self._settings.one_secret:
            content = self._content(place)
            return content, pixels_of(content)
        with self._lock:
            if self._secret is None or self._secret[0] != place:
                content = self._content(place)
                # As it is hidden, so that this is done once.
                strip = self._settings.files.strip_metadata
                image = secret_as_hidden(self._decoded(content), strip=strip)
                self._secret = place, image, pixels_of(content)
            return self._secret[1:]

    def _existing(self, row: Row) -> str | None:
        if self._settings.files.overwrite:
            return None
        store = store_of(row.target)
        return next((place for place in row.possible if store.exists(place)), None)

    def _write(
        self, place: str, content: bytes, check: Check | None, *, private: bool = False
    ) -> None:
        overwrite = self._settings.files.overwrite
        store = store_of(place)
        store.write(place, content, overwrite=overwrite, private=private, check=check)


def _record(row: Row, result: HideResult | RevealResult, target: str = "") -> dict[str, Any]:
    """What `--json` says, with places as they were given."""
    record = as_json(result)
    target = target or row.target
    if isinstance(result, HideResult):
        return record | {"cover": row.source, "secret": row.secret, "container": target}
    return record | {"container": row.source, "revealed": target}


def _found(place: str, error: ExistsError) -> dict[str, Any]:
    """What is said of an output that appeared meanwhile; a folder of that name is in the way."""
    return {"skipped": True} if store_of(place).exists(place) else {"error": error}


@contextmanager
def _of_secret() -> Iterator[None]:
    """Says in an error that it is about the secret, as a row names two files."""
    try:
        yield
    except FileError as error:
        error.message = f"secret: {error.message}"
        raise
