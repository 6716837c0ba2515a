"""Features and containers that were made before, so that an interrupted run can continue."""

from __future__ import annotations

import hashlib
import importlib.metadata
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.detectability.judges.covers import Cover
from benchmarks.detectability.judges.features import SETS, Features
from benchmarks.detectability.judges.kinds import Setting
from runtime.batch.files import write_whole
from runtime.images.image import Picture


class Kept:
    """Features and containers, each made once.

    Args:
        folder: Where they are kept; None to keep nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def features(self, name: str, depends_on: str, picture: Callable[[], Picture]) -> Features:
        """Features of a set, float32 (features,).

        Args:
            name: Of the set, one of `SETS`.
            depends_on: All that the picture depends on.
            picture: Makes the picture, if need be.
        """
        version = importlib.metadata.version("sealwatch")
        kept = self._bytes(
            f"{version} {name} {depends_on}", "f4", lambda: SETS[name](picture()).tobytes()
        )
        return np.frombuffer(kept, np.float32)

    def container(self, setting: Setting, cover: Cover, number: int) -> Picture:
        """The container of a cover with this number, uint8 of the shape of the cover."""
        picture = cover.picture

        # Little differs, so the difference takes a tenth of the room of the container.
        def difference() -> bytes:
            return zlib.compress((setting.container(cover, number) - picture).tobytes())

        kept = self._bytes(setting.digest(cover, number), "diff", difference)
        changes = np.frombuffer(zlib.decompress(kept), np.uint8).reshape(picture.shape)
        return np.asarray(picture + changes, np.uint8)

    def _bytes(self, depends_on: str, kind: str, make: Callable[[], bytes]) -> bytes:
        if self._folder is None:
            return make()
        key = hashlib.sha256(depends_on.encode()).hexdigest()[:32]
        path = self._folder / f"{key}.{kind}"
        if not path.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, make(), overwrite=True)
        return path.read_bytes()
