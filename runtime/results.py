"""The outcome for a file: results of folders, also as JSON objects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from runtime.errors import AlteredError, PlainsightError
from runtime.payloads import Payload
from runtime.schemes import all_options


@dataclass(frozen=True)
class Seconds:
    """Time by stage, the wait for a core included.

    Attributes:
        decode: Reading and decoding.
        network: Hiding or revealing.
        encode: Encoding, and writing until the file is on disk.
        verify: Revealing what was written, to check it.
    """

    decode: float = 0.0
    network: float = 0.0
    encode: float = 0.0
    verify: float = 0.0

    @property
    def total(self) -> float:
        """The sum of all stages."""
        return self.decode + self.network + self.encode + self.verify


@dataclass(frozen=True)
class Quality:
    """PSNR of a container that was read back, in dB over RGB; infinite for equal pictures.

    Attributes:
        cover: Of the container, against its cover.
        revealed: Of what it reveals, against the secret.
    """

    cover: float
    revealed: float


@dataclass(frozen=True)
class HideResult:
    """The outcome for one cover.

    Attributes:
        cover: File that was read.
        secret: File that was read.
        container: File that was written, or would have been.
        model: Name of the model.
        options: The model's options, by name.
        size: Height and width of the container in pixels; None if none was made.
        seconds: Time taken.
        notes: What the user should know, each a short phrase.
        skipped: Whether the container already existed and was left alone.
        payload: What the container carries; None if none was made, or the scheme does not say.
        quality: What verification measured, if it was requested.
        error: None if the container was written or skipped.
    """

    cover: Path
    secret: Path
    container: Path
    model: str
    options: Mapping[str, Any] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    seconds: Seconds = Seconds()
    notes: tuple[str, ...] = ()
    skipped: bool = False
    payload: Payload | None = None
    quality: Quality | None = None
    error: PlainsightError | None = None


@dataclass(frozen=True)
class RevealResult:
    """The outcome for one container.

    Attributes:
        container: File that was read.
        revealed: File that was written or skipped, or would have been written; ends in `.*` where
            nothing was revealed, so that its extension is not known. If the container was altered
            and part of the secret is left, that part is written and there is an error as well.
        model: Name of the model that revealed it, or of all that were asked.
        size: Height and width of the revealed secret in pixels; None if there is none.
        seconds: Time taken.
        notes: What the user should know, each a short phrase.
        skipped: Whether the file already existed and was left alone.
        payload: What the container carries; None if nothing was revealed, or the scheme does not
            say.
        error: None if the revealed secret was written or skipped.
    """

    container: Path
    revealed: Path
    model: str
    size: tuple[int, int] | None = None
    seconds: Seconds = Seconds()
    notes: tuple[str, ...] = ()
    skipped: bool = False
    payload: Payload | None = None
    error: PlainsightError | None = None


def as_json(result: HideResult | RevealResult) -> dict[str, Any]:
    """The result as a JSON object; docs/command-line.md describes its keys."""
    error = result.error
    if isinstance(result, HideResult):
        paths = {"cover": result.cover, "secret": result.secret, "container": result.container}
    else:
        paths = {"container": result.container, "revealed": result.revealed}
    record: dict[str, Any] = {
        "status": _status(result),
        **{name: str(path) for name, path in paths.items()},
        "model": result.model,
    }
    if isinstance(result, HideResult):
        # The options of every scheme, so that the keys are the same whichever is at work.
        record |= {name: result.options.get(name) for name in all_options()}
    record["height"], record["width"] = result.size or (None, None)
    record["payload"] = result.payload and payload_as_json(result.payload)
    record["seconds"] = {
        field.name: round(getattr(result.seconds, field.name), 4) for field in fields(Seconds)
    }
    if isinstance(result, HideResult) and result.quality:
        record["psnr"] = {
            "cover": _finite(result.quality.cover),
            "revealed": _finite(result.quality.revealed),
        }
    record["notes"] = list(result.notes)
    record["error"] = error and error_as_json(error)
    return record


def error_as_json(error: PlainsightError) -> dict[str, str]:
    """An error as a JSON object."""
    return {"code": error.code, "message": getattr(error, "message", None) or str(error)}


def payload_as_json(payload: Payload) -> dict[str, Any]:
    """A payload as a JSON object."""
    coded = payload.coded_size
    return {
        "kind": payload.kind,
        "exact": payload.exact,
        "bytes": payload.size,
        "capacity": payload.capacity,
        "bits_per_pixel": round(payload.bits_per_pixel, 4),
        "coded": coded and {"height": coded[0], "width": coded[1]},
        "psnr": None if payload.psnr is None else round(payload.psnr, 2),
    }


def _status(result: HideResult | RevealResult) -> str:
    if result.skipped:
        return "skipped"
    if result.error is None:
        return "done"
    if isinstance(result.error, AlteredError) and result.size is not None:
        return "partly"
    return "failed"


def _finite(psnr: float) -> float | None:
    return round(psnr, 3) if math.isfinite(psnr) else None
