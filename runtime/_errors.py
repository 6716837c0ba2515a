"""The exceptions that this package raises on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
        message: What was wrong, without the file.
        path: The file, or None where the picture was an array.
    """

    def __init__(self, message: str, path: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return self.message if self.path is None else f"{self.path}: {self.message}"

    def of(self, path: Path) -> Self:
        """This error, of a file, if it does not name one yet."""
        self.path = self.path or path
        return self


class NothingHiddenError(PictureError):
    """A picture holds no hidden one, as far as can be told with the passphrase at hand."""


class AlteredError(PictureError):
    """A container was changed after a picture was hidden in it.

    Attributes:
        revealed: What could still be revealed, uint8 (height, width, 3), RGB, grey where the
            container is damaged; None if nothing could.
    """

    def __init__(
        self,
        message: str,
        path: Path | None = None,
        *,
        revealed: NDArray[np.uint8] | None = None,
    ) -> None:
        super().__init__(message, path)
        self.revealed = revealed
