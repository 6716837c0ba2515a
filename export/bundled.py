"""The photographs that scikit-image includes, as files: graphs can always be checked on them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import skimage.data
import skimage.io
from numpy import uint8
from numpy.typing import NDArray

NAMES = ("astronaut", "chelsea", "coffee", "rocket")


@contextmanager
def bundled_photographs() -> Iterator[list[tuple[Path, NDArray[uint8]]]]:
    """PNG files in a temporary folder, each with its picture, uint8 (height, width, 3), RGB."""
    with tempfile.TemporaryDirectory() as folder:
        photographs = []
        for name in NAMES:
            picture = getattr(skimage.data, name)()
            path = Path(folder) / f"{name}.png"
            skimage.io.imsave(path, picture, check_contrast=False)
            photographs.append((path, picture))
        yield photographs
