"""How `quiet` hides: as little as fits, where the cover is busy."""

from __future__ import annotations

import numpy as np

from runtime.carriers.syndrome import plane, ternary
from runtime.carriers.syndrome.order import Positions
from runtime.carriers.syndrome.plane import Costs
from runtime.carriers.syndrome.ternary import Layers, Samples
from runtime.crypto.keys import FileKeys
from runtime.crypto.tags import TAG_BYTES
from runtime.errors import PictureError
from runtime.images.image import Image
from runtime.payloads.choice import Chosen, exact_or_compact
from runtime.schemes.quiet import description, joint, places
from runtime.schemes.quiet.costs import Planes
from runtime.schemes.quiet.description import OPEN_BYTES, SEALED_BYTES, Description
from runtime.schemes.quiet.joint import Noise

# Bits that each sample that may change is trusted to carry, on average and in one plane.
_SAFE, _FULL = 0.3, 0.45
_TOO_FEW = (
    "the cover has too few samples that may change: most of it is flat, black, white or transparent"
)


def room(planes: Planes, rate: float) -> int:
    """Bytes of payload that a cover carries at so many bits per sample, all overhead left out.

    Raises:
        PictureError: It is too flat to carry anything.
    """
    samples = sum(len(part) for part in planes.samples)
    bits = min(rate * samples, _SAFE * sum(_may_change(planes.noise)))
    most = int(bits) // 8 - OPEN_BYTES - SEALED_BYTES - TAG_BYTES
    if most <= 0:
        if bits < rate * samples:
            raise PictureError(_TOO_FEW)
        raise PictureError(
            "the cover is too small for this payload; a larger cover, or more bits per sample, "
            "would do"
        )
    return most


def choose(secret: Image, budget: int) -> Chosen:
    """The best payload of at most so many bytes.

    Raises:
        PictureError: None has so few.
    """
    chosen = exact_or_compact(secret, budget)
    if chosen is None:
        raise PictureError(
            f"the cover carries {budget:,} bytes at this payload, which is too little for any "
            "picture; a larger cover, or more bits per sample, would carry more"
        )
    return chosen


def embed(planes: Planes, chosen: Chosen, keys: FileKeys, height: int) -> tuple[Samples, ...]:
    """Writes a payload into a cover; returns the planes of the container.

    Args:
        planes: Of the cover.
        chosen: The payload.
        keys: Of the file.
        height: Constraint height of the code.

    Raises:
        PictureError: The samples that may change do not suffice.
    """
    pixels = len(planes.samples[0])
    content = description.sealed_payload(chosen.kind, chosen.content, keys)
    factor = joint.least_factor(planes.noise, 8 * len(content))
    parts = _parts(planes.noise, factor, content)
    orders = places.payload_places(pixels, keys)

    made: list[joint.Changes] = []
    written, layers = [], []
    for number, (before, order, part) in enumerate(zip(planes.samples, orders, parts, strict=True)):
        choice = joint.choice(planes.noise, factor, made)
        samples = before + choice.base.view(np.uint8)
        if not number:
            public = places.public_places(pixels)
            _write_description(samples, choice.costs, public, description.opened(keys))
        layers.append(_write(samples, choice.costs, order, part, height))
        if number == len(orders) - 1:
            said = Description(chosen.kind, height, (layers[0], layers[1], layers[2]))
            sealed_places = places.sealed_places(pixels, keys)
            sealed = description.sealed(said, keys)
            _write_description(samples, choice.costs, sealed_places, sealed)
        written.append(samples)
        made.append((samples - before).view(np.int8))
    return tuple(written)


def _parts(noise: Noise, factor: float, content: bytes) -> list[bytes]:
    """Content divided among planes, as the best changes of all together would carry it."""
    most = [_FULL * count / 8 for count in _may_change(noise)]
    shares = _shares(joint.carried(noise, factor), most, len(content))
    ends = np.rint(np.cumsum(shares)).astype(int).tolist()
    return [content[: ends[0]], content[ends[0] : ends[1]], content[ends[1] :]]


def _may_change(noise: Noise) -> list[float]:
    """About how many samples of each plane may change and are not the description's."""
    pixels = len(noise)
    rest = 1 - places.of_description(pixels) / pixels
    counts = [float(np.isfinite(cost).sum()) for cost in noise.up]
    return [counts[0] * rest, counts[1], counts[2] * rest]


def _shares(weights: list[float], most: list[float], total: int) -> list[float]:
    """A total divided by weights, with no share above its most."""
    shares, left = [0.0] * len(weights), set(range(len(weights)))
    while left:
        rest = total - sum(shares[n] for n in range(len(weights)) if n not in left)
        weight = sum(weights[n] for n in left)
        over = {n for n in left if rest * weights[n] > most[n] * weight}
        if not over:
            for number in left:
                shares[number] = rest * weights[number] / weight if weight else 0.0
            break
        for number in over:
            shares[number] = most[number]
        left -= over
    return shares


def _write(samples: Samples, costs: Costs, order: Positions, part: bytes, height: int) -> Layers:
    layers = plane.layers_for(samples, costs, order, 8 * len(part))
    if not plane.write(samples, costs, order, part, layers, height):
        raise PictureError(_TOO_FEW)
    return layers


def _write_description(samples: Samples, costs: Costs, order: Positions, part: bytes) -> None:
    layers = ternary.halves(8 * len(part))
    if not plane.write(samples, costs, order, part, layers, description.HEIGHT):
        raise PictureError(_TOO_FEW)
