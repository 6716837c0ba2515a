"""`Revealer`: gets hidden pictures back."""

from __future__ import annotations

from pathlib import Path

from runtime import _coded, _direct
from runtime._hider import checked_passphrase
from runtime._keys import KeyRing
from runtime._models import DEFAULT
from runtime._network import Network
from runtime._pictures import Picture, check_picture


class Revealer:
    """Reveals the picture that a container holds. Safe to share among threads.

    Args:
        model: The model that hid it: name of a shipped model, or a folder with one's own.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads that one picture is worked on by, on the CPU; None for one a core.

    Attributes:
        model: Name of the model.
        device: The device that it runs on, `cpu` or `cuda:N`.
        device_reason: Why it runs there.

    Raises:
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """

    def __init__(
        self, model: str | Path = DEFAULT, *, device: str = "auto", threads: int | None = None
    ) -> None:
        self._network = Network(model, "reveal", device, threads)
        self.model = self._network.model.name
        self.device = self._network.device.name
        self.device_reason = self._network.device.why
        self._ring = KeyRing()

    def check_passphrase(self, passphrase: str | bytes | None) -> bytes | None:
        """The passphrase in the form that keys are derived from.

        Raises:
            UsageError: It is empty, or the model cannot be protected by one.
        """
        return checked_passphrase(self._network.model, passphrase)

    def reveal(self, container: Picture, passphrase: str | bytes | None = None) -> Picture:
        """Reveals the secret that `container` holds.

        `clear` knows from the container at what payload and of what size the secret was hidden.
        `classic` cannot tell a container from another picture: of one that holds nothing, it
        returns what its network makes of it.

        Args:
            container: uint8 (height, width, 3), RGB, as `Hider.hide` returned it.
            passphrase: The one that it was hidden with, or None if there was none.

        Returns:
            The revealed secret: at its own size, or by `classic` at the container's.

        Raises:
            PictureError: The argument is not such an array.
            NothingHiddenError: It holds no hidden picture, or none any more, or the passphrase is
                not the right one: these cannot be told apart.
            AlteredError: It was changed after a picture was hidden in it; the error has what could
                still be revealed.
            UsageError: The passphrase is empty, or the model cannot be protected by one.
        """
        container = check_picture(container, "container")
        key = self.check_passphrase(passphrase)
        if self._network.model.payloads:
            return _coded.reveal(self._network, container, self._ring, key)
        return _direct.reveal(self._network, container)
