"""The exceptions that this package raises on purpose, as a tree.

PlainsightError
├── SetupError             the machine or the installation
│   ├── DeviceError            the device is not available, or failed
│   ├── ModelError             a model is missing, damaged, or for another version
│   └── OutOfMemoryError       there is not enough memory for a picture
├── UsageError             the request: folders, pairing, names, options
├── ClosedError            a hider or revealer was used after `close`
└── FileError              one picture or file, named by `path`
    ├── PictureError           an input cannot be used as it is
    │   ├── UnreadableError        it cannot be opened, or is damaged
    │   ├── UnsupportedError       it is of a kind that is not read
    │   ├── TooLargeError          it has more pixels or bytes than allowed
    │   └── DepthError             it has more than 8 bits per sample
    ├── OutputError            an output cannot be made
    │   ├── ExistsError            a file of that name already exists
    │   └── UnwritableError        it cannot be written, or not losslessly
    ├── ContainerError         a container does not give its secret back
    │   ├── NothingHiddenError     nothing is found in it
    │   └── AlteredError           it was changed after hiding
    └── VerifyError            a container that was read back is not what it should be

Texts state facts. What a command's user can do about them by its flags, the command line adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self


@dataclass(frozen=True)
class Damage:
    """What is wrong with a container that was changed after hiding.

    Attributes:
        damaged: Tiles of the container that are damaged or missing.
        tiles: Tiles of the container in all.
        lost: Parts of the secret that are lost for it; 0 where the secret is whole.
        parts: Parts of the secret in all.
    """

    damaged: int
    tiles: int
    lost: int = 0
    parts: int = 1


class PlainsightError(Exception):
    """Base of all the others.

    Attributes:
        code: A short word for the kind of error, for programs; it will not change.
    """

    code: ClassVar[str] = "error"


class SetupError(PlainsightError):
    """The machine or the installation cannot do what was asked for."""

    code = "setup"


class DeviceError(SetupError):
    """The requested device is not available or failed, or ONNX Runtime is not installed."""

    code = "device"


class ModelError(SetupError):
    """A model is missing, damaged, or made for another version of this package."""

    code = "model"


class UsageError(PlainsightError, ValueError):
    """The request cannot be carried out as it stands: folders, pairing, names, options."""

    code = "usage"


class ClosedError(PlainsightError, RuntimeError):
    """A hider or revealer was used after `close`, or in a process forked after it was made."""

    code = "closed"


class FileError(PlainsightError):
    """Base of errors about one picture or file.

    Attributes:
        message: What was wrong, without the file's name.
        path: The file, or None where the picture was an array or bytes.
    """

    code = "file"

    def __init__(self, message: str, path: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return self.message if self.path is None else f"{self.path}: {self.message}"

    def of(self, path: Path) -> Self:
        """This error with its file named, unless it already names one."""
        self.path = self.path or path
        return self


class OutOfMemoryError(FileError, SetupError, MemoryError):
    """There is not enough memory for a picture."""

    code = "memory"


class PictureError(FileError, ValueError):
    """An input cannot be used as it is: a file, or an array of the wrong kind or size."""

    code = "picture"


class UnreadableError(PictureError):
    """A file cannot be opened, or is not a whole picture.

    Attributes:
        special: Whether it is a pipe, a socket or a device rather than a file.
        inside: Whether it is damaged inside, and part of it could still be decoded.
    """

    code = "unreadable"

    def __init__(
        self,
        message: str,
        path: Path | None = None,
        *,
        special: bool = False,
        inside: bool = False,
    ) -> None:
        super().__init__(message, path)
        self.special = special
        self.inside = inside


class UnsupportedError(PictureError):
    """A file is a picture of a kind that is not read."""

    code = "unsupported"


class TooLargeError(PictureError):
    """A picture has more pixels than allowed, or a file more bytes than such a picture needs.

    Attributes:
        max_pixels: The limit that was set, in pixels; None where another limit holds.
    """

    code = "too-large"

    def __init__(
        self, message: str, path: Path | None = None, *, max_pixels: int | None = None
    ) -> None:
        super().__init__(message, path)
        self.max_pixels = max_pixels


class DepthError(PictureError):
    """A cover has more than 8 bits per sample, which a container cannot keep."""

    code = "depth"


class OutputError(FileError):
    """A file cannot be made."""

    code = "output"


class ExistsError(OutputError):
    """A file with the name of the output already exists."""

    code = "exists"


class UnwritableError(OutputError):
    """A file cannot be written, or not losslessly in the requested format."""

    code = "unwritable"


class ContainerError(FileError):
    """A container does not give its secret back."""

    code = "container"


class NothingHiddenError(ContainerError):
    """A picture holds no hidden one, as far as can be told with the passphrase at hand."""

    code = "nothing-hidden"


class AlteredError(ContainerError):
    """A container was changed after a picture was hidden in it.

    `Revealer.recover` returns what is left of the secret, if anything is.

    Attributes:
        damage: What is damaged; None if nothing can be revealed.
    """

    code = "altered"

    def __init__(
        self, message: str, path: Path | None = None, *, damage: Damage | None = None
    ) -> None:
        super().__init__(message, path)
        self.damage = damage

    @classmethod
    def of_damage(cls, damage: Damage, path: Path | None = None) -> Self:
        """The error for a container of which part can still be revealed."""
        verb = "is" if damage.damaged == 1 else "are"
        left = "the hidden picture is whole"
        if damage.lost:
            left = f"{damage.lost} of the {damage.parts} parts of the hidden picture are lost, and "
            left += "grey where revealed"
        return cls(
            f"it was altered after a picture was hidden in it: {damage.damaged} of its "
            f"{damage.tiles} tiles {verb} damaged or missing; {left}",
            path,
            damage=damage,
        )


class VerifyError(FileError):
    """A container that was read back does not hold what was hidden, or differs from its cover."""

    code = "verify"
