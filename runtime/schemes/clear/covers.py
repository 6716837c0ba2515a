"""What a user should know of a cover before its container is shown to others."""

from __future__ import annotations

import cv2

from runtime.images.image import Image

_CLIPPED_SHARE = 0.1


def notes_on(cover: Image) -> tuple[str, ...]:
    """Notes on a cover that hiding changes more visibly than others, each a short phrase."""
    notes = []
    if cover.alpha is not None and not cover.alpha.all():
        notes.append(
            "its transparent pixels carry noise, which shows where transparency is removed"
        )
    clipped = _clipped_share(cover)
    if clipped >= _CLIPPED_SHARE:
        notes.append(
            f"{clipped:.0%} of its pixels are pure white or black, which hiding makes slightly "
            "grey or coloured"
        )
    return tuple(notes)


def _clipped_share(cover: Image) -> float:
    """Share of the pixels whose samples are all 255 or all 0."""
    count = 0
    for level in (0, 255):
        every = (level, level, level)
        # Many times faster than NumPy's comparisons, which would take a tenth of the time to hide.
        count += cv2.countNonZero(cv2.inRange(cover.pixels, every, every))
    return count / (cover.size[0] * cover.size[1])
