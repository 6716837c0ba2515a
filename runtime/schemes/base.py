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
    """

    pixels: Picture
    formats: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Revealed:
    """A secret as it comes back.

    Attributes:
        picture: uint8 (height, width, 3), RGB; grey where the container is damaged.
        damage: What is damaged, or None if the container is what hiding made it.
        notes: What the user should know, each a short phrase.
    """

    picture: Picture
    damage: Damage | None = None
    notes: tuple[str, ...] = ()


class Scheme(ABC, Generic[Match]):
    """One way of hiding, of one model. Safe to share among threads.

    Args:
        model: The model.
        networks: Its graphs that were opened, by name.

    Attributes:
        name: Name of the scheme, as manifests have it.
        options: The options that it declares.
        hide_graphs: Graphs that hiding needs, by name.
        reveal_graphs: Graphs that revealing needs, by name.
        side_by_side: How many runs of its graphs should be at work at a time on the CPU.
        takes_passphrase: Whether a passphrase protects what it hides.
        recognizes: Whether it can tell its containers from other pictures.
        container_formats: Names of the file formats that its containers may be saved in, the
            preferred one first.
    """

    name: ClassVar[str]
    options: ClassVar[type[Options]] = Options
    hide_graphs: ClassVar[Mapping[str, Signature]]
    reveal_graphs: ClassVar[Mapping[str, Signature]]
    side_by_side: ClassVar[int] = 1
    takes_passphrase: ClassVar[bool]
    recognizes: ClassVar[bool]
    container_formats: ClassVar[tuple[str, ...]]

    def __init__(self, model: Model, networks: Mapping[str, Network]) -> None:
        self.model = model
        self.networks = networks

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

    def close(self) -> None:
        """Releases the graphs."""
        for network in self.networks.values():
            network.close()
