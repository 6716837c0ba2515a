"""What is done for a request, in a thread: from the contents of files to the content of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from runtime.batch.capacity import settings_as_json
from runtime.errors import AlteredError
from runtime.hider import Hider
from runtime.images.decode import refuse_deep
from runtime.images.image import Image
from runtime.images.inputs import read_image
from runtime.pipeline import (
    Clock,
    FileOptions,
    HiddenFile,
    RevealedFile,
    hide_file,
    reveal_file,
    secret_as_hidden,
)
from runtime.revealer import Revealer
from runtime.schemes import Revealed


@dataclass(frozen=True)
class Workshop:
    """The open model, and the limit of all pictures.

    Attributes:
        hider: Shares no salt among containers, which would tell that they are from one hand.
        revealer: Keeps no keys: the second of two users of one passphrase would be served faster.
        max_pixels: Most pixels of any picture.
    """

    hider: Hider
    revealer: Revealer
    max_pixels: int

    def hide(
        self,
        cover: bytes,
        secret: bytes,
        passphrase: str | None,
        options: FileOptions,
        chosen: Mapping[str, Any],
    ) -> HiddenFile:
        """Hides a secret in a cover."""
        hider = self.hider.with_options(**chosen)
        return hide_file(
            lambda: read_image(cover, "cover", self.max_pixels),
            lambda: read_image(secret, "secret", self.max_pixels),
            lambda *pair: hider.hide_images(pair[0], pair[1], passphrase),
            replace(options, max_pixels=self.max_pixels),
            Clock(),
        )

    def reveal(self, container: bytes, passphrase: str | None) -> RevealedFile:
        """Reveals a secret."""

        def undamaged(image: Image) -> Revealed:
            revealed = self.revealer.recover_image(image, passphrase)
            if revealed.damage is not None:
                raise AlteredError.of_damage(revealed.damage)
            return revealed

        return reveal_file(
            lambda: read_image(container, "container", self.max_pixels),
            undamaged,
            FileOptions(max_pixels=self.max_pixels),
            Clock(),
        )

    def capacity(
        self, cover: bytes, secret: bytes | None, options: FileOptions, chosen: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a cover holds, as a JSON object."""
        image = read_image(cover, "cover", self.max_pixels)
        refuse_deep(image, options.convert)
        hidden = None
        if secret is not None:
            read = read_image(secret, "secret", self.max_pixels)
            hidden = secret_as_hidden(read, strip=options.strip_metadata)
        found = self.hider.with_options(**chosen).capacity_of_images(image, hidden)
        wanted = [
            each
            for each in found
            if all(chosen.get(name, value) == value for name, value in each.options.items())
        ]
        height, width = image.size
        return {
            "model": self.hider.model,
            "height": height,
            "width": width,
            "settings": settings_as_json(wanted),
        }
