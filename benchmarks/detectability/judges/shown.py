"""What a network that judges `quiet` is shown: a picture, and where `quiet` would change it.

For each sample it is the probability with which the best changes at the payload would meet it, from
the costs of the picture that is tested: those of a container are almost those of its cover.
Detectors know so where to look (Ye, Ni, Yi, "Deep Learning Hierarchical Representations for Image
Steganalysis", IEEE TIFS 2017).
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectability.judges.covers import Cover
from benchmarks.detectability.judges.kinds import quiet_planes
from runtime.images.image import Picture
from runtime.schemes.quiet import joint
from runtime.schemes.quiet.costs import PLANES

Shown = NDArray[np.uint8]
"""A picture beside probabilities, uint8 (height, width, 6); see `shown`."""

MOST = 2 / 3
"""Probability of a change that is shown as 255."""


@dataclass(frozen=True, eq=False)
class ShownPairs:
    """Covers and their containers, in the same order, as they are shown."""

    covers: list[Shown]
    containers: list[Shown]

    def __len__(self) -> int:
        return len(self.covers)


def shown(picture: Picture, payload: float) -> Shown:
    """A picture and probabilities of changes, uint8 (height, width, 6).

    Args:
        picture: uint8 (height, width, 3), RGB.
        payload: Bits per sample.

    Returns:
        Its red, green and blue, then the probabilities of changes of each, as the root of their
        share of `MOST`, times 255: most of them are small.
    """
    height, width, channels = picture.shape
    noise = quiet_planes(Cover(picture)).noise
    shares = np.array(joint.changing(noise, joint.least_factor(noise, payload * picture.size)))
    levels = np.rint(255 * np.sqrt(np.minimum(shares / MOST, 1))).astype(np.uint8)
    result = np.empty((height, width, 2 * channels), np.uint8)
    result[..., :channels] = picture
    for channel, plane in zip(PLANES, levels.reshape(channels, height, width), strict=True):
        result[..., channels + channel] = plane
    return result


def shown_pairs(
    pairs: Iterable[tuple[Picture, Picture]], payload: float, pool: Executor
) -> ShownPairs:
    """Covers and containers as they are shown.

    Args:
        pairs: A cover and its container each.
        payload: Bits per sample.
        pool: Where the work is done.
    """
    covers, containers = zip(*pairs, strict=True)
    show = partial(shown, payload=payload)
    both = [list(pool.map(show, some, chunksize=8)) for some in (covers, containers)]
    return ShownPairs(*both)
