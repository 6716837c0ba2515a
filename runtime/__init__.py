"""Hides a picture inside a picture, and gets it back.

import runtime

container = runtime.Hider().hide(cover, secret)      # uint8 (height, width, 3) arrays, RGB
secret = runtime.Revealer().reveal(container)
for result in runtime.hide_folder("covers", "secrets", "containers"):
    print(result.container, result.error or "done")
"""

from runtime._errors import (
    AlteredError,
    DeviceError,
    ModelError,
    NothingHiddenError,
    PictureError,
    PlainsightError,
    UsageError,
)
from runtime._folders import HideResult, RevealResult, hide_folder, reveal_folder
from runtime._hider import Hider
from runtime._revealer import Revealer

__all__ = [
    "AlteredError",
    "DeviceError",
    "HideResult",
    "Hider",
    "ModelError",
    "NothingHiddenError",
    "PictureError",
    "PlainsightError",
    "RevealResult",
    "Revealer",
    "UsageError",
    "hide_folder",
    "reveal_folder",
]
