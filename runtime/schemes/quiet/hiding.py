"""How `quiet` hides: as little as fits, where the cover is busy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.syndrome import plane, ternary
from runtime.carriers.syndrome.order import Positions
from runtime.carriers.syndrome.plane import Costs
from runtime.carriers.syndrome.ternary import Floats, Layers, Samples
from runtime.crypto.keys import FileKeys
from runtime.crypto.tags import TAG_BYTES
from runtime.errors import PictureError
from runtime.images.image import Image
from runtime.payloads.choice import Chosen, exact_or_compact
from runtime.schemes.quiet import description, places
from runtime.schemes.quiet.costs import Planes, agreeing
from runtime.schemes.quiet.description import OPEN_BYTES, SEALED_BYTES, Description

AGREEMENT = 9.0
"""By how much changes become cheaper that agree with those of the other colours."""

# Bits that each sample that may change is trusted to carry, on average and in one plane.
_SAFE, _FULL = 0.3, 0.45
_LOOKED_AT = 1 << 14
_TOO_FEW = (
    "the cover has too few samples that may change: most of it is flat, black, white or transparent"
)


def room(planes: Planes, rate: float) -> int:
    """Bytes of payload that a cover carries at so many bits per sample, all overhead left out.

    Raises:
        PictureError: It is too flat to carry anything.
    """
    samples = sum(len(part) for part in planes.samples)
    bits = min(rate * samples, _SAFE * sum(_may_change(planes.costs)))
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
    green, red, blue = (samples.copy() for samples in planes.samples)
    of_green, of_red, of_blue = places.payload_places(pixels, keys)
    content = description.sealed_payload(chosen.kind, chosen.content, keys)
    first, second, third = _parts(planes.costs, content)

    costs = Costs(planes.costs[0], planes.costs[0])
    public = places.public_places(pixels)
    _write_description(green, costs, public, description.opened(keys))
    layers_of_green = _write(green, costs, of_green, first, height)

    changes = _changes(green, planes.samples[0])
    costs = agreeing(planes.costs[1], changes, AGREEMENT)
    layers_of_red = _write(red, costs, of_red, second, height)

    changes += _changes(red, planes.samples[1])
    costs = agreeing(planes.costs[2], changes, AGREEMENT)
    layers_of_blue = _write(blue, costs, of_blue, third, height)

    layers = (layers_of_green, layers_of_red, layers_of_blue)
    said = Description(chosen.kind, height, layers)
    sealed_places = places.sealed_places(pixels, keys)
    _write_description(blue, costs, sealed_places, description.sealed(said, keys))
    return green, red, blue


def _parts(costs: tuple[Floats, ...], content: bytes) -> list[bytes]:
    """Content divided among planes, as the best changes of all together would carry it."""
    step = max(1, len(costs[0]) // _LOOKED_AT)
    some = [cost[::step] for cost in costs]
    every = np.concatenate(some)
    factor = ternary.least_lambda(every, every, 8 * len(content) // step)
    carried = [sum(float(e.sum()) for e in ternary.entropies(c, c, factor)) for c in some]
    most = [_FULL * count / 8 for count in _may_change(costs)]
    ends = np.rint(np.cumsum(_shares(carried, most, len(content)))).astype(int).tolist()
    return [content[: ends[0]], content[ends[0] : ends[1]], content[ends[1] :]]


def _may_change(costs: tuple[Floats, ...]) -> list[float]:
    """About how many samples of each plane may change and are not the description's."""
    pixels = len(costs[0])
    rest = 1 - places.of_description(pixels) / pixels
    counts = [float(np.isfinite(cost).sum()) for cost in costs]
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


def _changes(after: Samples, before: Samples) -> NDArray[np.int8]:
    return (after - before).view(np.int8)
