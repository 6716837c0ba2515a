"""Checks that the graphs of `classic` compute what the Keras networks compute."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from export.parity import SIZES, ParityError, Pictures, differing, session, through_png
from training.measure import psnr

BATCHES = (1, 2)
MOST_PSNR_DIFFERENCE = 0.05

Networks = Callable[..., Pictures]


def check_parity(
    hide: bytes,
    reveal: bytes,
    keras_hide: Networks,
    keras_reveal: Networks,
    photographs: list[Pictures],
) -> dict[str, float]:
    """Compares graphs with networks on photographs, at three sizes and two batch sizes.

    Args:
        hide: Serialized graph, `cover`, `secret` -> `container`.
        reveal: Serialized graph, `container` -> `secret`.
        keras_hide: The same function by the networks, on uint8 (batch, height, width, 3).
        keras_reveal: The same function by the networks, on uint8 (batch, height, width, 3).
        photographs: Two or more, uint8 (height, width, 3), with at least 160 pixels per side.

    Returns:
        The largest differences at all sizes, batches and optimization levels: `differing_samples`,
        a share, and `psnr_difference`, in dB.

    Raises:
        ParityError: A sample differs by more than one level, or more than 0.1% differ at all, or
            a PSNR through PNG differs by more than 0.05 dB.
    """
    hiders = [session(hide, optimized) for optimized in (False, True)]
    revealers = [session(reveal, optimized) for optimized in (False, True)]
    largest_share, psnr_difference = 0.0, 0.0
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
                largest_share = max(
                    largest_share,
                    differing(expected, container, "hide"),
                    differing(expected_secret, revealed, "reveal"),
                )
                for picture, by_keras, by_onnx in (
                    (cover, expected, container),
                    (secret, expected_secret, end),
                ):
                    keras_psnr = psnr(picture, by_keras)
                    onnx_psnr = psnr(picture, by_onnx)
                    psnr_difference = max(psnr_difference, float(abs(keras_psnr - onnx_psnr)))
    if psnr_difference > MOST_PSNR_DIFFERENCE:
        raise ParityError(
            f"PSNR through PNG differs by {psnr_difference:.3f} dB between Keras and ONNX; "
            f"at most {MOST_PSNR_DIFFERENCE} is allowed"
        )
    return {"differing_samples": largest_share, "psnr_difference": round(psnr_difference, 6)}
