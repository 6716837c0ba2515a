"""How `robust` hides: what a cover can carry is tried, and the best payload of that size taken."""

from __future__ import annotations

from runtime.carriers.dct import forecast, writing
from runtime.carriers.dct.networks import Networks
from runtime.carriers.dct.strengths import Strength
from runtime.crypto.keys import FileKeys
from runtime.crypto.tags import TAG_BYTES
from runtime.engine.network import Network
from runtime.errors import PictureError
from runtime.images.image import Image, Picture
from runtime.payloads.choice import Chosen, exact_or_compact
from runtime.payloads.compact import Effort
from runtime.schemes.robust import description
from runtime.schemes.robust.channels import CHANNELS
from runtime.schemes.robust.description import Description


def check_size(cover: Picture) -> None:
    """Raises PictureError if a cover is too small."""
    height, width, _ = cover.shape
    if min(height, width) < writing.LEAST_SIDE:
        raise PictureError(
            f"cover must be at least {writing.LEAST_SIDE} pixels per side, got {width} x {height}"
        )


def room(networks: Networks, cover: Picture, strength: Strength) -> int:
    """Bytes of payload, without its tag, that a cover carries through what a strength is for.

    Raises:
        PictureError: It is too small.
    """
    check_size(cover)
    bits = forecast.room(networks, cover, strength, CHANNELS[strength.name])
    return max(bits // 8 - TAG_BYTES, 0)


def choose(secret: Image, budget: int, restore: Network | None, effort: Effort) -> Chosen:
    """The best payload of at most so many bytes.

    Args:
        secret: What is hidden.
        budget: Bytes.
        restore: The graph that restores compact pictures, if there is one.
        effort: See `compact.encode`.

    Raises:
        PictureError: None has so few.
    """
    chosen = exact_or_compact(secret, budget, restore, effort=effort)
    if chosen is None:
        raise PictureError(
            f"the cover carries {budget:,} bytes safely at this strength, which is too little for "
            "any picture; a larger cover carries more"
        )
    return chosen


def embed(
    networks: Networks, cover: Picture, chosen: Chosen, strength: Strength, keys: FileKeys
) -> Picture:
    """Writes a payload into a cover; returns the container."""
    size = cover.shape[0], cover.shape[1]
    said = Description(strength, chosen.kind, len(chosen.content) + TAG_BYTES, size)
    return writing.write(
        networks,
        cover,
        strength,
        description.opened(keys),
        description.sealed(said, keys),
        chosen.content + description.payload_tag(said, chosen.content, keys),
        description.description_dither(keys, strength),
        description.payload_dither(keys, strength, size),
    )
