"""How many bits a cover can carry through given channels: by trying them on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct import layout
from runtime.carriers.dct.averages import readings
from runtime.carriers.dct.axes import Axis, Location, read_blocks
from runtime.carriers.dct.judging import turned
from runtime.carriers.dct.networks import Floats, Networks
from runtime.carriers.dct.payload import judgements
from runtime.carriers.dct.reading import Known
from runtime.carriers.dct.strengths import BLOCK, Strength
from runtime.carriers.dct.writing import places
from runtime.images.image import Picture

Channel = Callable[[Picture], Picture]

_STRIP = 256  # rows
_PIXELS = 1_000_000  # that are tried, about
_KNOWN, _KNOWN_PLACES = 2800, 20  # coefficients of pilots and description, and their places
_QUARTER = 64  # of a turn
# Information that the code needs beyond its rate, by the rate, for blocks of so many bits: with it,
# one of twenty is lost.
_RATES = (0.0, 0.2, 0.333, 0.45, 0.5, 0.55, 0.6, 0.667, 0.75)
_GAPS = (0.02, 0.025, 0.035, 0.04, 0.045, 0.045, 0.042, 0.04, 0.038)
_BITS, _SHORT = 7680, 2.0
_MOST_RATE = 5 / 6
# What differs between the channels and the world, and between parts of a cover.
_SAFETY = 0.045
# In a small cover, less is known of noise, and chance is larger.
_SMALL, _LARGE = 5.0, 0.01


def gap(rate: float, sent: int) -> float:
    """Information per bit sent that a block of so many needs beyond the code's rate."""
    longer = float(np.interp(rate, _RATES, _GAPS))
    return longer + _SHORT * max(1 / sqrt(max(sent, 1)) - sqrt(rate / _BITS), 0.0)


def room(
    networks: Networks, cover: Picture, strength: Strength, channels: Sequence[Channel]
) -> int:
    """Bits of payload that come back after the worst of some channels.

    Args:
        networks: With the graphs `hide` and `read`.
        cover: uint8 (height, width, 3), at least 128 x 128.
        strength: The strength.
        channels: What may happen to a container: from a picture to another of any size.
    """
    least = min(_informations(networks, cover, strength, channels))
    count = places((cover.shape[0], cover.shape[1]), strength)
    safety = _SAFETY + _SMALL * max(1 / sqrt(count) - _LARGE, 0.0)
    bits = 0
    for _ in range(3):  # the gap depends on the rate
        blocks = max(1, -(-bits // layout.MOST_BITS))
        rate = least - gap(bits / count, count // blocks) - safety
        bits = int(count * min(max(rate, 0.0), _MOST_RATE))
    while bits and layout.code_of(bits, count) is None:
        bits -= min(bits, layout.LEAST_BITS)
    return bits


def _informations(
    networks: Networks, cover: Picture, strength: Strength, channels: Sequence[Channel]
) -> list[float]:
    """Bits of information per bit sent, after each channel."""
    strips = _strips(cover)
    rng = np.random.default_rng(0)
    phases = [
        rng.integers(
            0, 256, (s.shape[0] // BLOCK * (s.shape[1] // BLOCK), strength.places), dtype=np.uint8
        )
        for s in strips
    ]
    containers = [networks.hide(*pair, strength) for pair in zip(strips, phases, strict=True)]
    found = []
    for channel in channels:
        reads = [_read(networks, container, channel, strength) for container in containers]
        ways = map(np.concatenate, zip(*reads, strict=True))
        found.append(max(_information(way, np.concatenate(phases), strength) for way in ways))
    return found


def _strips(cover: Picture) -> list[Picture]:
    """Strips of whole blocks, evenly spaced, or the whole cover."""
    height, width, _ = cover.shape
    height, width = height - height % BLOCK, width - width % BLOCK
    if height * width <= _PIXELS:
        return [np.ascontiguousarray(cover[:height, :width])]
    count = max(1, _PIXELS // (_STRIP * width))
    most = height - _STRIP
    tops = [round((number + 0.5) / count * most) for number in range(count)]
    return [np.ascontiguousarray(cover[top : top + _STRIP, :width]) for top in tops]


def clipped(networks: Networks, part: Picture, strength: Strength) -> float:
    """Share of bits that a part of a cover does not take, as its samples end at black and white.

    Those of the first places are counted, which carry the description.

    Args:
        networks: With the graphs `hide` and `read`.
        part: uint8 (height, width, 3).
        strength: The strength.
    """
    down, along = part.shape[0] // BLOCK, part.shape[1] // BLOCK
    part = np.ascontiguousarray(part[: down * BLOCK, : along * BLOCK])
    phases = np.random.default_rng(0).integers(0, 256, (down * along, strength.places), np.uint8)
    container = networks.hide(part, phases, strength)
    read = read_blocks(networks, container, located(part, container, strength), down, along)
    few = slice(0, _KNOWN_PLACES)
    turns = turned(read, phases, strength.steps)[:, few]
    return float(np.mean((turns > _QUARTER) & (turns < 3 * _QUARTER)))


def located(container: Picture, changed: Picture, strength: Strength) -> Location:
    """Where a container lies in what a channel made of it."""
    rows, columns = (
        Axis() if now == before else Axis.resized(now / before)
        for now, before in zip(changed.shape[:2], container.shape[:2], strict=True)
    )
    return Location(strength, rows, columns, 0.0)


def _read(
    networks: Networks, container: Picture, channel: Channel, strength: Strength
) -> list[Floats]:
    """What is read of a container after a channel, in each way."""
    changed = channel(container)
    place = located(container, changed, strength)
    down, along = container.shape[0] // BLOCK, container.shape[1] // BLOCK
    return list(readings(networks, changed, place, down, along))


def _information(read: Floats, phases: NDArray[np.uint8], strength: Strength) -> float:
    # As if the first places of some blocks were those of pilots and description.
    rng = np.random.default_rng(1)
    block = rng.integers(0, len(read), _KNOWN)
    where = rng.integers(0, min(_KNOWN_PLACES, strength.places), _KNOWN)
    nowhere = Location(strength, Axis(), Axis(), 0.0)
    # All are tried when revealing.
    every = judgements(nowhere, read, phases, Known(block, where, phases[block, where]))
    soft = (each.soft_bits() for each in every)
    return max(1.0 - float(np.mean(np.logaddexp2(0.0, -each / log(2)))) for each in soft)
