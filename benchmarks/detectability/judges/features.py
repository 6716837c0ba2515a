"""Feature sets for steganalysis, as `sealwatch` extracts them, kept so that each is made once.

SPAM: Pevny, Bas, Fridrich, "Steganalysis by Subtractive Pixel Adjacency Matrix", IEEE TIFS 2010;
here of each colour channel, one after the other. CRM: Goljan, Fridrich, Cogranne, "Rich Model for
Steganalysis of Color Images", WIFS 2014; here its features across channels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.batch.files import write_whole
from runtime.images.image import Picture

Features = NDArray[np.float32]


def _spam(picture: Picture) -> Features:
    import sealwatch

    channels = [np.ascontiguousarray(picture[..., channel]) for channel in range(3)]
    return np.concatenate([_flat(sealwatch.spam.extract(channel)) for channel in channels])


def _crm(picture: Picture) -> Features:
    import sealwatch

    return _flat(sealwatch.crm.extract(picture))


SETS: dict[str, Callable[[Picture], Features]] = {"SPAM": _spam, "CRM": _crm}


def _flat(submodels: dict[str, NDArray[np.float64]]) -> Features:
    return np.concatenate([np.ravel(values) for values in submodels.values()]).astype(np.float32)


def features_of(name: str, pictures: Iterable[Picture], kept: Path | None) -> Features:
    """Features of pictures, float32 (pictures, features).

    Args:
        name: Of the set, one of `SETS`.
        pictures: uint8 (height, width, 3) each, RGB.
        kept: Folder in which they are kept; None to keep nothing.
    """
    return np.stack([_of(name, picture, kept) for picture in pictures])


def _of(name: str, picture: Picture, kept: Path | None) -> Features:
    if kept is None:
        return SETS[name](picture)
    shape = repr(picture.shape).encode()
    digest = hashlib.sha256(shape + picture.tobytes()).hexdigest()[:32]
    path = kept / name / f"{digest}.f4"
    if path.is_file():
        return np.fromfile(path, np.float32)
    found = SETS[name](picture)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, found.tobytes(), overwrite=True)
    return found
