"""The learned code of a secret, as bytes: the payload `code`.

docs/clear-format.md defines the bytes. The secret is cut into tiles, and the graphs code each of
them. One quantizer index serves the whole picture, so that busy tiles get what smooth ones leave.
It is found by estimates, and what they are off by in some tiles is made up for in the next.

A secret that is very large for its budget is reduced first, and stretched back when it is revealed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil
from typing import Any, TypeVar

import numpy as np

from runtime.engine.network import Signature
from runtime.engine.parallel import for_each
from runtime.errors import AlteredError
from runtime.images.grid import tiles_of
from runtime.images.image import Picture
from runtime.images.resize import resize_to
from runtime.payloads.code_bytes import (
    FIXED,
    WORD,
    Header,
    Words,
    header_size,
    parse,
    words_to_bytes,
)
from runtime.payloads.code_curve import Graph
from runtime.payloads.code_plan import Plan, make_plan

HIDE = Signature(("secret", "choices", "qindex", "adaptive", "price"), ("words", "counts"))
ESTIMATE = Signature(("secret", "qindices", "adaptive", "exact"), ("bits", "error", "choices"))
REVEAL = Signature(("words", "height", "width", "qindex", "adaptive"), ("secret",))

GREY = 128
"""Level of tiles whose code is lost: a decoder would make noise of it."""

# Pixels that are worked on together: of one large tile, or of many small ones, for which the many
# small steps of the entropy coder would otherwise be taken one tile at a time. A CUDA card needs
# more to do.
_PIXELS = 512 * 512
_CUDA_PIXELS = 4 * _PIXELS

_Unit = TypeVar("_Unit")


@dataclass(frozen=True)
class Estimate:
    """What a secret would become as code.

    Attributes:
        size: Bytes of the code.
        coded_size: Height and width at which the secret is coded; its own unless it is reduced.
        psnr: About what the revealed secret will have, in dB, at its own size.
    """

    size: int
    coded_size: tuple[int, int]
    psnr: float


@dataclass(frozen=True)
class Encoded:
    """A secret as code.

    Attributes:
        content: The bytes.
        coded_size: Height and width at which the secret is coded; its own unless it is reduced.
        psnr: About what the revealed secret will have, in dB, at its own size.
    """

    content: bytes
    coded_size: tuple[int, int]
    psnr: float


@dataclass(frozen=True, eq=False)
class Decoded:
    """A secret that was coded.

    Attributes:
        picture: uint8 (height, width, 3), at its own size.
        damaged: Tiles of it that are lost, and grey.
        tiles: Tiles of it.
        coded_size: Height and width at which it was coded.
    """

    picture: Picture
    damaged: int
    tiles: int
    coded_size: tuple[int, int]


def encode(hide: Graph, estimate: Graph, secret: Picture, budget: int) -> Encoded:
    """Codes a secret so that it fills a budget.

    Args:
        hide: The hide graph.
        estimate: The estimate graph.
        secret: uint8 (height, width, 3), each side below 2**24.
        budget: Most bytes of the code.

    Raises:
        PictureError: The budget is too small for any code.
    """
    return encode_all(hide, estimate, [secret], [budget])[0]


def encode_all(
    hide: Graph, estimate: Graph, secrets: Sequence[Picture], budgets: Sequence[int]
) -> list[Encoded]:
    """The same for several secrets, of which small ones share runs of the graphs."""
    plans = _plans(estimate, secrets, budgets)
    coded: list[dict[int, Words]] = [{} for _ in plans]
    while rounds := [
        (plan, words, number, plan.price())
        for plan, words in zip(plans, coded, strict=True)
        for number in plan.next_round(hide.side_by_side)
    ]:

        def do(batch: list[tuple[Plan, dict[int, Words], int, float]]) -> None:
            feed = {
                "secret": np.stack([plan.tile(number) for plan, _, number, _ in batch]),
                "choices": np.stack([plan.choices[number] for plan, _, number, _ in batch]),
                "qindex": np.array([plan.qindex for plan, *_ in batch], np.int64),
                "adaptive": np.array(batch[0][0].adaptive, np.int64),
                "price": np.array(batch[0][3], np.float32),
            }
            every, counts = hide.run(feed, "words", "counts")
            each = np.split(every.astype(np.uint16), np.cumsum(counts)[:-1])
            for (_, words, number, _), own in zip(batch, each, strict=True):
                words[number] = own

        _for_each_batch(do, hide, rounds, lambda r: (r[0].tiles[r[2]].shape, r[0].adaptive, r[3]))
        for plan, words, number, price in rounds:
            plan.add(number, len(words[number]), price)
        for plan in plans:
            plan.repeat_if_off()
    return [_encoded(plan, words) for plan, words in zip(plans, coded, strict=True)]


def estimate_psnr(estimate: Graph, secret: Picture, budget: int) -> Estimate:
    """What a secret would become with a budget in bytes, without coding it; see `encode`."""
    (plan,) = _plans(estimate, [secret], [budget])
    return Estimate(plan.expected_size(), plan.coded_size, plan.psnr())


def decode(
    reveal: Graph, content: bytes, lost: Sequence[tuple[int, int]], max_pixels: int
) -> Decoded:
    """Reads what `encode` wrote. Any other content raises an error, or gives some picture.

    Args:
        reveal: The reveal graph.
        content: The bytes.
        lost: Ranges of them, from one index to before another, that are unreliable.
        max_pixels: Most pixels that the secret may have.

    Raises:
        AlteredError: The header is lost, or does not make sense.
        TooLargeError: The secret has more pixels than `max_pixels`.
    """
    return decode_all(reveal, [content], [lost], max_pixels)[0]


def decode_all(
    reveal: Graph,
    contents: Sequence[bytes],
    lost: Sequence[Sequence[tuple[int, int]]],
    max_pixels: int,
) -> list[Decoded]:
    """The same for several secrets, of which small ones share runs of the graph."""
    jobs = [_Reading(*pair, max_pixels) for pair in zip(contents, lost, strict=True)]

    def do(batch: list[tuple[_Reading, int]]) -> None:
        first, number = batch[0]
        height, width = first.tiles[number].shape
        rows = [job.words(number) for job, number in batch]
        words = np.zeros((len(rows), max(map(len, rows))), np.int32)
        for row, own in zip(words, rows, strict=True):
            row[: len(own)] = own
        feed = {
            "words": words,
            "height": np.array(height, np.int64),
            "width": np.array(width, np.int64),
            "qindex": np.array([job.header.qindex for job, _ in batch], np.int64),
            "adaptive": np.array(first.header.adaptive, np.int64),
        }
        (secrets,) = reveal.run(feed, "secret")
        for (job, number), secret in zip(batch, secrets, strict=True):
            tile = job.tiles[number]
            job.picture[tile.rows, tile.columns] = secret

    units = [(job, number) for job in jobs for number in job.intact]
    _for_each_batch(do, reveal, units, lambda u: (u[0].tiles[u[1]].shape, u[0].header.adaptive))
    return [job.decoded() for job in jobs]


class _Reading:
    """A content that is being decoded."""

    def __init__(self, content: bytes, lost: Sequence[tuple[int, int]], max_pixels: int) -> None:
        _refuse_lost(lost, FIXED)
        self._content = content
        self.header = parse(content, max_pixels)
        self.tiles = tiles_of(*self.header.coded_size)
        size = header_size(len(self.tiles))
        _refuse_lost(lost, size)
        ends = size + WORD * np.cumsum([0, *self.header.counts])
        self._places = [(int(a), int(b)) for a, b in pairwise(ends)]
        self.intact = [
            number
            for number, (a, b) in enumerate(self._places)
            if not any(start < b and a < stop for start, stop in lost)
        ]
        self.picture = np.empty((*self.header.coded_size, 3), np.uint8)
        for number in set(range(len(self.tiles))) - set(self.intact):
            tile = self.tiles[number]
            self.picture[tile.rows, tile.columns] = GREY

    def words(self, number: int) -> Words:
        """The words of a tile."""
        start, stop = self._places[number]
        return np.frombuffer(self._content[start:stop], ">u2")

    def decoded(self) -> Decoded:
        """The result, once all intact tiles are in the picture."""
        picture = resize_to(self.picture, *self.header.own_size)
        tiles = len(self.tiles)
        return Decoded(picture, tiles - len(self.intact), tiles, self.header.coded_size)


def _refuse_lost(lost: Sequence[tuple[int, int]], size: int) -> None:
    """Raises AlteredError if some of the first bytes are lost."""
    if any(start < min(stop, size) for start, stop in lost):
        raise AlteredError("the start of the hidden picture's code is lost")


def _plans(estimate: Graph, secrets: Sequence[Picture], budgets: Sequence[int]) -> list[Plan]:
    """Decides on size, scales and quantizer index of each secret."""
    plans: list[Plan | None] = [None] * len(secrets)

    def begin(number: int) -> None:
        plans[number] = make_plan(estimate, secrets[number], budgets[number])

    for_each(begin, range(len(secrets)), estimate.side_by_side)
    made = [plan for plan in plans if plan is not None]

    def do(batch: list[tuple[Plan, int]]) -> None:
        feed = {
            "secret": np.stack([plan.tile(number) for plan, number in batch]),
            "qindices": np.array([[plan.qindex] for plan, _ in batch], np.int64),
            "adaptive": np.array(batch[0][0].adaptive, np.int64),
            "exact": np.array(1, np.int64),
        }
        bits, error, choices = estimate.run(feed, "bits", "error", "choices")
        every = zip(batch, bits[:, 0], error[:, 0], choices, strict=True)
        for (plan, number), of_tile, lost, chosen in every:
            plan.exact[number] = of_tile, lost
            plan.choices[number] = chosen

    inexact = made
    while inexact:
        units = [(plan, number) for plan in inexact for number in range(len(plan.tiles))]
        _for_each_batch(do, estimate, units, lambda u: (u[0].tiles[u[1]].shape, u[0].adaptive))
        inexact = [plan for plan in inexact if plan.correct()]
    return made


def _encoded(plan: Plan, words: dict[int, Words]) -> Encoded:
    each = [words[number] for number in range(len(plan.tiles))]
    counts = tuple(map(len, each))
    header = Header(plan.coded_size, plan.own_size, plan.qindex, plan.adaptive, counts)
    content = header.to_bytes() + words_to_bytes(each)
    return Encoded(content, plan.coded_size, plan.psnr())


def _for_each_batch(
    do: Callable[[list[_Unit]], None],
    graph: Graph,
    units: Sequence[_Unit],
    kind: Callable[[_Unit], Any],
) -> None:
    """Calls `do` with units of one kind, some at a time, side by side.

    A kind starts with height and width of a tile.
    """
    pixels = _PIXELS if graph.device.name == "cpu" else _CUDA_PIXELS
    batches = []
    for ((height, width), *_), same in groupby(sorted(units, key=kind), key=kind):
        group = list(same)
        size = max(1, min(pixels // (height * width), ceil(len(group) / graph.side_by_side)))
        batches += [group[start : start + size] for start in range(0, len(group), size)]
    for_each(do, batches, graph.side_by_side)
