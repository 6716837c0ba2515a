"""The pictures that are timed, the same in every run, and whether a model still works on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import skimage.data

import runtime
from benchmarks.command import GateError
from benchmarks.photographs import Picture
from benchmarks.quality import psnr
from runtime._models import load_model
from runtime._pictures import resize_to

_MARGIN = 3.0


@dataclass(frozen=True)
class Gate:
    """Whether a model hides and reveals as well as its manifest says, on the pictures timed.

    Attributes:
        model: Name of the model.
        passphrase: Whether there was one.
        cover_psnr: In dB.
        revealed_psnr: In dB.
        cover_floor: The manifest's worst picture, less 3 dB; None if it names none.
        revealed_floor: Likewise.
    """

    model: str
    passphrase: bool
    cover_psnr: float
    revealed_psnr: float
    cover_floor: float | None
    revealed_floor: float | None


def cover_and_secret(width: int, height: int) -> tuple[Picture, Picture]:
    """Two of scikit-image's photographs, stretched to a size."""
    return (
        resize_to(skimage.data.astronaut(), height, width),
        resize_to(skimage.data.coffee(), height, width),
    )


def check(model: str | Path, device: str, passphrase: str | None = None) -> Gate:
    """Hides and reveals once; a fast wrong model must not pass.

    Raises:
        GateError: The model does worse than its manifest says, or needs no passphrase to reveal
            what was hidden with one.
    """
    cover, secret = cover_and_secret(512, 512)
    hider, revealer = (kind(model, device=device) for kind in (runtime.Hider, runtime.Revealer))
    container = hider.hide(cover, secret, passphrase)
    revealed = revealer.reveal(container, passphrase)
    if passphrase is not None:
        _refuse_open(revealer, container)
    floors = [_floor(load_model(model).manifest, f"{part}_psnr") for part in ("cover", "revealed")]
    psnrs = psnr(cover, container), psnr(secret, revealed)
    gate = Gate(hider.model, passphrase is not None, *psnrs, *floors)
    for part, floor in (("cover", gate.cover_floor), ("revealed", gate.revealed_floor)):
        found = getattr(gate, f"{part}_psnr")
        if floor is not None and found < floor:
            raise GateError(
                f"{model} is not right on {hider.device}: {part} PSNR {found:.1f} dB, by its "
                f"manifest at least {floor:.1f}; its times are not worth measuring"
            )
    return gate


def _refuse_open(revealer: runtime.Revealer, container: Picture) -> None:
    try:
        revealer.reveal(container)
    except runtime.NothingHiddenError:
        return
    raise GateError(f"{revealer.model} reveals without the passphrase that it hid with")


def _floor(manifest: dict[str, Any], what: str) -> float | None:
    quality = manifest.get("quality") or {}
    # A model of several payloads has its figures by payload; 2 bits a sample is the default.
    found = (quality.get("by_bits") or {}).get("2", quality).get(what)
    return float(found["worst"]) - _MARGIN if found else None
