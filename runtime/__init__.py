"""Hides a picture inside a picture, and gets it back.

import runtime

container = runtime.Hider().hide(cover, secret)      # uint8 (height, width, 3) arrays, RGB
secret = runtime.Revealer().reveal(container)
for result in runtime.hide_folder("covers", "secrets", "containers"):
    print(result.container, result.error or "done")
"""

from runtime.batch.folders import hide_folder, reveal_folder
from runtime.errors import (
    AlteredError,
    ClosedError,
    ContainerError,
    Damage,
    DepthError,
    DeviceError,
    ExistsError,
    FileError,
    ModelError,
    NothingHiddenError,
    OutOfMemoryError,
    OutputError,
    PictureError,
    PlainsightError,
    SetupError,
    TooLargeError,
    UnreadableError,
    UnsupportedError,
    UnwritableError,
    UsageError,
    VerifyError,
)
from runtime.hider import Hider
from runtime.images.image import Picture
from runtime.images.inputs import File, ImageInput
from runtime.picture_files import read_picture, write_picture
from runtime.results import HideResult, Quality, RevealResult, Seconds
from runtime.revealer import Revealer
from runtime.schemes.base import Revealed

__all__ = [
    "AlteredError",
    "ClosedError",
    "ContainerError",
    "Damage",
    "DepthError",
    "DeviceError",
    "ExistsError",
    "File",
    "FileError",
    "HideResult",
    "Hider",
    "ImageInput",
    "ModelError",
    "NothingHiddenError",
    "OutOfMemoryError",
    "OutputError",
    "Picture",
    "PictureError",
    "PlainsightError",
    "Quality",
    "RevealResult",
    "Revealed",
    "Revealer",
    "Seconds",
    "SetupError",
    "TooLargeError",
    "UnreadableError",
    "UnsupportedError",
    "UnwritableError",
    "UsageError",
    "VerifyError",
    "hide_folder",
    "read_picture",
    "reveal_folder",
    "write_picture",
]
