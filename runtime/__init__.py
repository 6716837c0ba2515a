"""Hides a picture inside a picture, and gets it back.

import runtime

container = runtime.Hider().hide(cover, secret)      # uint8 (height, width, 3) arrays, RGB
secret = runtime.Revealer().reveal(container)
for result in runtime.hide_folder("covers", "secrets", "containers"):
    print(result.container, result.error or "done")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from runtime.payloads.base import Payload
    from runtime.picture_files import read_picture, write_picture
    from runtime.results import HideResult, Quality, RevealResult, Seconds
    from runtime.revealer import Revealer
    from runtime.schemes.base import Capacity, Revealed

__all__ = [
    "AlteredError",
    "Capacity",
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
    "Payload",
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

# Imported when they are first used: `import runtime` costs next to nothing, for programs that may
# not need it in each run.
_NAMES = {
    "runtime.batch.folders": (
        "hide_folder",
        "reveal_folder",
    ),
    "runtime.errors": (
        "AlteredError",
        "ClosedError",
        "ContainerError",
        "Damage",
        "DepthError",
        "DeviceError",
        "ExistsError",
        "FileError",
        "ModelError",
        "NothingHiddenError",
        "OutOfMemoryError",
        "OutputError",
        "PictureError",
        "PlainsightError",
        "SetupError",
        "TooLargeError",
        "UnreadableError",
        "UnsupportedError",
        "UnwritableError",
        "UsageError",
        "VerifyError",
    ),
    "runtime.hider": ("Hider",),
    "runtime.images.image": ("Picture",),
    "runtime.images.inputs": (
        "File",
        "ImageInput",
    ),
    "runtime.payloads.base": ("Payload",),
    "runtime.picture_files": (
        "read_picture",
        "write_picture",
    ),
    "runtime.results": (
        "HideResult",
        "Quality",
        "RevealResult",
        "Seconds",
    ),
    "runtime.revealer": ("Revealer",),
    "runtime.schemes.base": ("Capacity", "Revealed"),
}


def __getattr__(name: str) -> Any:
    import importlib

    for module, names in _NAMES.items():
        if name in names:
            value = getattr(importlib.import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
