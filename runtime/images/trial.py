"""Pictures to try a model with."""

from __future__ import annotations

import numpy as np

from runtime.images.image import Picture


def trial_pair(side: int) -> tuple[Picture, Picture]:
    """A cover that any model can hide in, as it has detail everywhere, and a smooth secret.

    Args:
        side: Height and width in pixels, at least 128.
    """
    rows, columns = np.mgrid[0:side, 0:side] * (160 / side)
    smooth = np.stack([rows, columns, (rows + columns) / 2], axis=-1)
    grain = np.random.default_rng(0).normal(0, 8, smooth.shape)
    cover = np.clip(np.rint(smooth + 48 + grain), 0, 255).astype(np.uint8)
    return cover, np.ascontiguousarray(smooth[::-1, :, ::-1]).astype(np.uint8)
