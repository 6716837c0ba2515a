"""A picture from AVIF, with what a network knows of how it was before: strip by strip."""

from __future__ import annotations

import numpy as np

from runtime.engine.network import Network, Signature
from runtime.engine.parallel import for_each
from runtime.images.image import Picture

RESTORE = Signature(("picture", "quality"), ("restored",))

_STRIP = 256  # rows
_REACH = 32  # rows that the network may look beyond


def restored(network: Network, picture: Picture, quality: int) -> Picture:
    """What the network makes of a picture.

    Args:
        network: The graph `restore`.
        picture: uint8 (height, width, 3), as AVIF gave it.
        quality: That of the encoder, in 0 .. 100.
    """
    height = picture.shape[0]
    result = np.empty_like(picture)

    def do(top: int) -> None:
        low, end = max(top - _REACH, 0), min(top + _STRIP, height)
        part = picture[low : min(end + _REACH, height)]
        feed = {"picture": part, "quality": np.array(quality, np.float32)}
        (whole,) = network.run(feed, "restored")
        result[top:end] = whole[top - low : end - low]

    for_each(do, [*range(0, height, _STRIP)], network.side_by_side)
    return result
