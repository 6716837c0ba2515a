"""What happens to containers on their way: each channel is a function from picture to picture."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import Image

from runtime._pictures import Picture


@dataclass(frozen=True)
class Channel:
    """One thing that happens to a container.

    Attributes:
        name: For tables and plots.
        apply: Makes the picture that arrives; uint8 (height, width, 3), RGB, to the same.
        cut: Pixels that are cut off at each edge, and so lack in what can be revealed.
    """

    name: str
    apply: Callable[[Picture], Picture]
    cut: int = 0


def channels() -> list[Channel]:
    """The whole sweep, mild before severe within each kind."""
    found = [
        Channel("PNG", lambda p: _file(p, "png")),
        Channel("WebP lossless", lambda p: _file(p, "webp", lossless=True)),
        Channel("one sample off by one", _touch),
    ]
    for sampling in ("4:4:4", "4:2:0"):
        for quality in (100, 95, 90, 85, 80, 70, 60, 50, 40):
            found.append(
                Channel(
                    f"JPEG {quality}, {sampling}",
                    lambda p, q=quality, s=sampling: _file(p, "jpeg", quality=q, subsampling=s),
                )
            )
    for quality in (90, 80, 70, 60, 50):
        found.append(
            Channel(f"WebP {quality}", lambda p, q=quality: _file(p, "webp", quality=q, method=4))
        )
    for factor in (2.0, 1.5, 0.75, 0.5):
        found.append(Channel(f"resize x{factor:g} and back", lambda p, f=factor: _resize(p, f)))
    found.append(Channel("crop of 16 px an edge", lambda p: p[16:-16, 16:-16].copy(), 16))
    for sigma in (1.0, 2.0, 4.0):
        found.append(Channel(f"noise, sigma {sigma:g}", lambda p, s=sigma: _noise(p, s)))
    for sigma in (0.5, 1.0):
        found.append(Channel(f"blur, sigma {sigma:g}", lambda p, s=sigma: _blur(p, s)))
    for percent in (1, 5, -5):
        found.append(Channel(f"brightness {percent:+d} %", lambda p, r=percent: _brighten(p, r)))
    found.append(Channel("shift by half a pixel", _shift))
    return found


def _file(picture: Picture, extension: str, **settings: Any) -> Picture:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, extension, **settings)
    with Image.open(io.BytesIO(file.getvalue())) as decoded:
        return np.array(decoded.convert("RGB"), np.uint8)


def _touch(picture: Picture) -> Picture:
    touched = picture.copy()
    middle = touched.shape[0] // 2, touched.shape[1] // 2, 1
    touched[middle] = touched[middle] - 1 if touched[middle] else 1
    return touched


def _resize(picture: Picture, factor: float) -> Picture:
    height, width, _ = picture.shape
    size = round(width * factor), round(height * factor)
    shrinks = factor < 1
    small, large = cv2.INTER_AREA, cv2.INTER_CUBIC
    there = cv2.resize(picture, size, interpolation=small if shrinks else large)
    back = cv2.resize(there, (width, height), interpolation=large if shrinks else small)
    return np.asarray(back, np.uint8)


def _noise(picture: Picture, sigma: float) -> Picture:
    noise = np.random.default_rng(0).normal(0, sigma, picture.shape)
    return _rounded(picture + noise)


def _blur(picture: Picture, sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _brighten(picture: Picture, percent: int) -> Picture:
    return _rounded(picture * (1 + percent / 100))


def _shift(picture: Picture) -> Picture:
    # As a screenshot of a page that is not laid out on whole pixels.
    move = np.array([[1, 0, 0.5], [0, 1, 0.5]], np.float32)
    height, width, _ = picture.shape
    shifted = cv2.warpAffine(
        picture, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(shifted, np.uint8)


def _rounded(values: Any) -> Picture:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
