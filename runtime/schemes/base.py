"""What a scheme is: one way of hiding, in a room of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from runtime.crypto.keys import Keys
from runtime.engine.models import Model
from runtime.engine.network import Network, Signature
from runtime.errors import Damage
from runtime.images.image import Image, Picture
from runtime.payloads.base import Payload
from runtime.schemes.options import Options

Match = TypeVar("Match")
"""What a scheme knows of a container in which it found something."""


@dataclass(frozen=True, eq=False)
class Container:
    """A cover after hiding.

    Attributes:
        pixels: uint8 (height, width, 3), RGB.
        formats: Names of the file formats that it may be saved in, the preferred one first.
        notes: What the user should know, each a short phrase.
        payload: What it carries; None if the scheme does not say.
    """

    pixels: Picture
    formats: tuple[str, ...]
    notes: tuple[str, ...] = ()
    payload: Payload | None = None


@dataclass(frozen=True, eq=False)
class Revealed:
    """A secret as it comes back.

    Attributes:
        picture: uint8 (height, width, 3), RGB, in sRGB; grey where the container is damaged.
        damage: What is damaged, or None if the container is what hiding made it.
        notes: What the user should know, each a short phrase.
        file: The secret's own file, where that was carried; checked to be a whole picture.
        payload: What the container carries; None if the scheme does not say.
        model: Name of the model that revealed it, which the `Finder` adds.
    """

    picture: Picture
    damage: Damage | None = None
    notes: tuple[str, ...] = ()
    file: bytes | None = None
    payload: Payload | None = None
    model: str = ""


@dataclass(frozen=True)
class Capacity:
    """What a cover holds with some options.

    Attributes:
        options: The options, by name.
        size: Bytes that it holds.
        payload: What the secret would become; None without a secret, or where it cannot be hidden.
        problem: Why it cannot be hidden; None where it can.
    """

    options: Mapping[str, Any]
    size: int
    payload: Payload | None = None
    problem: str | None = None


class Scheme(ABC, Generic[Match]):
    """One way of hiding, of one model. Safe to share among threads.

    Args:
        model: The model.
        networks: Its graphs that were opened, by name.
        search: Whether `find` looks for containers that were resized or cropped, where it can.

    Attributes:
        name: Name of the scheme, as manifests have it.
        format_version: Version of its format, which a model's manifest has to have.
        options: The options that it declares.
        hide_graphs: Graphs that hiding needs, by name.
        reveal_graphs: Graphs that revealing needs, by name.
        optional_graphs: Graphs that both use where a model has them, by name.
        side_by_side: How many runs of its graphs should be at work at a time on the CPU.
        takes_passphrase: Whether a passphrase protects what it hides.
        recognizes: Whether it can tell its containers from other pictures.
        find_cost: How long `find` takes, beside others: in this order schemes are asked.
        separates_salts: Whether each file has a salt of its own in any case, since equal salts
            would show that something is hidden.
        survives_loss: Whether what it hides survives a change of samples, as by JPEG.
        container_formats: Names of the file formats that its containers may be saved in, the
            preferred one first.
    """

    name: ClassVar[str]
    format_version: ClassVar[int] = 1
    options: ClassVar[type[Options]] = Options
    hide_graphs: ClassVar[Mapping[str, Signature]]
    reveal_graphs: ClassVar[Mapping[str, Signature]]
    optional_graphs: ClassVar[Mapping[str, Signature]] = {}
    side_by_side: ClassVar[int] = 1
    takes_passphrase: ClassVar[bool]
    recognizes: ClassVar[bool]
    find_cost: ClassVar[int] = 0
    separates_salts: ClassVar[bool] = False
    survives_loss: ClassVar[bool] = False
    container_formats: ClassVar[tuple[str, ...]]

    def __init__(
        self, model: Model, networks: Mapping[str, Network], *, search: bool = True
    ) -> None:
        self.model = model
        self.networks = networks
        self.search = search

    @classmethod
    def check(cls, model: Model) -> None:
        """Checks what the scheme needs of a manifest besides what all have.

        Raises:
            ValueError, KeyError, TypeError: It is missing or wrong.
        """

    @abstractmethod
    def hide(
        self, pairs: Sequence[tuple[Image, Image]], options: Any, keys: Keys
    ) -> list[Container]:
        """Hides secrets in covers.

        Args:
            pairs: Covers, each with its secret.
            options: An instance of `options`.
            keys: For each container.

        Raises:
            PictureError: A cover or secret cannot be used.
        """

    @abstractmethod
    def find(self, container: Image, keys: Keys) -> Match | None:
        """Looks for something hidden, at little cost; None if nothing is found."""

    @abstractmethod
    def reveal(self, matches: Sequence[Match], max_pixels: int) -> list[Revealed]:
        """Reveals what was found.

        Args:
            matches: What `find` returned, of one container each.
            max_pixels: Most pixels that a secret may have.

        Raises:
            AlteredError: Nothing can be revealed any more.
            TooLargeError: A secret has more pixels than `max_pixels`.
        """

    def capacity(
        self, cover: Image, secret: Image | None, options: Any, *, every: bool
    ) -> list[Capacity]:
        """What a cover holds.

        Args:
            cover: The cover.
            secret: What would be hidden, to say what would become of it; None to leave that out.
            options: An instance of `options`.
            every: Whether each setting of the options that matter is meant, the least first, or
                only the one at hand.

        Returns:
            Empty where any cover holds any secret.

        Raises:
            PictureError: The cover cannot be used.
        """
        del cover, secret, options, every
        return []

    def check_open(self) -> None:
        """Raises ClosedError if its graphs were released, or opened before a fork."""
        for network in self.networks.values():
            network.check_open()

    def close(self) -> None:
        """Releases the graphs."""
        for network in self.networks.values():
            network.close()
