"""Counts the JPEG photographs of a folder that come back byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import runtime
from benchmarks.common.metrics import psnr
from benchmarks.common.photographs import fitted, shown
from benchmarks.quality.rows import mean, worst
from runtime import read_picture
from runtime.engine.cores import cores
from runtime.images.decode import decode
from runtime.images.encode import encode
from runtime.images.formats import sniff


def jpeg_files(files: Sequence[Path]) -> list[Path]:
    """Those of the files that are JPEG by their content."""
    kinds = ((file, sniff(file.read_bytes())) for file in files)
    return [file for file, header in kinds if header is not None and header.format == "jpeg"]


def cover_for(secret: Path, photograph: Path) -> runtime.Picture:
    """A photograph at the size of a secret, cropped to its shape and resized."""
    height, width, _ = shown(secret).shape
    return fitted(read_picture(photograph), height, width)


def count(files: Sequence[Path], bits: int) -> dict[str, Any]:
    """Hides each file in a cover of as many pixels, and counts which come back.

    Args:
        files: JPEG files; the cover of each is made of the next one.
        bits: Most bits per sample.

    Returns:
        What the result file says of this payload.
    """
    covers = [*files[1:], *files[:1]]
    with (
        runtime.Hider(bits=bits, device="cpu", threads=1) as hider,
        runtime.Revealer(device="cpu", threads=1) as revealer,
        ThreadPoolExecutor(cores()) as pool,
    ):
        work = partial(_outcome, hider, revealer)
        done = pool.map(work, files, covers)
        outcomes = list(tqdm(done, total=len(files), unit="file", disable=None, leave=False))
    exact = [outcome for outcome in outcomes if outcome["byte_for_byte"]]
    return {
        "bits": bits,
        "files": len(files),
        "byte_for_byte": len(exact),
        "repacked": sum(outcome["kind"] == "repacked" for outcome in outcomes),
        "pixel_for_pixel": sum(outcome["kind"] == "pixels" for outcome in outcomes),
        "failed": sum(outcome["error"] is not None for outcome in outcomes),
        "cover_psnr": mean([outcome["cover_psnr"] for outcome in outcomes]),
        "cover_psnr_worst": worst([outcome["cover_psnr"] for outcome in outcomes]),
        "bits_per_pixel": mean([outcome["bits_per_pixel"] for outcome in outcomes]),
        "revealed_psnr": mean([outcome["revealed_psnr"] for outcome in outcomes]),
        "revealed_psnr_worst": worst([outcome["revealed_psnr"] for outcome in outcomes]),
        "each": outcomes,
    }


def _outcome(
    hider: runtime.Hider, revealer: runtime.Revealer, secret: Path, photograph: Path
) -> dict[str, Any]:
    """What became of one file, through PNG."""
    outcome: dict[str, Any] = {
        "file": secret.name,
        "kind": None,
        "byte_for_byte": False,
        "bits_per_pixel": None,
        "cover_psnr": None,
        "revealed_psnr": None,
        "error": None,
    }
    try:
        cover = cover_for(secret, photograph)
        content, _ = encode(cover, "png")
        container = hider.hide(content, secret)
        revealed = revealer.recover(container)
    except runtime.PlainsightError as error:
        return {**outcome, "error": f"{error}"}
    assert revealed.payload is not None
    outcome |= {
        "kind": revealed.payload.kind,
        "byte_for_byte": revealed.file == secret.read_bytes(),
        "bits_per_pixel": round(revealed.payload.bits_per_pixel, 3),
        "cover_psnr": psnr(cover, decode(container).pixels),
    }
    original = shown(secret)
    if not np.array_equal(original, revealed.picture):
        outcome["revealed_psnr"] = psnr(original, revealed.picture)
    return outcome
