"""What the measurements of all models share: pairs of photographs, and their PSNR and SSIM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from skimage.metrics import structural_similarity

from export.parity import Pictures
from training.measure import psnr
from training.photographs import read_photograph


def read(file: Path) -> Pictures:
    """An RGB photograph, uint8 (height, width, 3).

    Raises:
        ValueError: It cannot be read as a picture.
    """
    picture = read_photograph(file)
    if picture is None:
        raise ValueError(f"{file} cannot be read as a picture")
    return picture


def pairs(files: list[Path]) -> Iterator[tuple[Pictures, Pictures]]:
    """Each photograph with the next one, which is resized to the same size."""
    for index, file in enumerate(files):
        picture, other = read(file), read(files[(index + 1) % len(files)])
        if other.shape != picture.shape:
            size = (picture.shape[1], picture.shape[0])
            other = np.asarray(cv2.resize(other, size, interpolation=cv2.INTER_AREA), np.uint8)
        yield picture, other


def compare(name: str, picture: Pictures, estimate: Pictures) -> dict[str, float]:
    """PSNR in dB and SSIM of an estimate of a picture, as `name_psnr` and `name_ssim`."""
    ssim = structural_similarity(picture, estimate, channel_axis=2)
    return {f"{name}_psnr": psnr(picture, estimate), f"{name}_ssim": float(ssim)}
