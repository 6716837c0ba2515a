"""`Revealer`: gets hidden pictures back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

from runtime.crypto.keys import Keys
from runtime.errors import AlteredError
from runtime.handle import ModelHandle
from runtime.images.decode import MAX_PIXELS
from runtime.images.image import Image, Picture
from runtime.images.inputs import File, ImageInput, is_file, read_image
from runtime.pipeline import Clock, FileOptions, reveal_file
from runtime.schemes import Finder, Revealed, recognizing_models


class Revealer(ModelHandle):
    """Reveals the picture that a container holds. Safe to share among threads.

    Can be used in a `with` statement, which releases the model at the end.

    Args:
        model: The model that hid it: name of a shipped model, or a folder with one's own. None for
            all shipped ones that can tell their containers from other pictures, which are asked in
            turn and loaded as needed: all but `classic`.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads that work on one picture, on the CPU; None for one per core.
        max_pixels: Most pixels that a container or a secret may have; a small file can ask for
            much memory.
        cache_keys: Whether keys that were derived from a passphrase are kept for the next
            container. If users who must not know of each other share a revealer, use False: a
            faster answer would tell one of them that another used the same passphrase.
        search: Whether containers of `robust` are looked for at all scales and shifts, which takes
            a few seconds for a picture that is none; else at their own size only.

    Attributes:
        model: Name of the model, or of several.
        device: The device that it runs on, `cpu` or `cuda:N`.
        device_reason: Why it runs there.

    Raises:
        ModelError: The model is missing or damaged.
        DeviceError: The device is not available.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        device: str = "auto",
        threads: int | None = None,
        max_pixels: int = MAX_PIXELS,
        cache_keys: bool = True,
        search: bool = True,
    ) -> None:
        models = recognizing_models() if model is None else [model]
        self._finder = Finder(models, device, threads, search=search)
        finder = self._finder
        super().__init__(finder, finder.name, finder.device, max_pixels, cache_keys=cache_keys)

    @overload
    def reveal(self, container: Picture, passphrase: str | bytes | None = None) -> Picture: ...
    @overload
    def reveal(self, container: File, passphrase: str | bytes | None = None) -> bytes: ...

    def reveal(
        self, container: ImageInput, passphrase: str | bytes | None = None
    ) -> Picture | bytes:
        """Reveals the secret that `container` holds.

        The container says how the secret was hidden and what size it had. `classic`
        cannot tell a container from another picture: from one that holds nothing, it returns what
        its network makes of it.

        Args:
            container: uint8 (height, width, 3), RGB, as `Hider.hide` returned it; or the content of
                a picture file, or its path.
            passphrase: The one that it was hidden with, or None if there was none.

        Returns:
            The revealed secret: at its own size, or by `classic` at the container's. An array if
            the container was one. Else the content of a file: the secret's own, byte for byte,
            where `clear` hid that (a JPEG, for one), else a PNG.

        Raises:
            PictureError: The argument is not such an array or file.
            NothingHiddenError: It holds no hidden picture, or no longer, or the passphrase is
                wrong: these cannot be told apart.
            AlteredError: It was changed after a picture was hidden in it. `recover` returns what is
                left of that.
            ContainerError: It carries a file that is not a picture, or a code of another model.
            TooLargeError: It, or what it holds, has more pixels than allowed.
            UsageError: The passphrase is empty, or the model cannot be protected by one.
            ClosedError: `close` was called.
        """
        keys = self._keys(passphrase)
        if is_file(container):
            return reveal_file(
                lambda: self._read(container),
                lambda image: _undamaged(self._recover([image], keys)[0]),
                FileOptions(max_pixels=self._max_pixels),
                Clock(),
            ).content
        return _undamaged(self._recover([self._read(container)], keys)[0]).picture

    def reveal_batch(
        self, containers: Sequence[Picture], passphrase: str | bytes | None = None
    ) -> list[Picture]:
        """Reveals several secrets; faster than one by one for small containers.

        Args:
            containers: uint8 (height, width, 3) each, or one array (batch, height, width, 3).
            passphrase: See `reveal`.

        Returns:
            The revealed secrets.

        Raises:
            PlainsightError: See `reveal`; for the first container that it holds for.
        """
        keys = self._keys(passphrase)
        recovered = self._recover([self._read(container) for container in containers], keys)
        return [_undamaged(revealed).picture for revealed in recovered]

    def recover(self, container: ImageInput, passphrase: str | bytes | None = None) -> Revealed:
        """Reveals what is left of a secret, also from a container that was damaged.

        Args:
            container: See `reveal`.
            passphrase: See `reveal`.

        Returns:
            The secret, and its own file where that was hidden; what is damaged of it is grey, and
            described by `damage`.

        Raises:
            PlainsightError: See `reveal`; AlteredError only if nothing is left, as of a file of
                which a part is lost.
        """
        return self._recover([self._read(container)], self._keys(passphrase))[0]

    def recover_image(self, container: Image, passphrase: str | bytes | None = None) -> Revealed:
        """Reveals what is left of a secret from a decoded picture; see `recover`."""
        return self._recover([container], self._keys(passphrase))[0]

    def _recover(self, containers: list[Image], keys: Keys) -> list[Revealed]:
        return self._finder.reveal(containers, keys, self._max_pixels)

    def _read(self, given: ImageInput) -> Image:
        return read_image(given, "container", self._max_pixels)


def _undamaged(revealed: Revealed) -> Revealed:
    if revealed.damage is not None:
        raise AlteredError.of_damage(revealed.damage)
    return revealed
