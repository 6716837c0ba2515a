"""The graph `costs`, and the reference that it is compared with."""

from __future__ import annotations

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from export.builder import Builder, tensor
from export.parity import Pictures
from export.quiet.filters import Filters

_CHANNELS = 3


def build_costs(filters: Filters) -> onnx.ModelProto:
    """costs(picture) -> costs: what one more or one less of each sample costs, each channel alone.

    `picture` is uint8 (height, width, 3), at least 16 pixels per side; costs are float32 of that
    shape. Borders are mirrored, the outermost pixels not repeated.
    """
    g = Builder()
    planes = g.cast(g.op("Transpose", "picture", perm=[2, 0, 1]), "float")
    planes = g.op("Unsqueeze", planes, g.i64([0]))
    high, first, second = filters.radii
    kernel = np.repeat(filters.high_pass[None, None], _CHANNELS, axis=0)
    residual = g.op("Conv", _mirrored(g, planes, high), g.f32(kernel), group=_CHANNELS)
    activity = _mean(g, g.op("Abs", residual), first)
    inverse = g.op("Reciprocal", g.op("Max", activity, g.f32(filters.least)))
    costs = g.op("Squeeze", _mean(g, inverse, second), g.i64([0]))
    shape: list[int | str] = ["height", "width", _CHANNELS]
    return g.model(
        "costs",
        [tensor("picture", "uint8", shape)],
        [(g.op("Transpose", costs, perm=[1, 2, 0]), tensor("costs", "float", shape))],
    )


def _mirrored(g: Builder, x: str, radius: int) -> str:
    pads = [0, 0, radius, radius] * 2
    return g.op("Pad", x, g.i64(pads), mode="reflect")


def _mean(g: Builder, x: str, radius: int) -> str:
    """The mean over a square, by columns and then by rows."""
    side = 2 * radius + 1
    by_column = g.op("AveragePool", _mirrored(g, x, radius), kernel_shape=[side, 1])
    return g.op("AveragePool", by_column, kernel_shape=[1, side])


def reference(picture: Pictures, filters: Filters) -> NDArray[np.float64]:
    """The same by OpenCV, float64 (height, width, 3)."""
    border = cv2.BORDER_REFLECT_101
    planes = []
    for channel in cv2.split(picture.astype(np.float64)):
        residual = cv2.filter2D(channel, -1, filters.high_pass[::-1, ::-1], borderType=border)
        activity = cv2.blur(np.abs(residual), (filters.first_mean,) * 2, borderType=border)
        inverse = 1 / np.maximum(activity, filters.least)
        planes.append(cv2.blur(inverse, (filters.second_mean,) * 2, borderType=border))
    return np.dstack(planes)
