"""Distortions of a picture on its way: saved anew, resized, or both, as platforms do.

A distortion is written as steps, such as `scale:0.5,jpeg:75`, or as the name of a platform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.errors import OutOfMemoryError, UsageError
from runtime.images.image import Picture
from runtime.images.platforms import PLATFORMS
from runtime.images.resize import resize_to

Step = Callable[[Picture], Picture]

_LEAST_QUALITY = 30


@dataclass(frozen=True)
class Distortion:
    """Steps that change a picture.

    Attributes:
        name: As it was asked for.
        steps: In this order.
    """

    name: str
    steps: tuple[Step, ...]

    def __call__(self, picture: Picture) -> Picture:
        """What arrives of a picture, uint8 (height, width, 3)."""
        for step in self.steps:
            picture = step(picture)
        return picture


def distortion_of(text: str) -> Distortion:
    """The distortion that is written so.

    Raises:
        UsageError: It is neither a platform nor steps.
    """
    steps = []
    for part in PLATFORMS.get(text.lower(), text).split(","):
        kind, _, value = part.strip().partition(":")
        step = _STEPS.get(kind.lower())
        number = _number(value)
        if step is None or number is None or not step.least <= number <= step.most:
            known = ", ".join(f"{name}:{each.shown}" for name, each in _STEPS.items())
            raise UsageError(
                f"{text!r} is not a distortion of a picture: it must be steps "
                f"({known}), separated by commas, or a platform ({', '.join(PLATFORMS)})"
            )
        steps.append(partial(step.apply, value=number))
    return Distortion(text, tuple(steps))


def saved_as(picture: Picture, extension: str, quality: int) -> Picture:
    """A picture as it comes back from a file of a format with loss; JPEG is 4:2:0.

    Raises:
        OutOfMemoryError: There is not enough memory.
    """
    back = cv2.imdecode(_file(picture, extension, quality), cv2.IMREAD_COLOR_RGB)
    if back is None:
        raise OutOfMemoryError("there is not enough memory to save it anew")
    return np.asarray(back, np.uint8)


def reduced(picture: Picture, longest: int) -> Picture:
    """A picture whose longest side is at most so many pixels."""
    return _scaled(picture, min(1.0, longest / max(picture.shape[:2])))


def _scaled(picture: Picture, scale: float) -> Picture:
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    return resize_to(picture, height, width)


def _file(picture: Picture, extension: str, quality: int) -> NDArray[np.uint8]:
    parameters = {"jpg": cv2.IMWRITE_JPEG_QUALITY, "webp": cv2.IMWRITE_WEBP_QUALITY}
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    try:
        _, content = cv2.imencode(f".{extension}", swapped, [parameters[extension], quality])
    except (cv2.error, MemoryError) as error:
        raise OutOfMemoryError("there is not enough memory to save it anew") from error
    return np.asarray(content, np.uint8)


def _jpeg(picture: Picture, value: float) -> Picture:
    return saved_as(picture, "jpg", round(value))


def _webp(picture: Picture, value: float) -> Picture:
    return saved_as(picture, "webp", round(value))


def _scale(picture: Picture, value: float) -> Picture:
    return _scaled(picture, value)


def _fit(picture: Picture, value: float) -> Picture:
    return reduced(picture, round(value))


def _area(picture: Picture, value: float) -> Picture:
    return _scaled(picture, min(1.0, sqrt(value / (picture.shape[0] * picture.shape[1]))))


def _bytes(picture: Picture, value: float) -> Picture:
    """Saved as JPEG of the highest quality, in steps of 5 below 95, that has so few bytes."""
    for quality in range(95, _LEAST_QUALITY, -5):
        content = _file(picture, "jpg", quality)
        if len(content) <= value:
            break
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR_RGB), np.uint8)


@dataclass(frozen=True)
class _Kind:
    apply: Callable[..., Picture]
    least: float
    most: float
    shown: str


_STEPS: Mapping[str, _Kind] = {
    "jpeg": _Kind(_jpeg, 1, 100, "QUALITY"),
    "webp": _Kind(_webp, 1, 100, "QUALITY"),
    "scale": _Kind(_scale, 0.05, 4, "FACTOR"),
    "fit": _Kind(_fit, 16, 100_000, "PIXELS"),
    "area": _Kind(_area, 256, 1e10, "PIXELS"),
    "bytes": _Kind(_bytes, 1_000, 1e10, "BYTES"),
}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
