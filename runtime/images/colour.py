"""Colour profiles: pictures as they look, in sRGB, by littlecms."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Image

if TYPE_CHECKING:
    from PIL import ImageCms
    from PIL.Image import Image as PillowImage

_PIXELS = 1 << 20
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}
_SIGNS = np.array([0, 128, 128], np.uint8)
_NOT_SEEN = 2
"""Levels that a profile may change colours by and still be taken for sRGB itself."""


def space_of(icc: bytes) -> str | None:
    """What colours a profile is for: `RGB`, `L`, `CMYK` or `LAB`; None for others."""
    return _MODES.get(icc[16:20].decode("latin-1"))


def is_srgb(icc: bytes) -> bool:
    """Whether a profile for RGB changes nothing that anyone could see."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    shown = to_srgb(grid, icc)
    return shown is not None and int(np.abs(shown.astype(int) - grid).max()) <= _NOT_SEEN


def to_srgb(samples: NDArray[np.uint8], icc: bytes | None) -> NDArray[np.uint8] | None:
    """Converts samples to sRGB.

    Args:
        samples: uint8 (height, width) grey, or (height, width, 3 or 4) RGB or CMYK, with 0 for no
            ink; or, without a profile, CIELAB with 128 for no a and no b.
        icc: The profile that they are meant by; None for CIELAB.

    Returns:
        uint8 (height, width, 3); None if the profile is damaged or for other colours.
    """
    from PIL import Image as Pillow
    from PIL import ImageCms

    mode = (
        "LAB"
        if icc is None
        else {2: "L"}.get(samples.ndim) or ("RGB", "CMYK")[samples.shape[2] - 3]
    )
    if icc is not None and space_of(icc) != mode:
        return None
    result = np.empty((*samples.shape[:2], 3), np.uint8)
    step = max(_PIXELS // samples.shape[1], 1)
    try:
        transform = _transform(icc, mode)
        for top in range(0, len(samples), step):
            part = np.ascontiguousarray(samples[top : top + step])
            if mode == "LAB":
                part = part ^ _SIGNS  # Pillow takes a and b with their signs
            height, width = part.shape[:2]
            image = Pillow.frombytes(mode, (width, height), part.tobytes())
            shown: PillowImage | None = ImageCms.applyTransform(image, transform)
            assert shown is not None
            result[top : top + step] = np.asarray(shown)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return result


@lru_cache(maxsize=4)
def _transform(icc: bytes | None, mode: str) -> ImageCms.ImageCmsTransform:
    from PIL import ImageCms

    source = (
        ImageCms.createProfile("LAB") if icc is None else ImageCms.ImageCmsProfile(io.BytesIO(icc))
    )
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")


def naive_rgb(cmyk: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """CMYK without a profile as RGB: light that each ink lets through, multiplied."""
    result = np.empty((*cmyk.shape[:2], 3), np.uint8)
    step = max(_PIXELS // cmyk.shape[1], 1)
    for top in range(0, len(cmyk), step):
        light = 255 - cmyk[top : top + step].astype(np.uint16)
        result[top : top + step] = (light[..., :3] * light[..., 3:] + 127) // 255
    return result


def as_shown(image: Image) -> Image:
    """The picture in sRGB, without a profile, and with a note if that changed it."""
    if image.icc is None:
        return image
    if is_srgb(image.icc):
        return replace(image, icc=None)
    pixels = to_srgb(image.pixels, image.icc)
    if pixels is None:
        note = "its colour profile is damaged; left out"
        return replace(image, icc=None, notes=(*image.notes, note))
    note = "its colours were converted to sRGB"
    return replace(image, pixels=pixels, icc=None, notes=(*image.notes, note))
