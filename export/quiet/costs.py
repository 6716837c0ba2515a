"""The graph `costs`, and the reference that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from export.builder import Builder, tensor
from export.parity import Pictures
from export.quiet.filters import Filters

_CHANNELS = 3
_PAIRS = ((1, 0), (1, 2), (0, 2))
"""Of channels: green and red, green and blue, red and blue."""


def build_costs(filters: Filters) -> onnx.ModelProto:
    """costs(picture) -> costs, correlations.

    `picture` is uint8 (height, width, 3), at least 16 pixels per side; both outputs are float32 of
    that shape. `costs` are what one more or one less of each sample costs, each channel alone.
    `correlations` are those of the noise of green and red, green and blue, red and blue, between
    -1 and 1. Borders are mirrored, the outermost pixels not repeated.
    """
    g = Builder()
    planes = g.cast(g.op("Transpose", "picture", perm=[2, 0, 1]), "float")
    planes = g.op("Unsqueeze", planes, g.i64([0]))
    high, first, second = filters.radii
    kernel = np.repeat(filters.high_pass[None, None], _CHANNELS, axis=0)
    residual = g.op("Conv", _mirrored(g, planes, high), g.f32(kernel), group=_CHANNELS)
    activity = _mean(g, g.op("Abs", residual), first)
    inverse = g.op("Reciprocal", g.op("Max", activity, g.f32(filters.least)))
    costs = g.op("Pow", _mean(g, inverse, second), g.f32(filters.exponent))
    shape: list[int | str] = ["height", "width", _CHANNELS]
    return g.model(
        "costs",
        [tensor("picture", "uint8", shape)],
        [
            (_pixels_first(g, costs), tensor("costs", "float", shape)),
            (
                _pixels_first(g, _correlations(g, residual, filters)),
                tensor("correlations", "float", shape),
            ),
        ],
    )


def _correlations(g: Builder, residual: str, filters: Filters) -> str:
    radius = filters.correlation_mean // 2
    one, other = (g.i64([pair[n] for pair in _PAIRS]) for n in range(2))
    # Two means, and not one of six channels: that takes as long, and more memory.
    power = _mean(g, g.op("Mul", residual, residual), radius)
    power = g.op("Sqrt", g.op("Max", power, g.f32(filters.least)))
    both = g.op("Mul", _channels(g, residual, one), _channels(g, residual, other))
    norm = g.op("Mul", _channels(g, power, one), _channels(g, power, other))
    norm = g.op("Mul", norm, g.f32(1 + filters.alone))
    return g.op("Div", _mean(g, both, radius), norm)


def _channels(g: Builder, x: str, which: str) -> str:
    return g.op("Gather", x, which, axis=1)


def _pixels_first(g: Builder, planes: str) -> str:
    return g.op("Transpose", g.op("Squeeze", planes, g.i64([0])), perm=[1, 2, 0])


def _mirrored(g: Builder, x: str, radius: int) -> str:
    pads = [0, 0, radius, radius] * 2
    return g.op("Pad", x, g.i64(pads), mode="reflect")


def _mean(g: Builder, x: str, radius: int) -> str:
    """The mean over a square, by columns and then by rows."""
    side = 2 * radius + 1
    by_column = g.op("AveragePool", _mirrored(g, x, radius), kernel_shape=[side, 1])
    return g.op("AveragePool", by_column, kernel_shape=[1, side])


@dataclass(frozen=True, eq=False)
class Reference:
    """What the graph gives, by OpenCV.

    Attributes:
        costs: float64 (height, width, 3).
        correlations: The same shape and type.
    """

    costs: NDArray[np.float64]
    correlations: NDArray[np.float64]


def reference(picture: Pictures, filters: Filters) -> Reference:
    """What the graph is to give."""
    samples = picture.astype(np.float64)
    kernel = filters.high_pass[::-1, ::-1]
    residual = cv2.filter2D(samples, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
    activity = _blurred(np.abs(residual), filters.first_mean)
    smoothed = _blurred(1 / np.maximum(activity, filters.least), filters.second_mean)
    power = np.sqrt(np.maximum(_blurred(residual**2, filters.correlation_mean), filters.least))
    one, other = ([pair[n] for pair in _PAIRS] for n in range(2))
    both = _blurred(residual[..., one] * residual[..., other], filters.correlation_mean)
    norm = power[..., one] * power[..., other] * (1 + filters.alone)
    return Reference(smoothed**filters.exponent, both / norm)


def _blurred(planes: NDArray[Any], side: int) -> NDArray[np.float64]:
    result = cv2.blur(planes, (side, side), borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(result, np.float64)
