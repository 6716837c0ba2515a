"""What every worker is told: small, and without any secret, since Ray shows and logs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.batch.options import BatchOptions
from runtime.batch.plan import OPEN
from runtime.distributed.places import with_extension
from runtime.images.formats import FORMATS


@dataclass(frozen=True)
class Row:
    """One picture to make.

    Attributes:
        number: Its place in the run.
        source: The cover, or the container.
        secret: The secret; empty for reveal.
        target: What is written; ends in `OPEN` where its extension is not known yet.
        format: Name of the format that it must have; empty for the default.
    """

    number: int
    source: str
    secret: str
    target: str
    format: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the extension of what is revealed is not known yet."""
        return self.target.endswith(OPEN)

    @property
    def possible(self) -> tuple[str, ...]:
        """All places that it may get."""
        if not self.is_open:
            return (self.target,)
        return tuple(with_extension(self.target, each.extension) for each in FORMATS.values())

    def named(self, extension: str) -> str:
        """The place that it gets if what is revealed has this extension."""
        return with_extension(self.target, extension) if self.is_open else self.target


@dataclass(frozen=True)
class PassphraseSource:
    """Where a worker finds the passphrase: never the passphrase itself.

    Attributes:
        file: A file on each worker.
        variable: An environment variable of each worker.
    """

    file: str | None = None
    variable: str | None = None


@dataclass(frozen=True)
class Settings:
    """How workers do their work.

    Attributes:
        command: `hide` or `reveal`.
        model: Name of the model, or a folder that each worker has; None to reveal what any of the
            included models hid that can tell its containers.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        threads: Threads that work on one picture, on the CPU.
        at_once: Pictures that one worker works on at a time.
        memory: Bytes that one worker may use.
        files: How files are read and written.
        options: The model's options, by name.
        share_salt: Whether what a worker hides under one passphrase shares one salt.
        verify: Whether each container is revealed before it is kept.
        search: See `Revealer`.
        one_secret: Whether all covers get the same secret.
        passphrase: Where workers find it.
    """

    command: str
    model: str | Path | None
    device: str
    threads: int
    at_once: int
    memory: int
    files: BatchOptions
    options: dict[str, Any]
    share_salt: bool
    verify: bool
    search: bool
    one_secret: bool
    passphrase: PassphraseSource
