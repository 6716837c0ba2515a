"""Which covers give a container away, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.errors import PictureError
from runtime.images.image import Image, Picture
from runtime.images.resize import resize_to
from runtime.schemes.quiet.places import LEAST_SIDE
from runtime.schemes.quiet.traces import was_enlarged, was_jpeg

Rounded = NDArray[np.float32]

_CLIPPED_SHARE = 0.1
_FLAT_SHARE = 0.3
_FEW_COLOURS = 2000
_LOOKED_AT = 1 << 16  # pixels


@dataclass(frozen=True, eq=False)
class Prepared:
    """A cover as it is used.

    Attributes:
        cover: At the size that the container will have.
        cut_off: float32 (height, width, 3), what rounding cut off its samples, -0.5 .. 0.5; None
            if that is not known.
        notes: What the user should know, each a short phrase.
    """

    cover: Image
    cut_off: Rounded | None
    notes: tuple[str, ...]


def prepared(cover: Image, keep_size: bool, halve: bool = False) -> Prepared:
    """A cover as it is used: halved by area averages where its past as a JPEG shows.

    Args:
        cover: The cover.
        keep_size: Whether it has to keep its own size.
        halve: Whether it is halved in any case.

    Raises:
        PictureError: It is too small, or transparent and to be halved.
    """
    if min(cover.size) < LEAST_SIDE:
        raise PictureError(
            f"cover must be at least {LEAST_SIDE} pixels per side, got {cover.size[1]} x "
            f"{cover.size[0]}"
        )
    height, width = cover.size
    too_small = min(height, width) < 2 * LEAST_SIDE
    if halve and too_small:
        raise PictureError(
            f"cover must be at least {2 * LEAST_SIDE} pixels per side to be halved, got {width} x "
            f"{height}"
        )
    if halve and cover.alpha is not None:
        raise PictureError("cover is transparent, and such covers are not halved")
    lossy = cover.lossy_format is not None or was_jpeg(cover.pixels)
    is_halved = halve or (lossy and not keep_size and cover.alpha is None and not too_small)
    notes = []
    if lossy:
        then = f"it is reduced to {width // 2} x {height // 2} pixels"
        notes.append(
            "it was compressed with loss before, so that any change shows; "
            + (then if is_halved else "use another cover")
        )
    cut_off = None
    if is_halved:
        pixels, cut_off = halved(cover.pixels)
        cover = replace(cover, pixels=pixels)
    return Prepared(cover, cut_off, (*notes, *_warnings(cover)))


def halved(picture: Picture) -> tuple[Picture, Rounded]:
    """A picture at half its size by area averages, and what rounding cut off of these."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    half = resize_to(picture, height, width)
    cut_off = np.empty(half.shape, np.float32)
    # One by one, as floats of the whole picture take twelve bytes per pixel.
    for channel in range(half.shape[2]):
        samples = cv2.extractChannel(picture, channel).astype(np.float32)
        averages = cv2.resize(samples, (width, height), interpolation=cv2.INTER_AREA)
        np.subtract(averages, half[..., channel], out=cut_off[..., channel])
    return half, np.clip(cut_off, -0.5, 0.5, out=cut_off)


def _warnings(cover: Image) -> list[str]:
    pixels = cover.pixels
    warnings = []
    if was_enlarged(pixels):
        warnings.append("it has no detail at its own size, as if it was enlarged, so changes show")
    clipped = _clipped_share(pixels)
    if clipped >= _CLIPPED_SHARE:
        warnings.append(f"{clipped:.0%} of its pixels are pure white or black, which is left as is")
    if _colours(pixels) < min(_FEW_COLOURS, pixels.shape[0] * pixels.shape[1] // 8):
        warnings.append("it has few colours, so any new one shows; use a photograph")
    elif _flat_share(pixels) >= _FLAT_SHARE:
        warnings.append("much of it is flat, as in a drawing, so changes show; use a photograph")
    return warnings


def _clipped_share(pixels: Picture) -> float:
    """Share of the pixels whose samples are all 255 or all 0."""
    count = 0
    for level in (0, 255):
        every = (level, level, level)
        count += cv2.countNonZero(cv2.inRange(pixels, every, every))
    return float(count / (pixels.shape[0] * pixels.shape[1]))


def _colours(pixels: Picture) -> int:
    """Different colours of at most so many pixels, evenly spaced."""
    flat = pixels.reshape(-1, 3)
    some = flat[:: max(1, len(flat) // _LOOKED_AT)].astype(np.uint32)
    return len(np.unique(some[:, 0] << 16 | some[:, 1] << 8 | some[:, 2]))


def _flat_share(pixels: Picture) -> float:
    """Share of the pixels that equal the one to their right and the one below."""
    inner = pixels[:-1, :-1]
    same = (inner == pixels[:-1, 1:]) & (inner == pixels[1:, :-1])
    return float(same.all(axis=2).mean())
