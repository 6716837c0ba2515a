"""What a model in training does to the validation pairs, through an 8-bit container."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

from training.batches import Batch


@dataclass(frozen=True)
class Measured:
    """Pictures as uint8 (pairs, height, width, 3) and PSNRs in dB, averaged over the pairs."""

    containers: NDArray[np.uint8]
    revealed: NDArray[np.uint8]
    cover_psnr: float
    revealed_psnr: float


def psnr_of_mse(mse: float) -> float:
    """PSNR in dB of a mean squared error of samples in 0 .. 1."""
    return float(-10.0 * np.log10(max(mse, 1e-10)))


def measure(model: keras.Model, pairs: Batch) -> Measured:
    """Hides and reveals each pair, one at a time so that memory stays small."""
    containers, revealed, cover_psnrs, revealed_psnrs = [], [], [], []
    for index in range(len(pairs["cover"])):
        pair = {name: pictures[index : index + 1] for name, pictures in pairs.items()}
        made = model.predict_on_batch(pair)
        containers.append(_to_uint8(made["container"][0]))
        revealed.append(_to_uint8(made["revealed"][0]))
        cover_psnrs.append(peak_signal_noise_ratio(pair["cover"][0], containers[-1]))
        revealed_psnrs.append(peak_signal_noise_ratio(pair["secret"][0], revealed[-1]))
    return Measured(
        np.stack(containers),
        np.stack(revealed),
        float(np.mean(cover_psnrs)),
        float(np.mean(revealed_psnrs)),
    )


def _to_uint8(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(picture, 0.0, 1.0) * 255.0).astype(np.uint8)
