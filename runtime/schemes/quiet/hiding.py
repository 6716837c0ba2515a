"""How `quiet` hides: as little as fits, where the cover is busy."""

from __future__ import annotations

import numpy as np

from runtime.carriers.syndrome import directions, plane
from runtime.carriers.syndrome.order import Positions
from runtime.carriers.syndrome.plane import Flags, Samples
from runtime.carriers.syndrome.trellis import Bits
from runtime.crypto.keys import FileKeys
from runtime.crypto.keystream import masked
from runtime.crypto.tags import TAG_BYTES
from runtime.errors import PictureError
from runtime.images.image import Image
from runtime.payloads.choice import Chosen, exact_or_compact
from runtime.schemes.quiet import description, joint, places
from runtime.schemes.quiet.costs import Planes
from runtime.schemes.quiet.description import HEIGHT, OPEN_BYTES, SEALED_BYTES, Description
from runtime.schemes.quiet.joint import Carried, Directions, Noise

# Bits that each sample that may change is trusted to carry, on average and in one plane.
_SAFE, _FULL = 0.3, 0.45
# Of bits in directions; each next try has one in so many fewer.
_TRIES, _FEWER = 8, 32
_STREAM = 3
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
        keys: Of the file; see `description.new_keys`.
        height: Constraint height of the code.

    Raises:
        PictureError: The samples that may change do not suffice.
    """
    pixels = len(planes.noise)
    bits = _bits(description.sealed_payload(chosen.kind, chosen.content, keys))
    factor = joint.least_factor(planes.noise, len(bits))
    expected = joint.carried(planes.noise, factor)
    where = places.payload_places(pixels, keys)
    work = _Work(planes, factor)

    green, red, _ = _parts(planes.noise, expected, len(bits))
    work.write(0, places.public_places(pixels), _bits(keys.salt), HEIGHT)
    work.write(0, where.planes[0], bits[:green], height)
    work.write(1, where.planes[1], bits[green : green + red], height)

    in_directions = min(_in_directions(work, expected), len(bits) - green - red)
    drawn = _random_directions(pixels, keys)
    for _ in range(_TRIES):
        lowest, rest = np.split(bits[green + red :], [len(bits) - green - red - in_directions])
        said = Description(chosen.kind, height, (green, red, len(lowest)), in_directions)
        work.clear(2)
        work.write(2, where.planes[2], lowest, height)
        sealed = _bits(description.sealed(said, keys))
        work.write(2, places.sealed_places(pixels, keys), sealed, HEIGHT)
        found = work.directions()
        up = _ways(work, found, np.where(found.are_open, drawn, found.up), where.directions, rest)
        if up is not None:
            return work.samples(up)
        most = directions.room(int(np.count_nonzero(found.are_open)))
        in_directions = max(0, min(most, in_directions) - 1 - in_directions // _FEWER)
    raise PictureError(_TOO_FEW)


def _ways(
    work: _Work, found: Directions, up: Flags, order: Positions, message: Bits
) -> Flags | None:
    """Ways of all pixels that carry a message, bool (pixels,); None if too few are open."""
    if len(message) > directions.room(int(np.count_nonzero(found.are_open))):
        return None
    second = [plane.second_bits(some, order) for some in work.samples(up)]
    changed = [flags[order] for flags in work.changed]
    turned = directions.turned(second, changed, found.are_open[order], message)
    if turned is None:
        return None
    up[order] ^= turned
    return up


class _Work:
    """Which samples of each plane change so far; planes are written in their order."""

    def __init__(self, planes: Planes, factor: float) -> None:
        self._planes, self._factor = planes, factor
        self._costs: list[joint.Halves] = []
        self.changed = [np.zeros(len(planes.noise), bool) for _ in planes.samples]

    def write(self, number: int, where: Positions, bits: Bits, height: int) -> None:
        """Writes bits at some places of a plane.

        Raises:
            PictureError: The samples that may change do not suffice.
        """
        if number == len(self._costs):
            before = self.changed[:number]
            self._costs.append(joint.costs(self._planes.noise, self._factor, before))
        samples, costs = self._planes.samples[number], self._costs[number]
        if not plane.write(self.changed[number], samples, costs, where, bits, height):
            raise PictureError(_TOO_FEW)

    def clear(self, number: int) -> None:
        """Forgets what was written in a plane."""
        self.changed[number][:] = False

    def directions(self) -> Directions:
        """Which way pixels best go that change so far."""
        return joint.directions(self._planes.noise, self._factor, self.changed)

    def samples(self, up: Flags) -> tuple[Samples, ...]:
        """The planes as they become if pixels go these ways."""
        step = np.where(up, np.uint8(1), np.uint8(255))
        return tuple(
            before + step * changes
            for before, changes in zip(self._planes.samples, self.changed, strict=True)
        )


def _parts(noise: Noise, expected: Carried, bits: int) -> list[int]:
    """Bits in the lowest bits of each plane, as the best changes would carry them."""
    most = [_FULL * count for count in _may_change(noise)]
    lowest = sum(expected.planes)
    total = bits * lowest / (lowest + sum(expected.directions))
    return [int(share) for share in _shares(list(expected.planes), most, total)]


def _in_directions(work: _Work, expected: Carried) -> int:
    """Bits that directions will carry, when only the first two planes are written.

    The code changes more than the best changes would, so what it will change in the third plane is
    rather too few.
    """
    made = np.count_nonzero(work.directions().are_open)
    return directions.room(int(made + expected.directions[2]))


def _random_directions(pixels: int, keys: FileKeys) -> Flags:
    """A direction for each pixel that may go either way, bool (pixels,)."""
    drawn = masked(keys, _STREAM, bytes(-(-pixels // 8)))
    return _bits(drawn)[:pixels].astype(bool)


def _bits(content: bytes) -> Bits:
    return np.unpackbits(np.frombuffer(content, np.uint8))


def _may_change(noise: Noise) -> list[float]:
    """About how many samples of each plane may change and are not the description's."""
    pixels = len(noise)
    green, red, blue = (float(np.isfinite(cost).sum()) for cost in noise.up)
    opened, sealed = places.of_open_part(pixels), places.of_sealed_part(pixels)
    return [green * (1 - opened / pixels), red, blue * (1 - sealed / pixels)]


def _shares(weights: list[float], most: list[float], total: float) -> list[float]:
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
