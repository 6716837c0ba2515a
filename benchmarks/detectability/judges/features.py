"""Feature sets for steganalysis, as `sealwatch` extracts them.

Sample pairs: Dumitrescu, Wu, Wang, "Detection of LSB Steganography via Sample Pair Analysis", IEEE
TSP 2003; the estimated share of samples that carry bits, a feature for each colour channel.
SPAM: Pevny, Bas, Fridrich, "Steganalysis by Subtractive Pixel Adjacency Matrix", IEEE TIFS 2010;
here of each colour channel, one after the other. CRM: Goljan, Fridrich, Cogranne, "Rich Model for
Steganalysis of Color Images", WIFS 2014; here its features across channels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Picture

Features = NDArray[np.float32]


def _sample_pairs(picture: Picture) -> Features:
    import sealwatch

    return np.array([sealwatch.spa.attack(channel) for channel in _channels(picture)], np.float32)


def _spam(picture: Picture) -> Features:
    import sealwatch

    return np.concatenate([_flat(sealwatch.spam.extract(c)) for c in _channels(picture)])


def _crm(picture: Picture) -> Features:
    import sealwatch

    return _flat(sealwatch.crm.extract(picture))


SETS: dict[str, Callable[[Picture], Features]] = {
    "sample pairs": _sample_pairs,
    "SPAM": _spam,
    "CRM": _crm,
}
"""By their names: from a picture to its features."""


def _channels(picture: Picture) -> list[Picture]:
    return [np.ascontiguousarray(picture[..., channel]) for channel in range(3)]


def _flat(submodels: dict[str, NDArray[np.float64]]) -> Features:
    return np.concatenate([np.ravel(values) for values in submodels.values()]).astype(np.float32)
