"""`Hider`: hides pictures in pictures."""

from __future__ import annotations

from pathlib import Path

from runtime import _coded, _direct
from runtime._errors import UsageError
from runtime._keys import KeyRing, passphrase_bytes
from runtime._models import DEFAULT, Model
from runtime._network import Network
from runtime._pictures import Picture, check_picture

DEFAULT_BITS = 2


class Hider:
    """Hides a secret picture in a cover picture. Safe to share among threads.

    Args:
        model: Name of a shipped model, or a folder with one's own.
        bits: Payload in bits a sample, 1, 2 or 3: more of them reveal a better secret and change
            the cover more. 2 if not given. `classic` has no such setting.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads that one picture is worked on by, on the CPU; None for one a core.
        share_salt: Whether all that this hider hides under one passphrase shares one salt, and so
            one costly derivation of keys. Who has this program can then tell that such containers
            were made together, though not what they hold; with False, they cannot.

    Attributes:
        model: Name of the model.
        device: The device that it runs on, `cpu` or `cuda:N`.
        device_reason: Why it runs there.

    Raises:
        UsageError: The model does not have this payload.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """

    def __init__(
        self,
        model: str | Path = DEFAULT,
        *,
        bits: int | None = None,
        device: str = "auto",
        threads: int | None = None,
        share_salt: bool = True,
    ) -> None:
        self._network = Network(model, "hide", device, threads)
        self.model = self._network.model.name
        self.device = self._network.device.name
        self.device_reason = self._network.device.why
        self._bits = _checked_bits(self._network.model, bits)
        self._ring = KeyRing()
        self._share_salt = share_salt

    def check_passphrase(self, passphrase: str | bytes | None) -> bytes | None:
        """The passphrase in the form that keys are derived from.

        Raises:
            UsageError: It is empty, or the model cannot be protected by one.
        """
        return checked_passphrase(self._network.model, passphrase)

    def hide(
        self, cover: Picture, secret: Picture, passphrase: str | bytes | None = None
    ) -> Picture:
        """Hides `secret` in `cover`.

        The container must be kept without loss: as PNG, not as JPEG.

        Args:
            cover: uint8 (height, width, 3), RGB.
            secret: Likewise, of any size; it is resized to the cover's if it has another.
            passphrase: Only who knows it can reveal. None for a public key: anyone who has this
                program can reveal then.

        Returns:
            The container, of the cover's shape.

        Raises:
            PictureError: An argument is not such an array, or the cover is smaller than 16 pixels
                a side and the model not `classic`.
            UsageError: The passphrase is empty, or the model cannot be protected by one.
        """
        cover = check_picture(cover, "cover")
        secret = check_picture(secret, "secret")
        key = self.check_passphrase(passphrase)
        if self._bits is None:
            return _direct.hide(self._network, cover, secret)
        keys = self._ring.new_file(key, share_salt=self._share_salt)
        return _coded.hide(self._network, cover, secret, self._bits, keys)


def checked_passphrase(model: Model, passphrase: str | bytes | None) -> bytes | None:
    """The passphrase in the form that keys are derived from.

    Raises:
        UsageError: It is empty, or the model cannot be protected by one.
    """
    if passphrase is not None and not model.payloads:
        raise UsageError(
            f"{model.name} cannot be protected by a passphrase: its networks are the same for "
            "everyone, and whoever has them can reveal. Use clear"
        )
    return passphrase_bytes(passphrase)


def _checked_bits(model: Model, bits: int | None) -> int | None:
    if not model.payloads:
        if bits is not None:
            raise UsageError(f"{model.name} has no payload to choose, got bits = {bits}")
        return None
    chosen = DEFAULT_BITS if bits is None else bits
    if chosen not in model.payloads:
        raise UsageError(f"bits of {model.name} must be one of {model.payloads}, got {chosen}")
    return chosen
