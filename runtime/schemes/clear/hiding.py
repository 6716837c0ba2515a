"""How `clear` hides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runtime.crypto.keys import Keys
from runtime.engine.network import Network
from runtime.errors import PictureError
from runtime.images.image import Picture
from runtime.payloads import code
from runtime.schemes.clear import header
from runtime.schemes.clear.grid import SMALLEST
from runtime.schemes.clear.header import Description
from runtime.schemes.clear.limits import LARGEST_SECRET, is_too_large
from runtime.schemes.clear.work import TileOfWork, Work, for_each_batch, pads_of, stacked

_LARGEST_SIDE = 1 << 24


def hide(
    network: Network,
    pairs: Sequence[tuple[Picture, Picture]],
    bits: int,
    keys: Keys,
    code_id: bytes,
) -> list[Picture]:
    """Hides secrets, stretched to their covers' sizes.

    Args:
        network: The hide graph.
        pairs: Covers and secrets, uint8 (height, width, 3) each.
        bits: Payload in bits per sample.
        keys: Makes those of each container.
        code_id: See `Description`.

    Raises:
        PictureError: A cover is smaller than 16 pixels per side, or a picture is too large.
    """
    works = [_begin(network, *pair, bits, keys, code_id) for pair in pairs]

    def do(batch: list[TileOfWork]) -> None:
        pads = pads_of(batch)
        headers = [header.header_bytes(w.keys, w.description, t.number) for w, t in batch]
        feed = {
            "cover": stacked(batch, lambda work: work.given),
            "secret": stacked(batch, lambda work: work.secret),
            "pad": pads,
            "header": np.stack(headers),
            "bits": np.array(bits, np.int64),
        }
        (containers,) = network.run(feed, "container")
        for (work, tile), container, pad in zip(batch, containers, pads, strict=True):
            cover = work.given[tile.rows, tile.columns]
            header.seal(container, cover, work.keys, tile.number, pad, bits)
            work.output[tile.rows, tile.columns] = container

    for_each_batch(do, network, works)
    return [work.output for work in works]


def _begin(
    network: Network, cover: Picture, secret: Picture, bits: int, keys: Keys, code_id: bytes
) -> Work:
    height, width, _ = cover.shape
    if min(height, width) < SMALLEST:
        raise PictureError(
            f"cover must be at least {SMALLEST} pixels per side, got {width} x {height}"
        )
    sizes = (secret.shape[0], secret.shape[1]), (height, width)
    if max(*sizes[0], *sizes[1]) >= _LARGEST_SIDE:
        raise PictureError(f"a side must be shorter than {_LARGEST_SIDE} pixels")
    if is_too_large(*sizes):
        raise PictureError(
            f"secret has {secret.shape[1]} x {secret.shape[0]} pixels, more than {LARGEST_SECRET} "
            "times those of its cover; reduce it, or use a larger cover"
        )
    description = Description(network.model.name, bits, *sizes, code_id)
    fitted = code.to_cover_size(secret, (height, width))
    return Work(cover, fitted, np.empty_like(cover), keys.new(), description)
