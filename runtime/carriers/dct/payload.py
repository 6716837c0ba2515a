"""The payload's bits from a file: read and judged in several ways, until one is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from runtime.carriers.dct import layout
from runtime.carriers.dct.averages import readings
from runtime.carriers.dct.axes import Location
from runtime.carriers.dct.judging import blind_gains, busyness, noise_of, turned
from runtime.carriers.dct.networks import Floats, Networks
from runtime.carriers.dct.reading import Known, Region, judged, sure
from runtime.carriers.dct.strengths import BLOCK
from runtime.images.image import Picture

_SAMPLE = 4096  # blocks that say enough of all
_FEW = 512  # blocks that say enough to compare ways of reading
# With so much more information than its rate, a code is corrected without looking for better ways.
_PLENTY = 0.1
_UNSURE = 0.03  # information that these may be wrong by; with less than its rate, no code is read


@dataclass(frozen=True, eq=False)
class Payload:
    """A payload, as read.

    Attributes:
        content: Its bytes; None where they cannot be read.
        lost: How many blocks of the code cannot be corrected, and how many there are.
        corrected: Share of the bits sent that were read wrong.
        sent: Bits sent of each block.
        rate: Bits of payload for a bit sent.
        information: Bits that a bit sent still says; about, where the content cannot be read.
        place: Where the container was taken to lie.
    """

    content: bytes | None
    lost: tuple[int, int]
    corrected: float
    sent: int
    rate: float
    information: float
    place: Location


@dataclass(frozen=True, eq=False)
class Reading:
    """All coefficients of a container, read and judged in one way.

    Attributes:
        region: What is known, with gains and noise; its blocks are those of the whole picture.
        read: Coefficients, float32 (blocks, places).
        phases: Of zeros, uint8 (blocks, places).
    """

    region: Region
    read: Floats
    phases: NDArray[np.uint8]

    def soft_bits(self) -> Floats:
        """Logarithms of how much more probable 0 is than 1, float32 (blocks, places)."""
        strength = self.region.place.strength
        turns = turned(self.read, self.phases, strength.steps * self.region.gains)
        places = np.broadcast_to(np.arange(strength.places), turns.shape)
        turns_known, places_known = sure(self.region)
        of_known = busyness(self.region.read[self.region.known.block], self.read)
        of_block = busyness(self.read, self.read)
        soft = np.empty(turns.shape, np.float32)
        for number in range(int(of_block.max()) + 1):
            blocks = np.flatnonzero(of_block == number)
            some = blocks[:: max(1, len(blocks) // _SAMPLE)]
            known = of_known == number
            noise = noise_of(
                strength, (turns_known[known], places_known[known]), (turns[some], places[some])
            )
            soft[blocks] = noise.soft_bits(turns[blocks], places[blocks])
        return soft

    @cached_property
    def promise(self) -> float:
        """Bits that a bit says, by a few blocks, if it is judged rightly."""
        some = slice(None, None, max(1, len(self.read) // _FEW))
        few = Reading(self.region, self.read[some], self.phases[some])
        return _expected_information(few.soft_bits())


def read_payload(
    networks: Networks,
    picture: Picture,
    region: Region,
    others: Sequence[Location],
    size: tuple[int, int],
    length: int,
    dither: bytes,
    is_right: Callable[[bytes], bool],
) -> Payload | None:
    """Reads a payload; None if a cover of that size cannot hold one of that length.

    All ways of reading are tried until one is right.

    Args:
        networks: With the graphs `read`, `encode` and `decode`.
        picture: The file's, uint8 (height, width, 3).
        region: Its region.
        others: Where else the container may lie.
        size: Height and width of the cover at hiding.
        length: Of the payload in bytes.
        dither: From the key, a byte for each place of the cover.
        is_right: Whether these are the payload's bytes.
    """
    rows, columns = size[0] // BLOCK, size[1] // BLOCK
    order = layout.payload_places(rows, columns, region.place.strength.number)
    code = layout.code_of(8 * length, len(order))
    if code is None:
        return None
    rate = code.information / code.sent
    phases = np.frombuffer(dither, np.uint8).reshape(rows * columns, -1)
    known = region.known.within(rows, columns)
    promise = 0.0
    valid = np.zeros(code.blocks, bool)
    every = np.zeros((code.blocks, code.information), np.uint8)
    places = (region.place, *others)
    ways = _readings(networks, picture, places, size, phases, known, rate + _PLENTY)
    for number, reading in enumerate(ways):
        if number and reading.promise < rate - _UNSURE:
            continue
        soft = reading.soft_bits().reshape(-1)[order]
        promise = max(promise, _expected_information(soft))
        taken = np.ascontiguousarray(soft[: code.blocks * code.sent].reshape(code.sent, -1).T)
        found, now = networks.decode(taken, code.information)
        every[~valid] = found[~valid]
        valid |= now
        # The payload can be right though checks of bits that are sent besides it do not hold. And,
        # rarely, a block is corrected to what was not sent, so that all are taken anew.
        for blocks in (every, found):
            content = np.packbits(blocks.reshape(-1)[: 8 * length]).tobytes()
            if is_right(content):
                sent = networks.encode(blocks, code.sent)
                right = np.where(sent > 0, -taken, taken).astype(np.float64)
                corrected = float((right < 0).mean())
                left = float(1 - np.log2(1 + np.exp(-right)).mean())
                place, lost = reading.region.place, (0, code.blocks)
                return Payload(content, lost, corrected, code.sent, rate, left, place)
    lost = int((~valid).sum()), code.blocks
    return Payload(None, lost, 0.0, code.sent, rate, promise, region.place)


def _readings(
    networks: Networks,
    picture: Picture,
    places: Iterable[Location],
    size: tuple[int, int],
    phases: NDArray[np.uint8],
    known: Known,
    plenty: float,
) -> Iterator[Reading]:
    """Ways of reading a container of a height and width, the likely ones first.

    At each place, the first way comes first if it promises plenty. All others are found only when
    they are asked for, which takes longer.
    """
    file = picture.shape[0], picture.shape[1]
    for place in alternatives(places, file, size):
        reads = readings(networks, picture, place, size[0] // BLOCK, size[1] // BLOCK)
        every = (each for read in reads for each in judgements(place, read, phases, known))
        first = next(every)
        if first.promise >= plenty:
            yield first
            yield from sorted(every, key=lambda each: -each.promise)
        else:
            yield from sorted((first, *every), key=lambda each: -each.promise)


def alternatives(
    places: Iterable[Location], file: tuple[int, int], container: tuple[int, int]
) -> list[Location]:
    """Places made exact by the size at hiding, each once; in their order, as far as that is likely.

    Args:
        places: Where a container may lie.
        file: Height and width of the file.
        container: Height and width of the cover at hiding.
    """
    places = list(places)
    exact = [place.of_size(file, container) for place in places]
    likely = [own if place.is_resized else place for place, own in zip(places, exact, strict=True)]
    return list({(each.rows, each.columns): each for each in (*likely, *exact, *places)}.values())


def judgements(
    place: Location, read: Floats, phases: NDArray[np.uint8], known: Known
) -> Iterator[Reading]:
    """Ways to judge what was read.

    Where the region is black or white, what it did not take of a change looks like blur, which the
    rest of the picture does not have. And a region that is smooth says little of blur.

    Args:
        place: Where the container lies.
        read: Coefficients of the container, float32 (blocks, places).
        phases: Of zeros, uint8 (blocks, places).
        known: Places whose bits are known, by blocks of the whole picture.
    """
    region = judged(place, 0, 0, read, known)
    yield Reading(region, read, phases)
    plain = np.ones_like(region.gains)
    if not np.array_equal(plain, region.gains):
        yield Reading(replace(region, gains=plain), read, phases)
    for guess in blind_gains(place.strength, read, phases):
        yield Reading(replace(region, gains=guess), read, phases)


def _expected_information(soft: Floats) -> float:
    """Bits that a bit says, if the logarithms are what they should be."""
    few = soft.reshape(-1)
    few = few[:: max(1, len(few) // 100_000)].astype(np.float64)
    right = 1 / (1 + np.exp(-np.abs(few)))
    entropy = -right * np.log2(right) - (1 - right) * np.log2(np.maximum(1 - right, 1e-12))
    return float(1 - entropy.mean())
