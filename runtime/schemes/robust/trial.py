"""Whether what a container says of itself will come back: tried on the cover before it is used.

A description is coded strongly, but a small cover has few places for it, and a cover that is black
or white where it lies takes only half of each change.
"""

from __future__ import annotations

import numpy as np

from runtime.carriers.dct import forecast, reading
from runtime.carriers.dct.layout import REGION
from runtime.carriers.dct.networks import Networks
from runtime.carriers.dct.strengths import BLOCK, Strength
from runtime.crypto.keys import FileKeys, Keys
from runtime.errors import PictureError
from runtime.images.image import Picture
from runtime.payloads.choice import Chosen
from runtime.schemes.robust import description, hiding
from runtime.schemes.robust.channels import CHANNELS

_SIDE = REGION * BLOCK
_HEADROOMS = (0, 6, 16)
_MOST_CLIPPED = 0.008
_KEYS_EACH = 2
_ANY = Chosen("compact", bytes(16))


def prepared(
    networks: Networks, cover: Picture, strength: Strength, keys: Keys
) -> tuple[Picture, FileKeys, int]:
    """A cover and keys under which a description comes back through what a strength is for.

    Args:
        networks: The graphs.
        cover: uint8 (height, width, 3).
        strength: The strength.
        keys: For the container.

    Returns:
        The cover, its keys, and by how many levels its black and white were moved for that.

    Raises:
        PictureError: There are none; or the cover is too small.
    """
    hiding.check_size(cover)
    part = cover[:_SIDE, :_SIDE]
    for headroom in _HEADROOMS:
        tried = _within(part, headroom)
        if forecast.clipped(networks, tried, strength) > _MOST_CLIPPED:
            continue
        for _ in range(_KEYS_EACH):
            own = keys.new()
            if _comes_back(networks, tried, strength, own):
                return _within(cover, headroom), own, headroom
    raise PictureError(
        "the upper left of the cover is too small or too busy to be found again at this strength; "
        "a larger cover is better"
    )


def _within(picture: Picture, headroom: int) -> Picture:
    return np.clip(picture, headroom, 255 - headroom) if headroom else picture


def _comes_back(networks: Networks, part: Picture, strength: Strength, keys: FileKeys) -> bool:
    container = hiding.embed(networks, part, _ANY, strength, keys)
    dither = description.description_dither(keys, strength)
    for channel in CHANNELS[strength.name]:
        changed = channel(container)
        place = forecast.located(container, changed, strength)
        for region in reading.read_regions(networks, changed, [place]):
            opened = reading.read_open(networks, region)
            if opened and reading.read_sealed(networks, opened[1], dither):
                break
        else:
            return False
    return True
