"""Finding a container's strength, scale and shift by its pilots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
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
# Shifts and scales are looked for in a part of 8 blocks along a side, whose pilots bear coarse
# steps. What might be one there is refined in a part of 16, which decides.
_SHIFT_STEP, _MOST_MOVED = 0.5, 1
_RATIO_STEP = 1.004
_ROUGH_SIDE, _ROUGH_SURE = 8, 4.0
_SIDE = 16
_MARGIN = 16
# A picture at its own place stands out most there, not beside it.
_NEXT = (0.0, 0.0), (-0.25, 0.0), (0.25, 0.0), (0.0, -0.25), (0.0, 0.25)
_BESIDE = (-0.5, -0.25, 0.0, 0.25, 0.5)
# Side in blocks, and the largest changes of start and ratio that are tried, in turn.
_REFINEMENTS = ((_SIDE, 0.5, 5e-4), (_SIDE, 0.25, 3e-4), (REGION, 0.12, 1e-4), (REGION, 0.06, 5e-5))

# Around which pixel at hiding a ratio is changed: then shift and ratio are found almost apart.
_PIVOT = 96
# How far off a place may be that is made exact, in pixels, and as a share of a side.
_OFF_START, _OFF_SIDE, _MOST_OFF = 0.6, 8e-4, 4
# How near to one a ratio must be to be tried as one, and by what starts may be off then.
_UNSCALED, _OFF_SHIFT = 3e-3, (-0.1, -0.05, 0.0, 0.05, 0.1)
# By how much what is common may score less than what is not.
_WHOLE_SIZE, _WHOLE_SHIFT, _SHIFT = 1.0, 0.75, 0.5

_Axes = tuple[Axis, Axis]


def find(networks: Networks, picture: Picture, *, everywhere: bool = True) -> list[Location]:
    """Finds a container in a picture, at its own size, shifted, cropped or resized.

    Args:
        networks: With the graph `find`.
        picture: uint8 (height, width, 3).
        everywhere: Whether to look for scales and crops.

    Returns:
        Where it may lie, the likeliest first; none if there is no container.
    """
    search = _Search(networks, picture)
    own = search.best([(SAME, SAME)], _SIDE)
    if own.score >= SURE:
        for shifts in (_NEXT, _pairs(_BESIDE)):
            place = search.best([(Axis(down), Axis(along)) for down, along in shifts], _SIDE)
            if place.is_own:
                return [own]
        place = search.refined(place)
    elif everywhere:
        place = search.best_refined(_shifts())
        if place.score < SURE:
            place = max(place, search.best_refined(_scales()), key=_score)
    else:
        return []
    return search.likely(place) if place.score >= SURE else []


def _score(place: Location) -> float:
    return place.score


def _pairs(numbers: Iterable[float]) -> list[tuple[float, float]]:
    return [(down, along) for down, along in product(numbers, repeat=2)]


def _shifts() -> list[_Axes]:
    moved = np.arange(-MOST_CROPPED, _MOST_MOVED + _SHIFT_STEP, _SHIFT_STEP)
    return [(Axis(down), Axis(along)) for down, along in _pairs(moved.tolist())]


def _scales() -> list[_Axes]:
    count = int(log(MOST_RATIO / LEAST_RATIO) / log(_RATIO_STEP)) + 2
    axes = [Axis.resized(LEAST_RATIO * _RATIO_STEP**number) for number in range(count)]
    return [(axis, axis) for axis in axes]


class _Search:
    def __init__(self, networks: Networks, picture: Picture) -> None:
        most = int(REGION * BLOCK * MOST_RATIO) + _MARGIN
        self._networks = networks
        self._size = picture.shape[:2]
        self._picture = np.ascontiguousarray(picture[:most, :most])

    def best(self, candidates: list[_Axes], side: int) -> Location:
        """The candidate at which the pilots of some strength fit best."""
        numbers = [[rows.start, rows.ratio, cols.start, cols.ratio] for rows, cols in candidates]
        scores = self._networks.scores(self._picture, np.array(numbers, np.float32), side)
        candidate, strength = divmod(int(scores.argmax()), scores.shape[1])
        rows, columns = candidates[candidate]
        return Location(STRENGTHS[strength], rows, columns, float(scores.max()))

    def best_refined(self, candidates: list[_Axes]) -> Location:
        """The candidate that fits best roughly, refined if it might be one."""
        rough = self.best(candidates, _ROUGH_SIDE)
        return self.refined(rough) if rough.score >= _ROUGH_SURE else replace(rough, score=0.0)

    def refined(self, place: Location) -> Location:
        """The best of ever smaller changes, of one number at a time."""
        for side, shift, turn in _REFINEMENTS:
            changes = [(0.0, 0.0), *((s, 0.0) for s in (-shift, shift, -shift / 2, shift / 2))]
            changes += [(0.0, t) for t in (-2 * turn, -turn, turn, 2 * turn)]
            for _ in range(2):
                for number in range(2):
                    candidates = []
                    for start, turned in changes:
                        axes = [place.rows, place.columns]
                        axes[number] = _changed(axes[number], start, turned)
                        candidates.append((axes[0], axes[1]))
                    place = self.best(candidates, side)
        return place

    def likely(self, place: Location) -> list[Location]:
        """A refined place and those near it that are commoner, the likeliest first."""
        rated = [(place.score, place)]
        for tried, more in (
            (self._uncropped(place), _WHOLE_SIZE),
            (self._unscaled(place, whole=True), _WHOLE_SHIFT),
            (self._unscaled(place, whole=False), _SHIFT),
        ):
            if tried:
                best = self.best(tried, REGION)
                rated.append((best.score + more, best))
        rated.sort(key=lambda pair: -pair[0])
        return list(dict.fromkeys(each for _, each in rated))

    def _uncropped(self, place: Location) -> list[_Axes]:
        """Places at which a whole container was resized to the file, in whole pixels."""
        choices = []
        for axis, size in zip((place.rows, place.columns), self._size, strict=True):
            if abs(axis.start - Axis.resized(axis.ratio).start) > _OFF_START:
                return []
            about = round(size / axis.ratio)
            off = min(ceil(_OFF_SIDE * about) + 1, _MOST_OFF)
            sides = range(max(1, about - off), about + off + 1)
            choices.append([Axis.resized(size / side) for side in sides])
        return [(rows, columns) for rows, columns in product(*choices)]

    @staticmethod
    def _unscaled(place: Location, *, whole: bool) -> list[_Axes]:
        """Places near it at which a container was shifted only, by whole pixels or by any."""
        choices = []
        for axis in (place.rows, place.columns):
            if abs(axis.ratio - 1) > _UNSCALED:
                return []
            start = axis.at(_PIVOT, _PIVOT)[0]
            starts = [round(start)] if whole else [start + off for off in _OFF_SHIFT]
            choices.append([Axis(float(each)) for each in starts])
        return [(rows, columns) for rows, columns in product(*choices)]


def _changed(axis: Axis, start: float, turned: float) -> Axis:
    """An axis with another start, and a ratio that turned around the pivot."""
    return Axis(axis.start + start - axis.ratio * turned * _PIVOT, axis.ratio * (1 + turned))
