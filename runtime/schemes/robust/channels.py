"""What each strength is made for: the worst that may happen to its containers."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from runtime.images.image import Picture

Channel = Callable[[Picture], Picture]


def _jpeg(picture: Picture, quality: int) -> Picture:
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality]
    _, file = cv2.imencode(".jpg", swapped, parameters)  # 4:2:0
    back = cv2.imdecode(file, cv2.IMREAD_COLOR_RGB)
    assert back is not None, "it was just encoded"
    return np.asarray(back, np.uint8)


def shared(quality: int, scale: float = 1.0) -> Channel:
    """A picture saved as a JPEG file of quality 95, reduced, and saved as another."""

    def channel(picture: Picture) -> Picture:
        saved = _jpeg(picture, 95)
        if scale != 1.0:
            height, width = (max(1, round(side * scale)) for side in saved.shape[:2])
            resized = cv2.resize(saved, (width, height), interpolation=cv2.INTER_AREA)
            saved = np.asarray(resized, np.uint8)
        return _jpeg(saved, quality)

    return channel


CHANNELS: dict[str, tuple[Channel, ...]] = {
    "normal": (shared(75),),
    "strong": (shared(50), shared(85, 0.75)),
    "max": (shared(85, 0.5), shared(75, 0.67), shared(70, 0.78)),
}
"""By the name of the strength."""
