"""`clear`: the secret's own file, or a learned code of it, in the residues of the cover's pixels.

docs/clear-format.md defines format 2.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from runtime.crypto.keys import Keys
from runtime.engine.models import Model
from runtime.errors import PictureError
from runtime.images.formats import LOSSLESS
from runtime.images.image import Image
from runtime.payloads import Payload, code
from runtime.payloads.choice import Chosen
from runtime.schemes.base import Capacity, Container, Revealed, Scheme
from runtime.schemes.clear import hiding, revealing
from runtime.schemes.clear.choice import choose, forecast, room
from runtime.schemes.clear.covers import notes_on
from runtime.schemes.clear.revealing import ClearMatch
from runtime.schemes.options import Options, option, specs_of

_NO_CODE = bytes(2)


@dataclass(frozen=True)
class ClearOptions(Options):
    """What can be chosen when hiding.

    Attributes:
        bits: Most bits per sample that carry the secret.
        exact: Whether the secret has to come back bit for bit.
    """

    bits: int = option(
        2,
        choices=(1, 2, 3),
        unit="bits per sample",
        label="{} bit",
        help="most bits per sample that carry the secret, of which no more are used than it takes: "
        "more reveal it better and change the cover more",
    )
    exact: Literal["auto", "always", "never"] = option(
        "auto",
        choices=("auto", "always", "never"),
        unit="",
        label="{}",
        help="whether the secret comes back bit for bit: auto where it fits, always or not at all, "
        "or never, as a code of its pixels only",
    )


class Clear(Scheme[ClearMatch]):
    """Hides a file or a code; a container is found, and any change to it, by its keys."""

    name = "clear"
    format_version = 2
    options = ClearOptions
    hide_graphs: ClassVar = {"hide": code.HIDE, "estimate": code.ESTIMATE}
    reveal_graphs: ClassVar = {"reveal": code.REVEAL}
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
        """Hides secrets at their own sizes; see `Scheme.hide`."""
        budgets = [room(cover.size, options.bits) for cover, _ in pairs]
        chosen = choose(
            self.networks["hide"],
            self.networks["estimate"],
            [secret for _, secret in pairs],
            budgets,
            options.exact,
        )
        return [
            self._embed(cover, payload, budget, options.bits, keys)
            for (cover, _), payload, budget in zip(pairs, chosen, budgets, strict=True)
        ]

    def find(self, container: Image, keys: Keys) -> ClearMatch | None:
        """Looks for a container's description; see `Scheme.find`."""
        return revealing.find(container.pixels, keys)

    def reveal(self, matches: Sequence[ClearMatch], max_pixels: int) -> list[Revealed]:
        """Reveals secrets at their own sizes; see `Scheme.reveal`."""
        return revealing.reveal(self.networks["reveal"], matches, code_id(self.model), max_pixels)

    def capacity(
        self, cover: Image, secret: Image | None, options: ClearOptions, *, every: bool
    ) -> list[Capacity]:
        """What a cover holds, by bits per sample; see `Scheme.capacity`."""
        choices = specs_of(ClearOptions)["bits"].choices if every else (options.bits,)
        settings = [dataclasses.replace(options, bits=bits) for bits in choices]
        return [self._capacity(cover, secret, setting) for setting in settings]

    def _embed(self, cover: Image, chosen: Chosen, budget: int, bits: int, keys: Keys) -> Container:
        own_id = code_id(self.model) if chosen.kind == "code" else _NO_CODE
        density = hiding.density_for(cover.size, len(chosen.content), bits)
        workers = self.networks["hide"].side_by_side
        pixels = hiding.embed(cover.pixels, chosen, density, keys.new(), own_id, workers)
        payload = Payload(
            chosen.kind,
            len(chosen.content),
            budget,
            density.bits_per_pixel,
            chosen.coded_size,
            chosen.psnr,
        )
        notes = notes_on(cover)
        if chosen.coded_size is not None:
            height, width = chosen.coded_size
            note = f"secret: reduced to {width} x {height} pixels, as it is large for its cover"
            notes = (*notes, note)
        return Container(pixels, self.container_formats, notes, payload)

    def _capacity(self, cover: Image, secret: Image | None, options: ClearOptions) -> Capacity:
        budget, settings = room(cover.size, options.bits), {"bits": options.bits}
        if secret is None:
            return Capacity(settings, budget)
        try:
            chosen, size = forecast(self.networks["estimate"], secret, budget, options.exact)
        except PictureError as error:
            return Capacity(settings, budget, problem=error.message)
        density = hiding.density_for(cover.size, size, options.bits)
        payload = Payload(
            chosen.kind, size, budget, density.bits_per_pixel, chosen.coded_size, chosen.psnr
        )
        return Capacity(settings, budget, payload)


def code_id(model: Model) -> bytes:
    """Two bytes that tell the fitted code of this model from another's."""
    return bytes.fromhex(str(model.manifest["weights_sha256"])[:4])
