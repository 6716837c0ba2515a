"""Batches of random cover and secret pairs, and a stream that prepares batches in threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from training.photographs import PhotographCache

Batch = dict[str, NDArray[np.uint8]]


@dataclass(frozen=True)
class PairSource:
    """Random pairs from a list of photographs.

    Attributes:
        files: Photographs, two or more.
        cache: Reads them.
        crop: Side of the square crops, in pixels; smaller photographs are enlarged to it.
        batch: Pairs per batch.
        seed: Seed of the choice of photographs, crops and flips.
    """

    files: tuple[Path, ...]
    cache: PhotographCache
    crop: int
    batch: int
    seed: int

    def make(self, step: int) -> Batch:
        """`cover` and `secret`, each uint8 (batch, crop, crop, 3), RGB."""
        random = np.random.default_rng([self.seed, step])
        covers, secrets = [], []
        for _ in range(self.batch):
            cover_index, cover = self._draw(random, None)
            _, secret = self._draw(random, cover_index)
            covers.append(_random_crop(cover, self.crop, random))
            secrets.append(_random_crop(secret, self.crop, random))
        return {"cover": np.stack(covers), "secret": np.stack(secrets)}

    def _draw(
        self, random: np.random.Generator, other_than: int | None
    ) -> tuple[int, NDArray[np.uint8]]:
        for index in random.permutation(len(self.files)):
            if index == other_than:
                continue
            picture = self.cache.read(self.files[index])
            if picture is not None:
                return int(index), picture
        raise ValueError(f"fewer than 2 of the {len(self.files)} photographs can be read")


@dataclass(frozen=True)
class SquareSource:
    """Random pairs of small squares of pixels, of a few photographs for each batch.

    Attributes:
        files: Photographs, two or more.
        cache: Reads them.
        side: Of a square, in pixels; smaller photographs are left out.
        batch: Pairs per batch.
        seed: Seed of the choice of photographs and squares.
        photographs: Most photographs per batch, for covers and for secrets.
    """

    files: tuple[Path, ...]
    cache: PhotographCache
    side: int
    batch: int
    seed: int
    photographs: int = 32

    def make(self, step: int) -> Batch:
        """`cover` and `secret`, each uint8 (batch, side, side, 3), RGB."""
        random = np.random.default_rng([self.seed, step, 1])
        return {"cover": self._squares(random), "secret": self._squares(random)}

    def _squares(self, random: np.random.Generator) -> NDArray[np.uint8]:
        chosen = random.permutation(len(self.files))[: self.photographs]
        read = (self.cache.read(self.files[i]) for i in chosen)
        pictures = [p for p in read if p is not None and min(p.shape[:2]) >= self.side]
        if not pictures:
            raise ValueError(f"none of {len(chosen)} photographs can be read")
        each = -(-self.batch // len(pictures))
        squares = np.concatenate([self._of_one(picture, each, random) for picture in pictures])
        return random.permutation(squares)[: self.batch]

    def _of_one(
        self, picture: NDArray[np.uint8], count: int, random: np.random.Generator
    ) -> NDArray[np.uint8]:
        windows = np.lib.stride_tricks.sliding_window_view(
            picture, (self.side, self.side), axis=(0, 1)
        )
        rows, columns = (random.integers(most, size=count) for most in windows.shape[:2])
        return windows[rows, columns].transpose(0, 2, 3, 1)


def _random_crop(
    picture: NDArray[np.uint8], crop: int, random: np.random.Generator
) -> NDArray[np.uint8]:
    picture = enlarge_to(picture, crop)
    top = random.integers(picture.shape[0] - crop + 1)
    left = random.integers(picture.shape[1] - crop + 1)
    picture = picture[top : top + crop, left : left + crop]
    if random.random() < 0.5:
        picture = picture[:, ::-1]
    if random.random() < 0.5:
        picture = picture[::-1]
    return picture


def enlarge_to(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The picture, enlarged if its shorter side is less than `side` pixels."""
    height, width = picture.shape[:2]
    if min(height, width) >= side:
        return picture
    scale = side / min(height, width)
    size = (max(side, round(width * scale)), max(side, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def centre_crop(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The middle (side, side, 3) of a picture, which is enlarged first if it is smaller."""
    picture = enlarge_to(picture, side)
    top = (picture.shape[0] - side) // 2
    left = (picture.shape[1] - side) // 2
    return picture[top : top + side, left : left + side]


def fixed_pairs(files: tuple[Path, ...], cache: PhotographCache, side: int, most: int) -> Batch:
    """Fixed pairs of central crops of photographs spread over the list, each a secret once.

    Returns:
        `cover` and `secret`, each uint8 (pairs, side, side, 3).
    """
    chosen = [files[i] for i in np.linspace(0, len(files) - 1, min(most, len(files))).astype(int)]
    pictures = [centre_crop(p, side) for p in map(cache.read, chosen) if p is not None]
    if len(pictures) < 2:
        raise ValueError(
            f"fewer than 2 of the {len(chosen)} photographs for validation can be read"
        )
    covers = np.stack(pictures)
    return {"cover": covers, "secret": np.roll(covers, 1, axis=0)}


class Source(Protocol):
    """Makes batches.

    A batch depends only on the source and its number, so that a resumed run gets the same batches
    as an uninterrupted one.
    """

    def make(self, step: int) -> dict[str, Any]:
        """Batch number `step`."""


@dataclass(frozen=True)
class Stages:
    """Batches of one source, then of another.

    Attributes:
        first: Makes the batches before number `steps`.
        then: Makes the others.
        steps: Batches of `first`.
    """

    first: Source
    then: Source
    steps: int

    def make(self, step: int) -> dict[str, Any]:
        """Batch number `step`."""
        return (self.first if step < self.steps else self.then).make(step)


@dataclass(frozen=True)
class Alternating:
    """Batches of several sources in turn.

    Attributes:
        sources: Make a batch each.
    """

    sources: tuple[Source, ...]

    def make(self, step: int) -> dict[str, Any]:
        """Batch number `step`."""
        return self.sources[step % len(self.sources)].make(step)


def stream(source: Source, start: int, stop: int, workers: int = 2) -> Iterator[dict[str, Any]]:
    """Batches `start` to `stop - 1`, in order; threads make them a few batches ahead."""
    with ThreadPoolExecutor(workers, thread_name_prefix="batches") as threads:
        waiting: deque[Future[dict[str, Any]]] = deque()
        try:
            for step in range(start, stop):
                waiting.append(threads.submit(source.make, step))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
