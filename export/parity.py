"""What the checks of all exported graphs share."""

from __future__ import annotations

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

# Sizes of the pictures on which graphs are checked: usual ones, and odd ones.
SIZES = ((128, 128), (96, 160), (101, 67))
MOST_DIFFERING = 1e-3

Pictures = NDArray[np.uint8]


class ParityError(ValueError):
    """An exported graph does not compute what its reference does."""


def session(graph: bytes, optimized: bool = True) -> ort.InferenceSession:
    """A CPU session of a serialized graph."""
    options = ort.SessionOptions()
    level = ort.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def through_png(picture: Pictures) -> Pictures:
    """The picture, uint8 (height, width, 3), after encoding as PNG and decoding."""
    encoded, png = cv2.imencode(".png", picture[..., ::-1])
    if not encoded:
        raise OSError("a picture could not be encoded as PNG")
    return np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR_RGB), np.uint8)


def differing(expected: Pictures, result: Pictures, name: str) -> float:
    """Share of the samples that differ between a graph and its reference, 0 .. 1.

    Raises:
        ParityError: The type or shape is wrong, a sample differs by more than one level, or more
            than 0.1% of the samples differ.
    """
    if result.shape != expected.shape or result.dtype != np.uint8:
        raise ParityError(
            f"{name} returned {result.dtype} {result.shape}, expected uint8 {expected.shape}"
        )
    difference = np.abs(expected.astype(np.int16) - result.astype(np.int16))
    share = float(np.mean(difference > 0))
    if difference.max() > 1 or share > MOST_DIFFERING:
        raise ParityError(
            f"{name} differs from its reference by up to {difference.max()} levels on "
            f"{share:.2%} of samples at {expected.shape}; at most 1 level on "
            f"{MOST_DIFFERING:.1%} is allowed"
        )
    return share
