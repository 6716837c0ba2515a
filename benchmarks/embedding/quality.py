"""Quality of covers and secrets through PNG files, and the time that hide and reveal take."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import runtime
from runtime.images.metrics import psnr
from runtime.images.resize import resize_to

_WORDS = "correct horse battery staple"


def quality_row(files: Sequence[Path], payload: float, folder: Path) -> dict[str, Any]:
    """What becomes of photographs, each a cover once and a secret once, at a payload."""
    each = []
    with (
        runtime.Hider("quiet", device="cpu", threads=1, payload_rate=payload) as hider,
        runtime.Revealer("quiet", device="cpu", threads=1) as revealer,
    ):
        for number, file in enumerate(files):
            each.append(_outcome(hider, revealer, file, files[number - 1], folder))
    return {"payload": payload, "pictures": len(each), **_summary(each), "each": each}


def _outcome(
    hider: runtime.Hider, revealer: runtime.Revealer, cover: Path, secret: Path, folder: Path
) -> dict[str, Any]:
    path = folder / "container.png"
    start = time.process_time()
    try:
        content = hider.hide(cover, secret, _WORDS)
    except runtime.PictureError as error:
        return {"cover": cover.name, "secret": secret.name, "refused": error.message}
    hidden = time.process_time()
    path.write_bytes(content)
    container = runtime.read_picture(path)
    read = time.process_time()
    revealed = revealer.recover(path, _WORDS)
    done = time.process_time()
    before = resize_to(runtime.read_picture(cover), *container.shape[:2])
    after = psnr(runtime.read_picture(secret), revealed.picture)
    megapixels = container.shape[0] * container.shape[1] / 1e6
    return {
        "cover": cover.name,
        "secret": secret.name,
        "cover_psnr": round(psnr(before, container), 3),
        "revealed_psnr": round(min(after, 100.0), 3),
        "hide_seconds": round((hidden - start) / megapixels, 3),
        "reveal_seconds": round((done - read) / megapixels, 3),
    }


def _summary(each: list[dict[str, Any]]) -> dict[str, Any]:
    used = [outcome for outcome in each if "refused" not in outcome]
    summary: dict[str, Any] = {"refused": len(each) - len(used)}
    for name in ("cover_psnr", "revealed_psnr"):
        values = [outcome[name] for outcome in used]
        summary[name] = {
            "mean": round(float(np.mean(values)), 2),
            "worst": round(min(values), 2),
        }
    for name in ("hide_seconds", "reveal_seconds"):
        summary[name] = round(float(np.median([outcome[name] for outcome in used])), 2)
    return summary
