"""The filters of the costs, read from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Filters:
    """HILL: high-pass, low-pass, low-pass (Li et al., ICIP 2014).

    Attributes:
        high_pass: float32 (size, size), of odd size.
        first_mean: Side of the square over which its magnitude is averaged; odd.
        second_mean: The same of what is inverse to that.
        least: Least mean magnitude, so that the inverse is finite.
        exponent: To which costs are raised. Below 1, changes spread more evenly, which detectors
            that know the costs gain less from.
        correlation_mean: Side of the square over which the high-pass of two channels is correlated;
            odd.
        alone: Noise of each channel alone, as a share of what is measured. Correlations are smaller
            by that.
    """

    high_pass: NDArray[np.float32]
    first_mean: int
    second_mean: int
    least: float
    exponent: float
    correlation_mean: int
    alone: float

    @property
    def radii(self) -> tuple[int, int, int]:
        """How far each of the three filters of the costs reaches, in pixels."""
        return self.high_pass.shape[0] // 2, self.first_mean // 2, self.second_mean // 2


def read_filters(path: Path) -> Filters:
    """Filters from a JSON file.

    Raises:
        OSError: It cannot be read.
        ValueError: It does not hold such filters.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        filters = Filters(
            np.array(values["high_pass"], np.float32),
            int(values["first_mean"]),
            int(values["second_mean"]),
            float(values["least"]),
            float(values["exponent"]),
            int(values["correlation_mean"]),
            float(values["alone"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} does not hold filters: {error!r}") from error
    shape = filters.high_pass.shape
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ValueError(f"{path}: high_pass must be square, got {shape}")
    sides = (shape[0], filters.first_mean, filters.second_mean, filters.correlation_mean)
    if any(side < 1 or side % 2 == 0 for side in sides):
        raise ValueError(f"{path}: sides must be odd")
    if not min(filters.least, filters.exponent, filters.alone) > 0:
        raise ValueError(f"{path}: least, exponent and alone must be positive")
    return filters
