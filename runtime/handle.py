"""What `Hider` and `Revealer` share: a model that is open until `close`."""

from __future__ import annotations

from typing import Any, Self

from runtime.crypto.keys import KeyRing, Keys, passphrase_bytes
from runtime.engine.devices import Device
from runtime.errors import UsageError
from runtime.schemes import Finder, Scheme


class ModelHandle:
    """An open model.

    Can be used in a `with` statement, which releases the model at the end.

    Attributes:
        model: Name of the model.
        device: The device that it runs on, `cpu` or `cuda:N`.
        device_reason: Why it runs there.
    """

    def __init__(
        self,
        opened: Scheme[Any] | Finder,
        name: str,
        device: Device,
        max_pixels: int,
        *,
        cache_keys: bool = True,
    ) -> None:
        self._opened = opened
        self.model = name
        self.device = device.name
        self.device_reason = device.why
        self._ring = KeyRing() if cache_keys else None
        self._max_pixels = max_pixels

    def check_passphrase(self, passphrase: str | bytes | None) -> bytes | None:
        """The passphrase as keys are derived from it.

        Raises:
            UsageError: It is empty, or the model cannot be protected by one.
        """
        if passphrase is not None and not self._opened.takes_passphrase:
            raise UsageError(
                f"{self.model} cannot be protected by a passphrase: its networks are the same for "
                "everyone, and whoever has them can reveal"
            )
        return passphrase_bytes(passphrase)

    @property
    def survives_loss(self) -> bool:
        """Whether what the model hides survives a change of samples, as by JPEG."""
        return self._opened.survives_loss

    def close(self) -> None:
        """Releases the model; using it afterwards raises ClosedError."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keys(self, passphrase: str | bytes | None, *, share_salt: bool = True) -> Keys:
        # At once, as not all that is hidden needs a graph.
        self._opened.check_open()
        ring = self._ring or KeyRing()
        return Keys(ring, self.check_passphrase(passphrase), share_salt)
