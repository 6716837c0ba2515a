"""The exceptions that this package raises on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class PlainsightError(Exception):
    """Base of all the others; its text says what was wrong and what to do.

    Attributes:
        code: A short word that says what kind of error it is, for programs; it will not change.
    """

    code: ClassVar[str] = "error"


class UsageError(PlainsightError, ValueError):
    """What was asked for cannot be done as asked: folders, pairing, names, options."""

    code = "usage"


class ModelError(PlainsightError):
    """A model is missing, damaged, or made for another version of this package."""

    code = "model"


class DeviceError(PlainsightError):
    """The device that was asked for is not to be had, or ONNX Runtime is not installed."""

    code = "device"


class PictureError(PlainsightError, ValueError):
    """A picture cannot be used as it is: an array of the wrong kind, or too small a cover.

    Attributes:
        message: What was wrong, without the file.
        path: The file, or None where the picture was an array or bytes.
    """

    code = "picture"

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


class UnreadableError(PictureError):
    """A file cannot be opened, or is not a whole picture of a kind that is read."""

    code = "unreadable"


class TooLargeError(PictureError):
    """A picture has more pixels than are allowed."""

    code = "too-large"


class DepthError(PictureError):
    """A cover has more than 8 bits a sample, which a container cannot keep."""

    code = "depth"


class ExistsError(PictureError):
    """A file that would be written is there already."""

    code = "exists"


class UnwritableError(PictureError):
    """A file cannot be written, or not without loss in the format asked for."""

    code = "unwritable"


class VerifyError(PictureError):
    """A container that was read back does not hold what was hidden, or changes its cover."""

    code = "verify"


class NothingHiddenError(PictureError):
    """A picture holds no hidden one, as far as can be told with the passphrase at hand."""

    code = "nothing-hidden"


class AlteredError(PictureError):
    """A container was changed after a picture was hidden in it.

    Attributes:
        revealed: What could still be revealed, uint8 (height, width, 3), RGB, grey where the
            container is damaged; None if nothing could.
    """

    code = "altered"

    def __init__(
        self,
        message: str,
        path: Path | None = None,
        *,
        revealed: NDArray[np.uint8] | None = None,
    ) -> None:
        super().__init__(message, path)
        self.revealed = revealed
