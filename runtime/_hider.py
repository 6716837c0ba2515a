"""`Hider`: hides pictures in pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, overload

from runtime import _coded, _direct
from runtime._decode import MAX_PIXELS
from runtime._encode import encode
from runtime._errors import UsageError
from runtime._given import File, Given, file_of, picture_of
from runtime._keys import KeyRing, passphrase_bytes
from runtime._models import DEFAULT, Model
from runtime._network import Network
from runtime._pictures import Picture

DEFAULT_BITS = 2


class Hider:
    """Hides a secret picture in a cover picture. Safe to share among threads.

    Can be used in a `with` statement, which lets go of the model in the end.

    Args:
        model: Name of a shipped model, or a folder with one's own.
        bits: Payload in bits a sample, 1, 2 or 3: more of them reveal a better secret and change
            the cover more. 2 if not given. `classic` has no such setting.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads that one picture is worked on by, on the CPU; None for one a core.
        share_salt: Whether all that this hider hides under one passphrase shares one salt, and so
            one costly derivation of keys. Who has this program can then tell that such containers
            were made together, though not what they hold; with False, they cannot.
        max_pixels: Most pixels that a file given as a cover or secret may have.

    Attributes:
        model: Name of the model.
        bits: Payload in bits a sample; None for a model that has none.
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
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._network = Network(model, "hide", device, threads)
        self.model = self._network.model.name
        self.device = self._network.device.name
        self.device_reason = self._network.device.why
        self.bits = _checked_bits(self._network.model, bits)
        self._ring = KeyRing()
        self._share_salt = share_salt
        self._max_pixels = max_pixels

    @overload
    def hide(
        self, cover: Picture, secret: Given, passphrase: str | bytes | None = None
    ) -> Picture: ...
    @overload
    def hide(self, cover: File, secret: Given, passphrase: str | bytes | None = None) -> bytes: ...

    def hide(
        self, cover: Given, secret: Given, passphrase: str | bytes | None = None
    ) -> Picture | bytes:
        """Hides `secret` in `cover`.

        The container must be kept without loss: as PNG, not as JPEG.

        Args:
            cover: uint8 (height, width, 3), RGB; or the content of a picture file, or its path.
            secret: Likewise, of any size; it is resized to the cover's if it has another.
            passphrase: Only who knows it can reveal. None for a public key: anyone who has this
                program can reveal then.

        Returns:
            The container, of the cover's shape: an array if the cover was one, else the content of
            a PNG file, with the alpha and the colour profile of the cover.

        Raises:
            PictureError: An argument is not such an array or file, or the cover is smaller than 16
                pixels a side and the model not `classic`, or has more than 8 bits a sample.
            UsageError: The passphrase is empty, or the model cannot be protected by one.
        """
        key = self.check_passphrase(passphrase)
        file = file_of(cover, "cover", self._max_pixels, exact=True)
        picture = file.picture if file else picture_of(cover, "cover", self._max_pixels)
        other = picture_of(secret, "secret", self._max_pixels)
        (container,) = self._hide([(picture, other)], key)
        return encode(container, like=file)[0] if file else container

    def hide_batch(
        self,
        covers: Sequence[Picture],
        secrets: Sequence[Picture],
        passphrase: str | bytes | None = None,
    ) -> list[Picture]:
        """Hides several secrets, each in a cover; small pictures faster than one by one.

        Args:
            covers: uint8 (height, width, 3) each, or one array (batch, height, width, 3).
            secrets: As many.
            passphrase: See `hide`.

        Returns:
            The containers.

        Raises:
            PictureError: See `hide`.
            UsageError: See `hide`; or there are not as many secrets as covers.
        """
        if len(covers) != len(secrets):
            raise UsageError(f"got {len(covers)} covers and {len(secrets)} secrets")
        key = self.check_passphrase(passphrase)
        pairs = [
            (
                picture_of(cover, "cover", self._max_pixels),
                picture_of(secret, "secret", self._max_pixels),
            )
            for cover, secret in zip(covers, secrets, strict=True)
        ]
        return self._hide(pairs, key)

    def check_passphrase(self, passphrase: str | bytes | None) -> bytes | None:
        """The passphrase in the form that keys are derived from.

        Raises:
            UsageError: It is empty, or the model cannot be protected by one.
        """
        return checked_passphrase(self._network.model, passphrase)

    def close(self) -> None:
        """Lets go of the model; to hide after that is an error."""
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

    def _hide(self, pairs: list[tuple[Picture, Picture]], key: bytes | None) -> list[Picture]:
        if self.bits is None:
            return [_direct.hide(self._network, *pair) for pair in pairs]
        keys = [self._ring.new_file(key, share_salt=self._share_salt) for _ in pairs]
        return _coded.hide(self._network, pairs, self.bits, keys)


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
