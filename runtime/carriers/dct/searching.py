"""Finding a container's strength, scale and shift by its pilots."""

from __future__ import annotations

from itertools import product
from math import ceil, log

import numpy as np

from runtime.carriers.dct.axes import SAME, Axis, Location
from runtime.carriers.dct.layout import REGION
from runtime.carriers.dct.networks import Networks
from runtime.carriers.dct.strengths import BLOCK, STRENGTHS
from runtime.images.image import Picture

SURE = 6.0
"""Standard deviations by which pilots must stand out from chance."""
LEAST_RATIO, MOST_RATIO = 0.4, 2.0
MOST_CROPPED = 8
# Scales are looked for in a part of 8 blocks along a side, whose pilots bear coarse steps. What
# might be one there is refined in a part of 16, which decides.
_RATIO_STEP = 1.004
_ROUGH_SIDE, _ROUGH_SURE = 8, 4.0
_SIDE = 16
_MARGIN = 16
# Side in blocks, and the largest changes of start and ratio that are tried, in turn.
_REFINEMENTS = ((_SIDE, 0.5, 5e-4), (_SIDE, 0.25, 3e-4), (REGION, 0.12, 1e-4), (REGION, 0.06, 5e-5))

# How far off a place may be that is made exact, in pixels, and as a share of a side.
_OFF_START, _OFF_SIDE, _MOST_OFF = 0.6, 8e-4, 4

_Axes = tuple[Axis, Axis]


def find(networks: Networks, picture: Picture, *, everywhere: bool = True) -> Location | None:
    """Finds a container in a picture, at its own size, cropped or resized.

    Args:
        networks: With the graph `find`.
        picture: uint8 (height, width, 3).
        everywhere: Whether to look for scales and shifts.
    """
    search = _Search(networks, picture)
    best = search.best([(SAME, SAME)], _SIDE)
    if best.score < SURE and everywhere:
        best = max(best, search.best(_shifts(), _SIDE), key=_score)
    if not best.is_own and best.score >= SURE - 1:
        best = search.refined(best)
    if best.score < SURE and everywhere:
        rough = search.best(_scales(), _ROUGH_SIDE)
        if rough.score >= _ROUGH_SURE:
            best = max(best, search.refined(rough), key=_score)
    return best if best.score >= SURE else None


def uncropped(networks: Networks, picture: Picture, place: Location) -> Location | None:
    """The place at which the whole container was resized to the file, in whole pixels.

    Args:
        networks: With the graph `find`.
        picture: The file's, uint8 (height, width, 3).
        place: About where the container lies.

    Returns:
        None if it is not near, or if the file has the container's own size.
    """
    choices = []
    for axis, size in zip((place.rows, place.columns), picture.shape[:2], strict=True):
        if abs(axis.start - Axis.resized(axis.ratio).start) > _OFF_START:
            return None
        about = round(size / axis.ratio)
        off = min(ceil(_OFF_SIDE * about) + 1, _MOST_OFF)
        sides = range(max(1, about - off), about + off + 1)
        choices.append([Axis.resized(size / side) for side in sides])
    if place.is_own:
        return None
    pairs = [(rows, columns) for rows, columns in product(*choices)]
    return _Search(networks, picture).best(pairs, REGION)


def _score(place: Location) -> float:
    return place.score


def _shifts() -> list[_Axes]:
    cut = [Axis.resized(1.0, number) for number in range(MOST_CROPPED + 1)]
    return [(down, along) for down in cut for along in cut]


def _scales() -> list[_Axes]:
    count = int(log(MOST_RATIO / LEAST_RATIO) / log(_RATIO_STEP)) + 2
    axes = [Axis.resized(LEAST_RATIO * _RATIO_STEP**number) for number in range(count)]
    return [(axis, axis) for axis in axes]


class _Search:
    def __init__(self, networks: Networks, picture: Picture) -> None:
        most = int(REGION * BLOCK * MOST_RATIO) + _MARGIN
        self._networks = networks
        self._picture = np.ascontiguousarray(picture[:most, :most])

    def best(self, candidates: list[_Axes], side: int) -> Location:
        """The candidate at which the pilots of some strength fit best."""
        numbers = [[rows.start, rows.ratio, cols.start, cols.ratio] for rows, cols in candidates]
        scores = self._networks.scores(self._picture, np.array(numbers, np.float32), side)
        candidate, strength = divmod(int(scores.argmax()), scores.shape[1])
        rows, columns = candidates[candidate]
        return Location(STRENGTHS[strength], rows, columns, float(scores.max()))

    def refined(self, place: Location) -> Location:
        """The best of ever smaller changes, of one number at a time."""
        for side, shift, turn in _REFINEMENTS:
            changes = [(0.0, 0.0), *((s, 0.0) for s in (-shift, shift, -shift / 2, shift / 2))]
            changes += [(0.0, t) for t in (-2 * turn, -turn, turn, 2 * turn)]
            for _ in range(2):
                for number in range(2):
                    candidates = []
                    for start, ratio in changes:
                        axes = [place.rows, place.columns]
                        old = axes[number]
                        axes[number] = Axis(old.start + start, old.ratio * (1 + ratio))
                        candidates.append((axes[0], axes[1]))
                    place = self.best(candidates, side)
        return place
