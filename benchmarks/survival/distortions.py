"""Distortions: what may happen to a container between hiding and revealing."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from PIL import Image

from runtime.images.image import Picture


@dataclass(frozen=True)
class Distortion:
    """One distortion of a container.

    Attributes:
        label: For tables and plots.
        apply: From the container to the picture that arrives, both uint8 (height, width, 3), RGB.
        crop: Pixels that are cropped at each edge, and are therefore missing from the secret.
    """

    label: str
    apply: Callable[[Picture], Picture]
    crop: int = 0


def all_distortions() -> list[Distortion]:
    """All distortions; within each kind, from mild to severe."""
    return [
        Distortion("PNG", partial(_file, "png")),
        Distortion("WebP lossless", partial(_file, "webp", lossless=True)),
        Distortion("one sample off by one", _change_one_sample),
        *(
            Distortion(
                f"JPEG {quality}, {sampling}",
                partial(_file, "jpeg", quality=quality, subsampling=sampling),
            )
            for sampling in ("4:4:4", "4:2:0")
            for quality in (100, 95, 90, 85, 80, 70, 60, 50, 40)
        ),
        *(
            Distortion(f"WebP {quality}", partial(_file, "webp", quality=quality, method=4))
            for quality in (90, 80, 70, 60, 50)
        ),
        *(
            Distortion(f"resize x{factor:g} and back", partial(_resize, factor))
            for factor in (2.0, 1.5, 0.75, 0.5)
        ),
        Distortion("crop by 16 px at each edge", partial(_crop, 16), 16),
        *(
            Distortion(f"noise, sigma {sigma:g}", partial(_add_noise, sigma))
            for sigma in (1.0, 2.0, 4.0)
        ),
        *(Distortion(f"blur, sigma {sigma:g}", partial(_blur, sigma)) for sigma in (0.5, 1.0)),
        *(
            Distortion(f"brightness {percent:+d} %", partial(_brighten, percent))
            for percent in (1, 5, -5)
        ),
        Distortion("shift by half a pixel", _shift),
    ]


def _file(extension: str, picture: Picture, **settings: Any) -> Picture:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, extension, **settings)
    with Image.open(io.BytesIO(file.getvalue())) as decoded:
        return np.array(decoded.convert("RGB"), np.uint8)


def _change_one_sample(picture: Picture) -> Picture:
    changed = picture.copy()
    place = changed.shape[0] // 2, changed.shape[1] // 2, 1
    changed[place] = changed[place] - 1 if changed[place] else 1
    return changed


def _resize(factor: float, picture: Picture) -> Picture:
    height, width, _ = picture.shape
    size = round(width * factor), round(height * factor)
    shrinks = factor < 1
    small, large = cv2.INTER_AREA, cv2.INTER_CUBIC
    resized = cv2.resize(picture, size, interpolation=small if shrinks else large)
    restored = cv2.resize(resized, (width, height), interpolation=large if shrinks else small)
    return np.asarray(restored, np.uint8)


def _crop(pixels: int, picture: Picture) -> Picture:
    return picture[pixels:-pixels, pixels:-pixels].copy()


def _add_noise(sigma: float, picture: Picture) -> Picture:
    noise = np.random.default_rng(0).normal(0, sigma, picture.shape)
    return _rounded(picture + noise)


def _blur(sigma: float, picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _brighten(percent: int, picture: Picture) -> Picture:
    return _rounded(picture * (1 + percent / 100))


def _shift(picture: Picture) -> Picture:
    # Like a screenshot of a page that is not aligned to whole pixels.
    move = np.array([[1, 0, 0.5], [0, 1, 0.5]], np.float32)
    height, width, _ = picture.shape
    shifted = cv2.warpAffine(
        picture, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(shifted, np.uint8)


def _rounded(values: Any) -> Picture:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
