"""Bits into a cover."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct import layout
from runtime.carriers.dct.networks import Bits, Networks
from runtime.carriers.dct.strengths import BLOCK, Strength
from runtime.engine.parallel import for_each
from runtime.images.image import Picture

LEAST_SIDE = 128
"""Fewest pixels per side of a cover."""
HALF = np.uint8(128)
"""What a bit that is one adds to a phase."""
_STRIP = 256  # rows


def places(size: tuple[int, int], strength: Strength) -> int:
    """Places for bits of the payload, sent, in a cover of a height and width."""
    height, width = size
    return len(layout.payload_places(height // BLOCK, width // BLOCK, strength.number))


def bits_of(content: bytes) -> Bits:
    """The bits of bytes, the highest of each first."""
    return np.unpackbits(np.frombuffer(content, np.uint8))


def write(
    networks: Networks,
    cover: Picture,
    strength: Strength,
    opened: bytes,
    sealed: bytes,
    payload: bytes,
    sealed_dither: bytes,
    dither: bytes,
) -> Picture:
    """Writes a description and a payload into a cover.

    Args:
        networks: With the graphs `hide` and `encode`.
        cover: uint8 (height, width, 3), at least 128 x 128.
        strength: The strength.
        opened: 28 bytes, in phases that anyone can compute.
        sealed: 21 bytes.
        payload: What the places have room for; its length must follow from the sealed part.
        sealed_dither: From the key, a byte for each place of the region.
        dither: From the key, a byte for each place of the cover.
    """
    height, width, _ = cover.shape
    rows, columns = height // BLOCK, width // BLOCK
    phases = np.frombuffer(dither, np.uint8).reshape(rows * columns, -1).copy()
    _set_payload(networks, phases, rows, columns, strength, bits_of(payload))
    public = layout.public_phases(strength)
    of_pilots, (of_open, of_sealed) = layout.pilots(rows, columns), layout.description()
    under = np.frombuffer(sealed_dither, np.uint8).reshape(layout.REGION**2, -1)
    for content, (block, place), zeros in (
        (b"", of_pilots, public),
        (opened, of_open, public),
        (sealed, of_sealed, under),
    ):
        value = zeros[block, place]
        if content:
            value = value + HALF * networks.encode(bits_of(content)[None], len(block))[0]
        some = layout.exist((block, place), rows, columns)
        row, column = np.divmod(block[some], layout.REGION)
        phases[row * columns + column, place[some]] = value[some]
    return embed(networks, cover, phases, strength)


def _set_payload(
    networks: Networks,
    phases: NDArray[np.uint8],
    rows: int,
    columns: int,
    strength: Strength,
    bits: Bits,
) -> None:
    order = layout.payload_places(rows, columns, strength.number)
    code = layout.code_of(len(bits), len(order))
    assert code is not None, "the payload was chosen to fit"
    padded = np.zeros((code.blocks, code.information), np.uint8)
    padded.reshape(-1)[: len(bits)] = bits
    sent = np.concatenate(
        [
            networks.encode(padded[start : start + 16], code.sent)
            for start in range(0, code.blocks, 16)
        ]
    )
    flat = phases.reshape(-1)
    flat[order[: sent.size]] += HALF * sent.T.reshape(-1)


def embed(
    networks: Networks, cover: Picture, phases: NDArray[np.uint8], strength: Strength
) -> Picture:
    """A cover changed to have phases, uint8 (blocks, places)."""
    height, width, _ = cover.shape
    columns = width // BLOCK
    container = np.empty_like(cover)
    starts = [*range(0, height - BLOCK + 1, _STRIP)]

    def do(top: int) -> None:
        # The last one has the rows beyond whole blocks, too.
        end = height if top == starts[-1] else top + _STRIP
        blocks = slice(top // BLOCK * columns, end // BLOCK * columns)
        container[top:end] = networks.hide(cover[top:end], phases[blocks], strength)

    for_each(do, starts, networks.workers)
    return container
