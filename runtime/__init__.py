"""Hides a picture inside a picture, and gets it back.

import runtime

container = runtime.Hider().hide(cover, secret)      # uint8 (height, width, 3) arrays, RGB
secret = runtime.Revealer().reveal(container)
for result in runtime.hide_folder("covers", "secrets", "containers"):
    print(result.container, result.error or "done")
"""

from runtime._errors import (
    AlteredError,
    DepthError,
    DeviceError,
    ExistsError,
    ModelError,
    NothingHiddenError,
    PictureError,
    PlainsightError,
    TooLargeError,
    UnreadableError,
    UnwritableError,
    UsageError,
    VerifyError,
)
from runtime._folders import hide_folder, reveal_folder
from runtime._given import File, Given
from runtime._hider import Hider
from runtime._io import read_picture, write_picture
from runtime._pictures import Picture
from runtime._results import HideResult, Quality, RevealResult, Seconds
from runtime._revealer import Revealer

__all__ = [
    "AlteredError",
    "DepthError",
    "DeviceError",
    "ExistsError",
    "File",
    "Given",
    "HideResult",
    "Hider",
    "ModelError",
    "NothingHiddenError",
    "Picture",
    "PictureError",
    "PlainsightError",
    "Quality",
    "RevealResult",
    "Revealer",
    "Seconds",
    "TooLargeError",
    "UnreadableError",
    "UnwritableError",
    "UsageError",
    "VerifyError",
    "hide_folder",
    "read_picture",
    "reveal_folder",
    "write_picture",
]
