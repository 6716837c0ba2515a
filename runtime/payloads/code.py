"""The learned code of a secret, as format 1 of `clear` carries it.

The code itself is in the graphs. It has the size of the cover, so the secret is stretched to that
size before it is coded, and back to its own size when it is revealed.
"""

from __future__ import annotations

from runtime.images.image import Picture
from runtime.images.resize import resize_to

GREY = 128
"""Level of what a damaged code would have shown: its decoder makes noise of it."""


def to_cover_size(secret: Picture, size: tuple[int, int]) -> Picture:
    """The secret as it is coded, stretched to (height, width).

    Raises:
        PictureError: There is not enough memory for it.
    """
    return resize_to(secret, *size)


def to_own_size(decoded: Picture, size: tuple[int, int]) -> Picture:
    """The secret as it is given back, stretched to its own (height, width).

    Raises:
        PictureError: There is not enough memory for it.
    """
    return resize_to(decoded, *size)
