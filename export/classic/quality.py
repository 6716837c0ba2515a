"""Quality of the graphs of `classic`: each photograph is once a cover and once a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from export.parity import session, through_png
from export.quality import compare, pairs


def measure(hide: bytes, reveal: bytes, files: list[Path]) -> dict[str, Any]:
    """Hides the next photograph in each one, and reveals it, both through PNG.

    Args:
        hide: Serialized graph.
        reveal: Serialized graph.
        files: Photographs, two or more; a secret is resized to its cover.

    Returns:
        For the PSNR and the SSIM of covers and revealed secrets: mean, worst, and the file that
        is worst.
    """
    hider, revealer = session(hide), session(reveal)
    values: dict[str, list[float]] = {}
    for cover, secret in pairs(files):
        (output,) = hider.run(["container"], {"cover": cover[None], "secret": secret[None]})
        container = through_png(output[0])
        (output,) = revealer.run(["secret"], {"container": container[None]})
        found = compare("cover", cover, container)
        found |= compare("revealed", secret, through_png(output[0]))
        for name, value in found.items():
            values.setdefault(name, []).append(value)
    quality = {}
    for name, each in values.items():
        worst = int(np.argmin(each))
        file = files[worst if name.startswith("cover") else (worst + 1) % len(files)]
        quality[name] = {
            "mean": round(float(np.mean(each)), 4),
            "worst": round(each[worst], 4),
            "worst_file": file.name,
        }
    return quality


def summary(quality: dict[str, Any]) -> list[str]:
    """The measured quality in a line of text."""
    cover, revealed = quality["cover_psnr"], quality["revealed_psnr"]
    return [
        f"cover {cover['mean']:.2f} dB (worst {cover['worst']:.2f}), "
        f"revealed {revealed['mean']:.2f} dB (worst {revealed['worst']:.2f})"
    ]
