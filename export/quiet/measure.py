"""What hiding costs a cover by these costs, for the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from export.parity import session
from runtime.images.image import Image
from runtime.schemes.quiet import joint
from runtime.schemes.quiet.costs import masked

_RATES = (0.05, 0.1, 0.2)


def measure(graph: bytes, files: list[Path]) -> dict[str, Any]:
    """PSNR of covers whose best changes carry each payload, for the manifest.

    The changes themselves are not made: their mean number follows from their probabilities.
    """
    run = session(graph).run
    squares: dict[float, list[float]] = {rate: [] for rate in _RATES}
    for file in files:
        picture = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
        if picture is None:
            raise OSError(f"{file} cannot be read")
        cover = np.asarray(picture, np.uint8)
        costs, correlations = run(None, {"picture": cover})
        noise = masked(
            Image(cover),
            [np.ascontiguousarray(plane) for plane in cv2.split(costs)],
            [plane.reshape(-1).astype(np.float16) for plane in cv2.split(correlations)],
        ).noise
        for rate in _RATES:
            factor = joint.least_factor(noise, rate * cover.size)
            squares[rate].append(float(np.mean(joint.changing(noise, factor))))
    return {
        "by_payload": {
            str(rate): {
                "cover_psnr": {
                    "mean": round(float(np.mean([_psnr(square) for square in values])), 2),
                    "worst": round(_psnr(max(values)), 2),
                }
            }
            for rate, values in squares.items()
        }
    }


def summary(quality: dict[str, Any]) -> list[str]:
    """The same in lines of text."""
    return [
        f"{rate} bits per sample: cover {row['cover_psnr']['mean']:.2f} dB"
        for rate, row in quality["by_payload"].items()
    ]


def _psnr(square: float) -> float:
    return float(10 * np.log10(255**2 / square))
