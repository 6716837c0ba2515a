"""`Revealer`: gets hidden pictures back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, overload

from runtime import _coded, _direct
from runtime._decode import MAX_PIXELS
from runtime._encode import encode
from runtime._given import File, Given, file_of, picture_of
from runtime._hider import checked_passphrase
from runtime._keys import KeyRing
from runtime._models import DEFAULT
from runtime._network import Network
from runtime._pictures import Picture


class Revealer:
    """Reveals the picture that a container holds. Safe to share among threads.

    Can be used in a `with` statement, which lets go of the model in the end.

    Args:
        model: The model that hid it: name of a shipped model, or a folder with one's own.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads that one picture is worked on by, on the CPU; None for one a core.
        max_pixels: Most pixels that a container or a secret may have; a small file can ask for
            much.

    Attributes:
        model: Name of the model.
        device: The device that it runs on, `cpu` or `cuda:N`.
        device_reason: Why it runs there.

    Raises:
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT,
        *,
        device: str = "auto",
        threads: int | None = None,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._network = Network(model, "reveal", device, threads)
        self.model = self._network.model.name
        self.device = self._network.device.name
        self.device_reason = self._network.device.why
        self._ring = KeyRing()
        self._max_pixels = max_pixels

    @overload
    def reveal(self, container: Picture, passphrase: str | bytes | None = None) -> Picture: ...
    @overload
    def reveal(self, container: File, passphrase: str | bytes | None = None) -> bytes: ...

    def reveal(self, container: Given, passphrase: str | bytes | None = None) -> Picture | bytes:
        """Reveals the secret that `container` holds.

        `clear` knows from the container at what payload and of what size the secret was hidden.
        `classic` cannot tell a container from another picture: of one that holds nothing, it
        returns what its network makes of it.

        Args:
            container: uint8 (height, width, 3), RGB, as `Hider.hide` returned it; or the content of
                a picture file, or its path.
            passphrase: The one that it was hidden with, or None if there was none.

        Returns:
            The revealed secret: at its own size, or by `classic` at the container's. An array if
            the container was one, else the content of a PNG file.

        Raises:
            PictureError: The argument is not such an array or file.
            NothingHiddenError: It holds no hidden picture, or none any more, or the passphrase is
                not the right one: these cannot be told apart.
            TooLargeError: It, or what it holds, has more pixels than are allowed.
            AlteredError: It was changed after a picture was hidden in it; the error has what could
                still be revealed.
            UsageError: The passphrase is empty, or the model cannot be protected by one.
        """
        key = self.check_passphrase(passphrase)
        file = file_of(container, "container", self._max_pixels)
        picture = file.picture if file else picture_of(container, "container", self._max_pixels)
        (revealed,) = self._reveal([picture], key)
        return encode(revealed)[0] if file else revealed

    def reveal_batch(
        self, containers: Sequence[Picture], passphrase: str | bytes | None = None
    ) -> list[Picture]:
        """Reveals several secrets; of small containers faster than one by one.

        Args:
            containers: uint8 (height, width, 3) each, or one array (batch, height, width, 3).
            passphrase: See `reveal`.

        Returns:
            The revealed secrets.

        Raises:
            PictureError: See `reveal`; for the first container that it holds of.
            UsageError: See `reveal`.
        """
        key = self.check_passphrase(passphrase)
        return self._reveal([picture_of(c, "container", self._max_pixels) for c in containers], key)

    def check_passphrase(self, passphrase: str | bytes | None) -> bytes | None:
        """The passphrase in the form that keys are derived from.

        Raises:
            UsageError: It is empty, or the model cannot be protected by one.
        """
        return checked_passphrase(self._network.model, passphrase)

    def close(self) -> None:
        """Lets go of the model; to reveal after that is an error."""
        self._network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _reveal(self, containers: list[Picture], key: bytes | None) -> list[Picture]:
        if self._network.model.payloads:
            return _coded.reveal(self._network, containers, self._ring, key, self._max_pixels)
        return [_direct.reveal(self._network, container) for container in containers]
