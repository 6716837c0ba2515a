"""Proof that an ONNX graph computes what the Keras networks compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

SIZES = ((128, 128), (96, 160), (101, 67))
BATCHES = (1, 2)
MOST_DIFFERING = 1e-3
MOST_PSNR_DIFFERENCE = 0.05

Pictures = NDArray[np.uint8]
Networks = Callable[..., Pictures]


class ParityError(ValueError):
    """The exported graph does not do what the trained networks do."""


@dataclass(frozen=True)
class Parity:
    """What was seen, the worst over all sizes, batches and optimization levels."""

    differing_samples: float
    psnr_difference: float


def session(graph: bytes, optimized: bool = True) -> ort.InferenceSession:
    """A CPU session of a serialized graph."""
    options = ort.SessionOptions()
    level = ort.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def through_png(picture: Pictures) -> Pictures:
    """The picture after a PNG file has been made of it and read again; (height, width, 3)."""
    encoded, png = cv2.imencode(".png", picture[..., ::-1])
    if not encoded:
        raise OSError("a container could not be encoded as PNG")
    return np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR_RGB), np.uint8)


def check_parity(
    hide: bytes,
    reveal: bytes,
    keras_hide: Networks,
    keras_reveal: Networks,
    photographs: list[Pictures],
) -> Parity:
    """Compares graphs with networks on photographs at three sizes and two batch sizes.

    Args:
        hide: Serialized graph, `cover`, `secret` -> `container`.
        reveal: Serialized graph, `container` -> `secret`.
        keras_hide: The same function by the networks, on uint8 (batch, height, width, 3).
        keras_reveal: Likewise.
        photographs: Two or more, uint8 (height, width, 3), each at least 128 pixels a side.

    Raises:
        ParityError: A sample differs by more than one level, or more than 0.1% differ at all, or
            a PSNR through PNG is off by more than 0.05 dB.
    """
    hiders = [session(hide, optimized) for optimized in (False, True)]
    revealers = [session(reveal, optimized) for optimized in (False, True)]
    differing, psnr_difference = 0.0, 0.0
    for height, width in SIZES:
        for batch in BATCHES:
            cut = [p[:height, :width] for p in photographs]
            cover = np.stack([cut[i % len(cut)] for i in range(batch)])
            secret = np.stack([cut[(i + 1) % len(cut)] for i in range(batch)])
            expected = keras_hide(cover, secret)
            expected_secret = keras_reveal(np.stack([through_png(p) for p in expected]))
            for hider, revealer in zip(hiders, revealers, strict=True):
                (container,) = hider.run(["container"], {"cover": cover, "secret": secret})
                received = np.stack([through_png(p) for p in container])
                (revealed,) = revealer.run(["secret"], {"container": expected})
                (end,) = revealer.run(["secret"], {"container": received})
                differing = max(
                    differing,
                    _differing(expected, container, "hide"),
                    _differing(expected_secret, revealed, "reveal"),
                )
                for picture, keras_made, onnx_made in (
                    (cover, expected, container),
                    (secret, expected_secret, end),
                ):
                    keras_psnr = peak_signal_noise_ratio(picture, keras_made)
                    onnx_psnr = peak_signal_noise_ratio(picture, onnx_made)
                    psnr_difference = max(psnr_difference, float(abs(keras_psnr - onnx_psnr)))
    if psnr_difference > MOST_PSNR_DIFFERENCE:
        raise ParityError(
            f"PSNR through PNG differs by {psnr_difference:.3f} dB between Keras and ONNX; "
            f"at most {MOST_PSNR_DIFFERENCE} is allowed"
        )
    return Parity(differing, psnr_difference)


def _differing(expected: Pictures, made: Pictures, graph: str) -> float:
    if made.shape != expected.shape or made.dtype != np.uint8:
        raise ParityError(
            f"{graph} made {made.dtype} {made.shape}, expected uint8 {expected.shape}"
        )
    difference = np.abs(expected.astype(np.int16) - made.astype(np.int16))
    share = float(np.mean(difference > 0))
    if difference.max() > 1 or share > MOST_DIFFERING:
        raise ParityError(
            f"{graph} differs from Keras by up to {difference.max()} levels on {share:.2%} of "
            f"samples at {expected.shape}; at most 1 level on {MOST_DIFFERING:.1%} is allowed"
        )
    return share
