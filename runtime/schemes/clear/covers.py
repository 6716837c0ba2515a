"""What a user should know of a cover before its container is shown to others."""

from __future__ import annotations

import numpy as np

from runtime.images.image import Image

_CLIPPED_SHARE = 0.1
_STRIP = 256


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
    # In strips, to keep the comparisons' memory small.
    for top in range(0, cover.size[0], _STRIP):
        strip = cover.pixels[top : top + _STRIP]
        count += int(np.count_nonzero((strip == 255).all(axis=2) | (strip == 0).all(axis=2)))
    return count / (cover.size[0] * cover.size[1])
