"""Quality of pictures while training: PSNR, and what a model does to validation pairs."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

from training.batches import Batch


@dataclass(frozen=True)
class Measured:
    """Pictures, uint8 (pairs, height, width, 3), and mean PSNRs in dB over the pairs."""

    containers: NDArray[np.uint8]
    revealed: NDArray[np.uint8]
    cover_psnr: float
    revealed_psnr: float


def psnr_of_mse(mse: float) -> float:
    """PSNR in dB for a mean squared error of samples in 0 .. 1."""
    return float(-10.0 * np.log10(max(mse, 1e-10)))


def psnr(picture: NDArray[np.uint8], estimate: NDArray[np.uint8]) -> float:
    """PSNR in dB of 8-bit pictures; at most 107, as for one sample of 512x512 off by one."""
    with np.errstate(divide="ignore"):
        return min(float(peak_signal_noise_ratio(picture, estimate)), 107.0)


def measure(model: keras.Model, pairs: Batch) -> Measured:
    """Hides and reveals the pairs, one at a time to save memory.

    Args:
        model: Takes `cover` and `secret`; returns `container` and `revealed` in 0 .. 1.
        pairs: `cover` and `secret`, uint8 (pairs, height, width, 3).
    """
    containers, revealed, cover_psnrs, revealed_psnrs = [], [], [], []
    for index in range(len(pairs["cover"])):
        pair = {name: pictures[index : index + 1] for name, pictures in pairs.items()}
        outputs = model.predict_on_batch(pair)
        containers.append(_to_uint8(outputs["container"][0]))
        revealed.append(_to_uint8(outputs["revealed"][0]))
        cover_psnrs.append(psnr(pair["cover"][0], containers[-1]))
        revealed_psnrs.append(psnr(pair["secret"][0], revealed[-1]))
    return Measured(
        np.stack(containers),
        np.stack(revealed),
        float(np.mean(cover_psnrs)),
        float(np.mean(revealed_psnrs)),
    )


def _to_uint8(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(picture, 0.0, 1.0) * 255.0), np.uint8)
