"""`Hider`: hides pictures in pictures."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, overload

from runtime.crypto.keys import Keys
from runtime.engine.models import DEFAULT
from runtime.errors import DepthError, UsageError
from runtime.handle import ModelHandle
from runtime.images.decode import MAX_PIXELS
from runtime.images.image import Image, Picture
from runtime.images.inputs import File, ImageInput, is_file, read_image
from runtime.pipeline import Clock, FileOptions, hide_file, secret_as_hidden
from runtime.schemes import Capacity, Container, make_options, open_to_hide


class Hider(ModelHandle):
    """Hides a secret picture in a cover picture. Safe to share among threads.

    Can be used in a `with` statement, which releases the model at the end.

    Args:
        model: Name of a shipped model, or a folder with one's own.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads that work on one picture, on the CPU; None for one per core.
        share_salt: Whether all that this hider hides under one passphrase shares one salt, and so
            one costly derivation of keys. Anyone who has this program can then tell that such
            containers were made together, though not what they hold; with False, they cannot.
            Models that are made not to be detected, such as `quiet`, never share one.
        strip_metadata: Whether a secret's file is hidden without EXIF and other metadata in it. A
            file of a format that metadata cannot be removed from is hidden as its pixels.
        max_pixels: Most pixels that a file given as a cover or secret may have.
        options: Those of the model, None for their defaults. `clear` has `bits`, 1, 2 or 3 (2 by
            default): most bits per sample that carry the secret, of which no more are used than it
            takes; more reveal it better and change the cover more. It also has `exact`: `auto` (the
            default) hides the secret's own file or its pixels bit for bit where they fit, else a
            code of them; `always` refuses secrets that do not fit; `never` always takes the code.
            `classic` has none.

    Attributes:
        model: Name of the model.
        options: The options of the model as they are used, by name.
        device: The device that it runs on, `cpu` or `cuda:N`.
        device_reason: Why it runs there.

    Raises:
        UsageError: The model has no such option, or not with this value.
        ModelError: The model is missing or damaged.
        DeviceError: The device is not available.
    """

    options: Mapping[str, Any]

    def __init__(
        self,
        model: str | Path = DEFAULT,
        *,
        device: str = "auto",
        threads: int | None = None,
        share_salt: bool = True,
        strip_metadata: bool = False,
        max_pixels: int = MAX_PIXELS,
        **options: Any,
    ) -> None:
        self._scheme, used = open_to_hide(model, device, threads)
        super().__init__(self._scheme, self._scheme.model.name, used, max_pixels)
        self._set_options(options)
        self._share_salt = share_salt and not self._scheme.separates_salts
        self._strip_metadata = strip_metadata

    def with_options(self, **options: Any) -> Hider:
        """A hider of the same open model with other options, at no cost.

        Args:
            options: Those of the model to change; None for a default.

        Returns:
            A hider that shares everything else with this one: closing one closes both.

        Raises:
            UsageError: The model has no such option, or not with this value.
        """
        other = copy.copy(self)
        other._set_options({**self._given, **options})
        return other

    def _set_options(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._options = make_options(self._scheme.options, self._scheme.model, given)
        self.options = MappingProxyType(dataclasses.asdict(self._options))

    @overload
    def hide(
        self, cover: Picture, secret: ImageInput, passphrase: str | bytes | None = None
    ) -> Picture: ...
    @overload
    def hide(
        self, cover: File, secret: ImageInput, passphrase: str | bytes | None = None
    ) -> bytes: ...

    def hide(
        self, cover: ImageInput, secret: ImageInput, passphrase: str | bytes | None = None
    ) -> Picture | bytes:
        """Hides `secret` in `cover`.

        The container must be kept losslessly: as PNG, not as JPEG.

        Args:
            cover: uint8 (height, width, 3), RGB; or the content of a picture file, or its path.
            secret: In any of these forms, of any size. `clear` hides the file itself where it fits;
                `classic` stretches the picture to the cover's size.
            passphrase: Only someone who knows it can reveal. None for a public key: then anyone
                who has this program can reveal.

        Returns:
            The container, of the cover's shape: an array if the cover was one, else the content of
            a PNG file, with the alpha and the colour profile of the cover.

        Raises:
            PictureError: An argument is not such an array or file, or the model cannot use it:
                `clear` needs covers of 16 pixels per side, and more for large secrets. Files of
                more than 8 bits per sample are not taken as covers.
            UsageError: The passphrase is empty, or the model cannot be protected by one.
            ClosedError: `close` was called.
        """
        keys = self._keys(passphrase, share_salt=self._share_salt)
        if is_file(cover):
            try:
                hidden = hide_file(
                    lambda: self._read(cover, "cover"),
                    lambda: self._read(secret, "secret"),
                    lambda *pair: self._hide_images([pair], keys)[0],
                    FileOptions(strip_metadata=self._strip_metadata, max_pixels=self._max_pixels),
                    Clock(),
                )
            except DepthError as error:
                if isinstance(cover, Path | str):
                    raise error.of(Path(cover)) from None
                error.message = f"cover {error.message}"
                raise
            return hidden.content
        return self._hide_images([self._pair(cover, secret)], keys)[0].pixels

    def hide_batch(
        self,
        covers: Sequence[Picture],
        secrets: Sequence[Picture],
        passphrase: str | bytes | None = None,
    ) -> list[Picture]:
        """Hides several secrets, each in a cover; faster than one by one for small pictures.

        Args:
            covers: uint8 (height, width, 3) each, or one array (batch, height, width, 3).
            secrets: As many.
            passphrase: See `hide`.

        Returns:
            The containers.

        Raises:
            PictureError: See `hide`.
            UsageError: See `hide`; or the numbers of covers and secrets differ.
            ClosedError: `close` was called.
        """
        if len(covers) != len(secrets):
            raise UsageError(f"got {len(covers)} covers and {len(secrets)} secrets")
        keys = self._keys(passphrase, share_salt=self._share_salt)
        pairs = [self._pair(*pair) for pair in zip(covers, secrets, strict=True)]
        return [container.pixels for container in self._hide_images(pairs, keys)]

    def hide_images(
        self, cover: Image, secret: Image, passphrase: str | bytes | None = None
    ) -> Container:
        """Hides one decoded picture in another; see `hide`."""
        keys = self._keys(passphrase, share_salt=self._share_salt)
        return self._hide_images([(cover, secret)], keys)[0]

    def capacity(self, cover: ImageInput, secret: ImageInput | None = None) -> list[Capacity]:
        """What a cover holds at each setting of the model's options, the least first.

        Args:
            cover: See `hide`.
            secret: What would be hidden, to say what would become of it: exact, or about how good.

        Returns:
            Empty for a model that hides any secret in any cover.

        Raises:
            PictureError: See `hide`.
            ClosedError: `close` was called.
        """
        if secret is None:
            return self.capacity_of_images(self._read(cover, "cover"), None)
        return self.capacity_of_images(*self._pair(cover, secret))

    def capacity_of_images(
        self, cover: Image, secret: Image | None, *, every: bool = True
    ) -> list[Capacity]:
        """The same for decoded pictures, the secret as `pipeline.secret_as_hidden` returns it.

        With `every` False, only for the options of this hider.
        """
        self._scheme.check_open()
        return self._scheme.capacity(cover, secret, self._options, every=every)

    def _pair(self, cover: ImageInput, secret: ImageInput) -> tuple[Image, Image]:
        image = self._read(secret, "secret")
        return self._read(cover, "cover"), secret_as_hidden(image, strip=self._strip_metadata)

    def _hide_images(self, pairs: list[tuple[Image, Image]], keys: Keys) -> list[Container]:
        return self._scheme.hide(pairs, self._options, keys)

    def _read(self, given: ImageInput, name: str) -> Image:
        return read_image(given, name, self._max_pixels)
