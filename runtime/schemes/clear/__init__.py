"""`clear`: an exact code of the secret in the residues of the cover's pixels, format 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from runtime.crypto.keys import Keys
from runtime.engine.models import Model
from runtime.engine.network import Signature
from runtime.images.formats import LOSSLESS
from runtime.images.image import Image
from runtime.schemes.base import Container, Revealed, Scheme
from runtime.schemes.clear import hiding, revealing
from runtime.schemes.clear.covers import notes_on
from runtime.schemes.clear.revealing import ClearMatch
from runtime.schemes.options import Options, option


@dataclass(frozen=True)
class ClearOptions(Options):
    """What can be chosen when hiding.

    Attributes:
        bits: Payload in bits per sample.
    """

    bits: int = option(
        2,
        choices=(1, 2, 3),
        unit="bits per sample",
        label="{} bit",
        help="bits per sample that carry the secret: more reveal it better and change the cover "
        "more",
    )


class Clear(Scheme[ClearMatch]):
    """Hides an exact code of the secret; a container is found, and damage in it, by its keys."""

    name = "clear"
    options = ClearOptions
    hide_graphs: ClassVar = {
        "hide": Signature(("cover", "secret", "pad", "header", "bits"), ("container",))
    }
    reveal_graphs: ClassVar = {
        "reveal": Signature(("container", "pad", "bits"), ("secret", "header", "intact"))
    }
    # More than four at a time would take more memory than a large picture has to.
    side_by_side = 4
    takes_passphrase = True
    recognizes = True
    container_formats = LOSSLESS

    @classmethod
    def check(cls, model: Model) -> None:
        """Checks that the manifest has an id of the code."""
        code_id(model)

    def hide(
        self, pairs: Sequence[tuple[Image, Image]], options: ClearOptions, keys: Keys
    ) -> list[Container]:
        """Hides secrets, stretched to their covers' sizes; see `Scheme.hide`."""
        pictures = [(cover.pixels, secret.pixels) for cover, secret in pairs]
        network = self.networks["hide"]
        hidden = hiding.hide(network, pictures, options.bits, keys, code_id(self.model))
        return [
            Container(pixels, self.container_formats, notes_on(cover))
            for pixels, (cover, _) in zip(hidden, pairs, strict=True)
        ]

    def find(self, container: Image, keys: Keys) -> ClearMatch | None:
        """Looks for a container's header; see `Scheme.find`."""
        return revealing.find(container.pixels, keys, code_id(self.model))

    def reveal(self, matches: Sequence[ClearMatch], max_pixels: int) -> list[Revealed]:
        """Reveals secrets at their own sizes; see `Scheme.reveal`."""
        return revealing.reveal(self.networks["reveal"], matches, max_pixels)


def code_id(model: Model) -> bytes:
    """Two bytes that tell the fitted code of this model from another's."""
    return bytes.fromhex(str(model.manifest["weights_sha256"])[:4])
