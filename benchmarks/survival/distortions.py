"""Distortions: what may happen to a container between hiding and revealing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np
from PIL import Image

from runtime.images.distortions import distortion_of
from runtime.images.image import Picture
from runtime.images.platforms import PLATFORMS
from runtime.images.resize import resize_to


@dataclass(frozen=True)
class Distortion:
    """One distortion of a container.

    Attributes:
        label: For tables and plots.
        apply: From the container to the picture that arrives, both uint8 (height, width, 3), RGB.
        crop: Pixels that are cropped at each edge, and may therefore be missing from the secret.
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
            for sampling, qualities in _JPEGS.items()
            for quality in qualities
        ),
        Distortion("double JPEG, 90 and 75", lambda picture: _jpeg(75, _jpeg(90, picture))),
        *(
            Distortion(f"WebP {quality}", partial(_file, "webp", quality=quality, method=4))
            for quality in (90, 80, 60)
        ),
        *(
            Distortion(f"AVIF {quality}", partial(_file, "avif", quality=quality))
            for quality in (80, 60)
        ),
        *(
            Distortion(f"x{factor:g} {name}, JPEG {quality}", _resized_and_saved(resize, quality))
            for factor, quality in _SCALES
            for name, resize in _filters(factor)
        ),
        Distortion("crop by 4 px at each edge", partial(_crop, 4), 4),
        Distortion("crop by 16 px at each edge", partial(_crop, 16), 16),
        *(
            Distortion(f"noise, sigma {sigma:g}", partial(_add_noise, sigma))
            for sigma in (1.0, 2.0, 4.0)
        ),
        *(Distortion(f"blur, sigma {sigma:g}", partial(_blur, sigma)) for sigma in (0.5, 1.0)),
        *(Distortion(f"gamma {gamma:g}", partial(_gamma, gamma)) for gamma in (0.9, 1.1)),
        *(
            Distortion(f"brightness {percent:+d} %", partial(_brighten, percent))
            for percent in (1, 5, -5)
        ),
        Distortion("shift by half a pixel", _shift),
        *(Distortion(f"{name}: {steps}", distortion_of(name)) for name, steps in PLATFORMS.items()),
    ]


_JPEGS = {
    "4:2:0": (100, 95, 90, 85, 80, 75, 70, 60, 50, 40, 30),
    "4:4:4": (100, 90, 75, 50),
}
_SCALES = (
    *((factor, 85) for factor in (2.0, 1.3, 0.9, 0.755, 0.67, 0.5, 0.4)),
    *((0.78, 70), (0.67, 75), (0.67, 50)),
)
QUICK = (
    *("PNG", "WebP lossless", "one sample off by one", "JPEG 95, 4:2:0", "JPEG 75, 4:2:0"),
    *("x0.5 area, JPEG 85", "noise, sigma 1"),
)
"""Labels of those that a quick run has."""


def _filters(factor: float) -> Iterator[tuple[str, Callable[[Picture], Picture]]]:
    yield "area", partial(_area, factor)
    if factor not in (2.0, 1.3, 0.4):
        yield "bicubic", partial(_resample, factor, Image.Resampling.BICUBIC)
    yield "Lanczos", partial(_resample, factor, Image.Resampling.LANCZOS)


def _area(factor: float, picture: Picture) -> Picture:
    """Area averages, or cubic interpolation where it grows."""
    height, width = (round(side * factor) for side in picture.shape[:2])
    return resize_to(picture, height, width)


def _resample(factor: float, kernel: Image.Resampling, picture: Picture) -> Picture:
    height, width = (round(side * factor) for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), kernel), np.uint8)


def _resized_and_saved(
    resize: Callable[[Picture], Picture], quality: int
) -> Callable[[Picture], Picture]:
    return lambda picture: _jpeg(quality, resize(picture))


def _jpeg(quality: int, picture: Picture) -> Picture:
    return _file("jpeg", picture, quality=quality, subsampling="4:2:0")


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


def _crop(pixels: int, picture: Picture) -> Picture:
    return picture[pixels:-pixels, pixels:-pixels].copy()


def _add_noise(sigma: float, picture: Picture) -> Picture:
    noise = np.random.default_rng(0).normal(0, sigma, picture.shape)
    return _rounded(picture + noise)


def _blur(sigma: float, picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _gamma(gamma: float, picture: Picture) -> Picture:
    return _rounded(255 * (picture / 255) ** gamma)


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
