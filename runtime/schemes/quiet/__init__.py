"""`quiet`: a compact file of the secret, by few changes where the cover is busy; hard to detect.

docs/quiet-format.md defines format 1.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, Literal

from runtime.crypto.keys import Keys
from runtime.errors import PictureError, UsageError
from runtime.images.formats import LOSSLESS
from runtime.images.image import Image
from runtime.payloads import Payload
from runtime.payloads.choice import Chosen
from runtime.schemes.base import Capacity, Container, Revealed, Scheme
from runtime.schemes.options import Options, option, specs_of
from runtime.schemes.quiet import hiding, revealing
from runtime.schemes.quiet.costs import COSTS, picture_of, planes_of
from runtime.schemes.quiet.covers import prepared
from runtime.schemes.quiet.description import new_keys
from runtime.schemes.quiet.revealing import QuietMatch

# The default payload in bits per sample, and up to how many pixels detectors were tried with it.
_DEFAULT_RATE, _TRIED_PIXELS = 0.05, 1 << 19


@dataclass(frozen=True)
class QuietOptions(Options):
    """What can be chosen when hiding.

    Attributes:
        payload_rate: Most bits per sample that the cover carries; `auto` goes by its size.
        constraint_height: Of the code.
        keep_size: Whether a cover that was a JPEG keeps its size.
        halve: Whether other covers are halved, too.
    """

    payload_rate: float | Literal["auto"] = option(
        "auto",
        choices=("auto", 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4),
        unit="bits per sample",
        label="{} bits",
        help="most bits per sample that the cover carries, description included: fewer are harder "
        "to detect, more reveal the secret better; auto is 0.05 up to half a megapixel, and less "
        "for larger covers, so that the payload grows with the square root of their size",
        # Results have a `payload` of their own.
        flag="--payload",
    )
    constraint_height: int = option(
        8,
        choices=(7, 8, 9, 10),
        unit="",
        label="height {}",
        help="of the code: each more takes twice the time, and changes about "
        "2 percent fewer samples",
    )
    keep_size: bool = option(
        False,
        choices=(False, True),
        unit="",
        label="{}",
        help="keep the size of a cover that was saved as a JPEG, which is halved otherwise, as any "
        "change to such a picture can be seen",
    )
    halve: bool = option(
        False,
        choices=(False, True),
        unit="",
        label="{}",
        help="halve any cover, and not only one that was saved as a JPEG: it is then known what "
        "rounding cut off, so that changes are harder to detect",
    )

    def __post_init__(self) -> None:
        if self.keep_size and self.halve:
            raise UsageError("a cover can either keep its size or be halved, not both")


class Quiet(Scheme[QuietMatch]):
    """Hides little, where it is hard to detect; a container is found by its keys only."""

    name = "quiet"
    format_version = 1
    options = QuietOptions
    hide_graphs: ClassVar = {"costs": COSTS}
    reveal_graphs: ClassVar = {}
    takes_passphrase = True
    separates_salts = True
    recognizes = True
    find_cost = 1
    container_formats = LOSSLESS

    def hide(
        self, pairs: Sequence[tuple[Image, Image]], options: QuietOptions, keys: Keys
    ) -> list[Container]:
        """Hides secrets; see `Scheme.hide`."""
        return [self._hide(cover, secret, options, keys) for cover, secret in pairs]

    def find(self, container: Image, keys: Keys) -> QuietMatch | None:
        """Looks for a container's description; see `Scheme.find`."""
        return revealing.find(container.pixels, keys)

    def reveal(self, matches: Sequence[QuietMatch], max_pixels: int) -> list[Revealed]:
        """Reveals secrets at their own sizes; see `Scheme.reveal`."""
        return [revealing.reveal(match, max_pixels) for match in matches]

    def capacity(
        self, cover: Image, secret: Image | None, options: QuietOptions, *, every: bool
    ) -> list[Capacity]:
        """What a cover carries, by bits per sample; see `Scheme.capacity`."""
        ready = prepared(cover, options.keep_size, options.halve)
        planes = planes_of(self.networks["costs"], ready.cover, ready.cut_off)
        choices = specs_of(QuietOptions)["payload_rate"].choices if every else ()
        rates = sorted(choices, key=lambda choice: _rate(choice, ready.cover))
        capacities = []
        for rate in rates or [options.payload_rate]:
            settings = dataclasses.asdict(dataclasses.replace(options, payload_rate=rate))
            try:
                budget = hiding.room(planes, _rate(rate, ready.cover))
            except PictureError as error:
                capacities.append(Capacity(settings, 0, problem=error.message))
                continue
            capacities.append(_capacity(ready.cover, secret, budget, settings))
        return capacities

    def _hide(self, cover: Image, secret: Image, options: QuietOptions, keys: Keys) -> Container:
        ready = prepared(cover, options.keep_size, options.halve)
        planes = planes_of(self.networks["costs"], ready.cover, ready.cut_off)
        budget = hiding.room(planes, _rate(options.payload_rate, ready.cover))
        chosen = hiding.choose(secret, budget)
        samples = hiding.embed(planes, chosen, new_keys(keys), options.constraint_height)
        notes = ready.notes
        if chosen.coded_size is not None:
            height, width = chosen.coded_size
            note = f"secret: reduced to {width} x {height} pixels, as it is large for its cover"
            notes = (*notes, note)
        pixels = picture_of(samples, ready.cover.size)
        payload = _payload(ready.cover, chosen, budget)
        return Container(pixels, self.container_formats, notes, payload)


def _rate(chosen: float | Literal["auto"], cover: Image) -> float:
    """Bits per sample of a cover.

    At equal safety, what a cover carries grows with the square root of its size (Ker, Pevny,
    Kodovsky, Fridrich, "The Square Root Law of Steganographic Capacity", 2008).
    """
    if chosen != "auto":
        return chosen
    pixels = cover.size[0] * cover.size[1]
    return _DEFAULT_RATE * min(1.0, sqrt(_TRIED_PIXELS / pixels))


def _capacity(
    cover: Image, secret: Image | None, budget: int, settings: dict[str, object]
) -> Capacity:
    if secret is None:
        return Capacity(settings, budget)
    try:
        chosen = hiding.choose(secret, budget)
    except PictureError as error:
        return Capacity(settings, budget, problem=error.message)
    return Capacity(settings, budget, _payload(cover, chosen, budget))


def _payload(cover: Image, chosen: Chosen, budget: int) -> Payload:
    height, width = cover.size
    size = len(chosen.content)
    bits = 8 * size / (height * width)
    return Payload(chosen.kind, size, budget, bits, chosen.coded_size, chosen.psnr)
