"""Finding a container's strength, scale and shift by its pilots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from dct.blocks import Floats
from dct.lattice import closeness, coefficients
from dct.resampling import Axis, resample
from runtime.carriers.dct.layout import REGION, pilots, public_phases
from runtime.carriers.dct.strengths import BLOCK, STRENGTHS, Strength

SIDE = 16
"""Blocks along a side of the part that is searched."""
LEAST_RATIO, MOST_RATIO = 0.4, 2.0
RATIO_STEP = 1.002
MOST_CROPPED = 8
SURE = 6.0
"""Standard deviations by which pilots must stand out from chance."""


@dataclass(frozen=True)
class Location:
    """Where a container's pixels may lie in a file.

    Attributes:
        strength: Its strength.
        rows: From top to bottom.
        columns: From left to right.
        score: Mean closeness of pilots, in standard deviations of chance.
    """

    strength: Strength
    rows: Axis
    columns: Axis
    score: float


def score(plane: Floats, rows: Axis, columns: Axis, side: int = SIDE) -> Location:
    """How well pilots fit, for the strength where they do best."""
    down = min(side, int((plane.shape[0] + 1) / rows.ratio) // BLOCK)
    along = min(side, int((plane.shape[1] + 1) / columns.ratio) // BLOCK)
    best = Location(STRENGTHS[0], rows, columns, 0.0)
    if min(down, along) < 1:
        return best
    part = resample(plane, rows, columns, down * BLOCK, along * BLOCK)
    block, place = pilots(down, along)
    inside = (block // REGION) * along + block % REGION
    for strength in STRENGTHS:
        read = coefficients(part, strength)[inside, place][:, None]
        phases = public_phases(strength)[block, place][:, None]
        near = closeness(read, phases, strength.steps[place][:, None])
        value = float(near.mean() * np.sqrt(2 * len(block)))
        if value > best.score:
            best = Location(strength, rows, columns, value)
    return best


def find(plane: Floats, *, everywhere: bool = True) -> Location | None:
    """Finds a container in a luma plane, at its own size, cropped or resized.

    Args:
        plane: float32 (height, width).
        everywhere: Whether to look for scales and shifts.
    """
    best = score(plane, Axis(), Axis())
    if best.score < SURE and everywhere:
        best = max([best, *_scores(plane, _shifts())], key=lambda found: found.score)
        if best.score < SURE:
            best = max([best, *_scores(plane, _scales())], key=lambda found: found.score)
    if best.score < SURE - 1:
        return None
    if (best.rows, best.columns) != (Axis(), Axis()):
        best = _refined(plane, best)
    return best if best.score >= SURE else None


def _scores(plane: Floats, candidates: Iterable[tuple[Axis, Axis]]) -> Iterator[Location]:
    for rows, columns in candidates:
        yield score(plane, rows, columns)


def _shifts() -> Iterator[tuple[Axis, Axis]]:
    for down in range(MOST_CROPPED + 1):
        for along in range(MOST_CROPPED + 1):
            yield Axis.resized(1.0, down), Axis.resized(1.0, along)


def _scales() -> Iterator[tuple[Axis, Axis]]:
    count = int(np.log(MOST_RATIO / LEAST_RATIO) / np.log(RATIO_STEP)) + 1
    for number in range(count + 1):
        axis = Axis.resized(LEAST_RATIO * RATIO_STEP**number)
        yield axis, axis


def _refined(plane: Floats, place: Location) -> Location:
    """The best of ever smaller changes, of one number at a time."""
    for side, shift, turn in ((SIDE, 0.5, 5e-4), (SIDE, 0.25, 3e-4), (REGION, 0.12, 1e-4)):
        place = score(plane, place.rows, place.columns, side)
        for name in ("rows", "columns"):
            axis = getattr(place, name)
            for change in (
                *((s, 0.0) for s in (-shift, shift)),
                *((0.0, t) for t in (-2 * turn, -turn, turn, 2 * turn)),
            ):
                tried = replace(
                    axis, start=axis.start + change[0], ratio=axis.ratio * (1 + change[1])
                )
                other = replace(place, **{name: tried})
                found = score(plane, other.rows, other.columns, side)
                if found.score > place.score:
                    place = found
    return score(plane, place.rows, place.columns)
