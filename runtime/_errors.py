"""The exceptions that this package raises on purpose."""

from __future__ import annotations

from pathlib import Path


class PlainsightError(Exception):
    """Base of all the others; its text says what was wrong and what to do."""


class UsageError(PlainsightError, ValueError):
    """What was asked for cannot be done as asked: folders, pairing, names, options."""


class ModelError(PlainsightError):
    """A model is missing, damaged, or made for another version of this package."""


class DeviceError(PlainsightError):
    """The device that was asked for is not to be had, or ONNX Runtime is not installed."""


class PictureError(PlainsightError, ValueError):
    """A picture cannot be read, used or written.

    Attributes:
        path: The file, or None where the picture was an array.
    """

    def __init__(self, message: str, path: Path | None = None) -> None:
        super().__init__(message if path is None else f"{path}: {message}")
        self.path = path


class NothingHiddenError(PictureError):
    """A picture holds no hidden one, as far as can be told."""


class AlteredError(PictureError):
    """A container was changed after a picture was hidden in it."""
