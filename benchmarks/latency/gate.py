"""Checks that a model still works, on the pictures that are timed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import runtime
from benchmarks.common.command import GateError
from benchmarks.common.configurations import code_only, default_options
from benchmarks.common.metrics import psnr
from benchmarks.common.photographs import cover_and_secret
from runtime.engine.models import load_model
from runtime.images.image import Picture

_MARGIN = 3.0
_SIDE = 512


@dataclass(frozen=True)
class Gate:
    """How well a model hides and reveals, and how well it must by its manifest.

    Attributes:
        model: Name of the model.
        passphrase: Whether there was one.
        cover_psnr: In dB.
        revealed_psnr: In dB.
        cover_floor: Worst picture of the manifest minus 3 dB; None if the manifest has none.
        revealed_floor: The same for the revealed secret.
    """

    model: str
    passphrase: bool
    cover_psnr: float
    revealed_psnr: float
    cover_floor: float | None
    revealed_floor: float | None


def check(model: str | Path, device: str, passphrase: str | None = None) -> Gate:
    """Hides and reveals once, so that a fast but wrong model is not timed.

    Args:
        model: Name, or path of a model folder.
        device: See `runtime.Hider`.
        passphrase: To hide and reveal with; None for none.

    Raises:
        GateError: The model is worse than its manifest says, or reveals without the passphrase
            what was hidden with one.
    """
    cover, secret = cover_and_secret(_SIDE, _SIDE)
    hider = runtime.Hider(model, device=device, **code_only(model))
    revealer = runtime.Revealer(model, device=device)
    container = hider.hide(cover, secret, passphrase)
    revealed = revealer.reveal(container, passphrase)
    if passphrase is not None:
        _check_protected(revealer, container)
    gate = Gate(
        hider.model,
        passphrase is not None,
        psnr(cover, container),
        psnr(secret, revealed),
        _floor(model, "cover_psnr"),
        _floor(model, "revealed_psnr"),
    )
    for what, value, floor in (
        ("cover", gate.cover_psnr, gate.cover_floor),
        ("revealed", gate.revealed_psnr, gate.revealed_floor),
    ):
        if floor is not None and value < floor:
            raise GateError(
                f"{model} does not work on {hider.device}: {what} PSNR is {value:.1f} dB, and by "
                f"its manifest at least {floor:.1f} dB; its times are not worth measuring"
            )
    return gate


def _check_protected(revealer: runtime.Revealer, container: Picture) -> None:
    try:
        revealer.reveal(container)
    except runtime.NothingHiddenError:
        return
    raise GateError(f"{revealer.model} reveals without the passphrase that it was hidden with")


def _floor(model: str | Path, figure: str) -> float | None:
    """The lowest PSNR in dB that is accepted with the model's default options."""
    quality: dict[str, Any] = load_model(model).manifest.get("quality") or {}
    for name, value in default_options(model).items():
        quality = quality.get(f"by_{name}", {}).get(str(value), quality)
    return float(quality[figure]["worst"]) - _MARGIN if quality.get(figure) else None
