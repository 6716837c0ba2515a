"""`robust`: a compact file of the secret, in the frequencies of the cover; survives being shared.

docs/robust-format.md defines format 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from runtime.carriers.dct import networks as graphs
from runtime.carriers.dct.networks import Networks
from runtime.carriers.dct.strengths import strength_named
from runtime.crypto.keys import Keys
from runtime.errors import PictureError
from runtime.images.formats import LOSSLESS
from runtime.images.image import Image
from runtime.payloads import Payload
from runtime.payloads.choice import Chosen
from runtime.payloads.restoring import RESTORE
from runtime.schemes.base import Capacity, Container, Revealed, Scheme
from runtime.schemes.options import Options, option, specs_of
from runtime.schemes.robust import hiding, revealing, trial
from runtime.schemes.robust.revealing import RobustMatch


@dataclass(frozen=True)
class RobustOptions(Options):
    """What can be chosen when hiding.

    Attributes:
        strength: What a container survives.
        effort: How long to look for the best compact picture.
    """

    strength: Literal["normal", "strong", "max"] = option(
        "normal",
        choices=("normal", "strong", "max"),
        unit="",
        label="{}",
        help="what a container survives: normal JPEG of quality 75; strong 50, or three quarters "
        "of the size; max half the size",
    )
    effort: Literal["low", "medium", "high"] = option(
        "high",
        choices=("low", "medium", "high"),
        unit="",
        label="effort {}",
        help="how long to look for the best compact picture, if it is small: medium takes a second "
        "more than low for .2 dB, high up to 20 seconds for .2 dB more",
    )


class Robust(Scheme[RobustMatch]):
    """Hides a file that fits what a cover carries through JPEG and resizing."""

    name = "robust"
    format_version = 1
    options = RobustOptions
    hide_graphs: ClassVar = {
        "hide": graphs.HIDE,
        "read": graphs.READ,
        "encode": graphs.ENCODE,
        "decode": graphs.DECODE,
    }
    reveal_graphs: ClassVar = {
        "find": graphs.FIND,
        "read": graphs.READ,
        "encode": graphs.ENCODE,
        "decode": graphs.DECODE,
    }
    optional_graphs: ClassVar = {"restore": RESTORE}
    side_by_side = 4
    takes_passphrase = True
    recognizes = True
    find_cost = 10
    survives_loss = True
    container_formats = ("jpeg", *LOSSLESS)

    def hide(
        self, pairs: Sequence[tuple[Image, Image]], options: RobustOptions, keys: Keys
    ) -> list[Container]:
        """Hides secrets; see `Scheme.hide`."""
        return [self._hide(cover, secret, options, keys) for cover, secret in pairs]

    def find(self, container: Image, keys: Keys) -> RobustMatch | None:
        """Looks for a container, at any size; see `Scheme.find`."""
        networks = Networks(self.networks)
        return revealing.find(networks, container.pixels, keys, everywhere=self.search)

    def reveal(self, matches: Sequence[RobustMatch], max_pixels: int) -> list[Revealed]:
        """Reveals secrets at their own sizes; see `Scheme.reveal`."""
        networks = Networks(self.networks)
        restore = self.networks.get("restore")
        return [revealing.reveal(networks, match, max_pixels, restore) for match in matches]

    def capacity(
        self, cover: Image, secret: Image | None, options: RobustOptions, *, every: bool
    ) -> list[Capacity]:
        """What a cover carries, by strength, the most robust first; see `Scheme.capacity`."""
        choices = specs_of(RobustOptions)["strength"].choices if every else (options.strength,)
        return [self._capacity(cover, secret, name) for name in reversed(choices)]

    def _hide(self, cover: Image, secret: Image, options: RobustOptions, keys: Keys) -> Container:
        networks, strength = Networks(self.networks), strength_named(options.strength)
        ready, own_keys, headroom = trial.prepared(networks, cover.pixels, strength, keys)
        budget = hiding.room(networks, ready, strength)
        chosen = hiding.choose(secret, budget, self.networks.get("restore"), options.effort)
        pixels = hiding.embed(networks, ready, chosen, strength, own_keys)
        notes: tuple[str, ...] = ()
        if headroom:
            notes = (f"its black and white were moved by {headroom} levels, to carry something",)
        if chosen.coded_size is not None:
            height, width = chosen.coded_size
            note = f"secret: reduced to {width} x {height} pixels, as it is large for its cover"
            notes = (*notes, note)
        payload = _payload(cover, chosen, budget)
        return Container(pixels, self.container_formats, notes, payload)

    def _capacity(self, cover: Image, secret: Image | None, name: str) -> Capacity:
        networks = Networks(self.networks)
        budget = hiding.room(networks, cover.pixels, strength_named(name))
        settings = {"strength": name}
        if secret is None:
            return Capacity(settings, budget)
        try:
            # About what hide would make of it, which takes its time.
            chosen = hiding.choose(secret, budget, self.networks.get("restore"), "low")
        except PictureError as error:
            return Capacity(settings, budget, problem=error.message)
        return Capacity(settings, budget, _payload(cover, chosen, budget))


def _payload(cover: Image, chosen: Chosen, budget: int) -> Payload:
    height, width = cover.size
    size = len(chosen.content)
    bits = 8 * size / (height * width)
    return Payload(chosen.kind, size, budget, bits, chosen.coded_size, chosen.psnr)
