"""What became of a file: results of folders, also as objects of JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from runtime._errors import AlteredError, PlainsightError
from runtime._pictures import Picture

_STRIP = 256


@dataclass(frozen=True)
class Seconds:
    """Time by stage. What a stage waits for a core is counted with it.

    Attributes:
        decode: Reading and decoding.
        network: Hiding or revealing.
        encode: Encoding, and writing until it is on the disk.
        verify: Revealing once more what was written.
    """

    decode: float = 0.0
    network: float = 0.0
    encode: float = 0.0
    verify: float = 0.0

    @property
    def total(self) -> float:
        """All of them."""
        return self.decode + self.network + self.encode + self.verify


@dataclass(frozen=True)
class Quality:
    """PSNR of a container that was read back, in dB over RGB; infinite where all is equal.

    Attributes:
        cover: Of the container, against its cover.
        revealed: Of what it reveals, against the secret, both at the size of the cover.
    """

    cover: float
    revealed: float


@dataclass(frozen=True)
class HideResult:
    """What became of one cover.

    Attributes:
        cover: File that was read.
        secret: File that was read.
        container: File that was written, or would have been.
        model: Name of the model.
        bits: Payload in bits a sample; None for a model that has none.
        size: Height and width of the container in pixels; None if it did not come to that.
        seconds: Time taken.
        notes: What the user should know of it, each in a few words.
        skipped: Whether the container was there already and was left alone.
        quality: What verification measured, if it was asked for.
        error: None if the container was written or skipped.
    """

    cover: Path
    secret: Path
    container: Path
    model: str
    bits: int | None
    size: tuple[int, int] | None = None
    seconds: Seconds = Seconds()
    notes: tuple[str, ...] = ()
    skipped: bool = False
    quality: Quality | None = None
    error: PlainsightError | None = None


@dataclass(frozen=True)
class RevealResult:
    """What became of one container.

    Attributes:
        container: File that was read.
        revealed: File that was written, or would have been. If the container was altered and part
            of the secret is left, it is written and there is an error all the same.
        model: Name of the model.
        size: Height and width of the revealed secret in pixels; None if it did not come to that.
        seconds: Time taken.
        notes: What the user should know of it, each in a few words.
        skipped: Whether the file was there already and was left alone.
        error: None if the revealed secret was written or skipped.
    """

    container: Path
    revealed: Path
    model: str
    size: tuple[int, int] | None = None
    seconds: Seconds = Seconds()
    notes: tuple[str, ...] = ()
    skipped: bool = False
    error: PlainsightError | None = None


def as_json(result: HideResult | RevealResult) -> dict[str, Any]:
    """The result as an object of JSON; docs/command-line.md describes its keys."""
    error = result.error
    if isinstance(result, HideResult):
        paths = {"cover": result.cover, "secret": result.secret, "container": result.container}
    else:
        paths = {"container": result.container, "revealed": result.revealed}
    made: dict[str, Any] = {
        "status": _status(result),
        **{name: str(path) for name, path in paths.items()},
        "model": result.model,
    }
    if isinstance(result, HideResult):
        made["bits"] = result.bits
    made["height"], made["width"] = result.size or (None, None)
    made["seconds"] = {
        field.name: round(getattr(result.seconds, field.name), 4) for field in fields(Seconds)
    }
    if isinstance(result, HideResult) and result.quality:
        made["psnr"] = {
            "cover": _finite(result.quality.cover),
            "revealed": _finite(result.quality.revealed),
        }
    made["notes"] = list(result.notes)
    made["error"] = error and {
        "code": error.code,
        "message": getattr(error, "message", None) or str(error),
    }
    return made


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


def psnr(picture: Picture, estimate: Picture) -> float:
    """Peak signal-to-noise ratio of two uint8 pictures, in dB over all samples."""
    total = 0
    # In strips: whole pictures in wider numbers would be the most that a run needs memory for.
    for top in range(0, picture.shape[0], _STRIP):
        strip = slice(top, top + _STRIP)
        difference = picture[strip].astype(np.int32) - estimate[strip]
        total += int(np.sum(difference * difference, dtype=np.int64))
    return 10.0 * math.log10(255.0**2 * picture.size / total) if total else math.inf
