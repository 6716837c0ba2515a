"""How `robust` finds a container, and reads its payload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.carriers.dct import forecast, reading, searching
from runtime.carriers.dct.axes import Location
from runtime.carriers.dct.networks import Networks
from runtime.carriers.dct.payload import read_payload
from runtime.carriers.dct.reading import Region
from runtime.crypto.keys import FileKeys, Keys
from runtime.crypto.tags import TAG_BYTES, is_tag
from runtime.engine.network import Network
from runtime.errors import AlteredError, TooLargeError
from runtime.images.colour import as_shown
from runtime.images.image import Picture
from runtime.payloads import Payload
from runtime.payloads.compact import decode_compact
from runtime.payloads.file import read_file
from runtime.schemes.base import Revealed
from runtime.schemes.robust import description
from runtime.schemes.robust.description import Description

_SHIFTED = 0.3  # pixels


@dataclass(frozen=True, eq=False)
class RobustMatch:
    """A container that was found.

    Attributes:
        picture: uint8 (height, width, 3), as it is now.
        places: Where it may lie, the likeliest first.
        described: What it says of itself, and the region that says it; None where not even that
            can be read.
        keys: Of the file; None with the description.
    """

    picture: Picture
    places: Sequence[Location]
    described: tuple[Description, Region] | None = None
    keys: FileKeys | None = None


def find(
    networks: Networks, picture: Picture, keys: Keys, *, everywhere: bool
) -> RobustMatch | None:
    """What a picture says of itself as a container under these keys; None if it says nothing.

    Args:
        networks: The graphs.
        picture: uint8 (height, width, 3).
        keys: That it may have been hidden with.
        everywhere: Whether to look for one that was resized or cropped.
    """
    places = searching.find(networks, picture, everywhere=everywhere)
    of_content: dict[bytes, FileKeys] = {}
    for region in reading.read_regions(networks, picture, places):
        opened = reading.read_open(networks, region)
        if opened is None:
            continue
        content, better = opened
        if content not in of_content:
            of_content[content] = description.keys_of(content, keys)
        said = _described(networks, better, of_content[content])
        if said is not None:
            return RobustMatch(picture, places, said, of_content[content])
    # Anyone can see that there is something, so this tells nothing of a passphrase.
    return RobustMatch(picture, places) if places and not of_content else None


def _described(
    networks: Networks, region: Region, keys: FileKeys
) -> tuple[Description, Region] | None:
    strength = region.place.strength
    sealed = reading.read_sealed(networks, region, description.description_dither(keys, strength))
    if sealed is None:
        return None
    content, better = sealed
    said = description.parse(content, strength, keys)
    return None if said is None else (said, better)


def reveal(
    networks: Networks, match: RobustMatch, max_pixels: int, restore: Network | None
) -> Revealed:
    """Reveals a secret.

    Args:
        networks: The graphs of the carrier.
        match: What `find` returned.
        max_pixels: Most pixels that the container may have had, and the secret may have.
        restore: The graph that restores compact pictures, if there is one.

    Raises:
        AlteredError: Too much is lost.
        TooLargeError: The container had, or the secret has, more pixels than `max_pixels`.
        ContainerError: It carries a file that is no picture.
    """
    described, keys = match.described, match.keys
    if described is None or keys is None:
        raise AlteredError(
            "a hidden picture was found, but too much of it is lost: not even what it says of "
            "itself can be read"
        )
    said, region = described
    height, width = said.size
    if height * width > max_pixels:
        raise TooLargeError(
            f"had {width} x {height} pixels, more than the {max_pixels:,} allowed",
            max_pixels=max_pixels,
        )
    dither = description.payload_dither(keys, said.strength, said.size)

    def is_right(content: bytes) -> bool:
        tag = description.payload_tag(said, content[:-TAG_BYTES], keys)
        return is_tag(content[-TAG_BYTES:], tag)

    found = read_payload(
        networks, match.picture, region, match.places, said.size, said.length, dither, is_right
    )
    if found is None:
        raise AlteredError("a hidden picture was found, but what it says of itself cannot be")
    needed = found.rate + forecast.gap(found.rate, found.sent)
    if found.content is None:
        lost, blocks = found.lost
        # What is left is guessed from how sure bits look, which is at best what is true.
        needed = max(needed, found.information)
        raise AlteredError(
            f"a hidden picture was found, but too much of it is lost: {lost} of {blocks} "
            f"blocks of its code cannot be corrected; at most {found.information:.2f} bits of "
            f"information are left of each bit sent, and more than {needed:.2f} are needed"
        )
    content = found.content[:-TAG_BYTES]
    share = max(0.0, 1 - needed / max(found.information, 1e-6))
    notes = (
        f"{_where(found.place)}; {found.corrected:.1%} of its bits were corrected, "
        f"and {share:.0%} more could be lost",
    )
    payload = Payload(said.kind, len(content), len(content), 8 * said.length / (height * width))
    if said.kind == "compact":
        picture, coded = decode_compact(content, max_pixels, restore)
        if coded != picture.shape[:2]:
            payload = Payload(
                payload.kind, payload.size, payload.capacity, payload.bits_per_pixel, coded
            )
        return Revealed(picture, notes=notes, payload=payload)
    image = as_shown(read_file(content, max_pixels))
    file = content if said.kind == "file" else None
    return Revealed(image.pixels, notes=notes, file=file, payload=payload)


def _where(place: Location) -> str:
    """Where a container lies in its file, in words."""
    rows, columns = place.rows, place.columns
    words = [f"hidden with strength {place.strength.name}"]
    if place.is_own:
        return words[0]
    if abs(rows.ratio - 1) > 1e-3 or abs(columns.ratio - 1) > 1e-3:
        same = abs(rows.ratio - columns.ratio) < 2e-3
        by = f"{columns.ratio:.3f}" + ("" if same else f" x {rows.ratio:.3f}")
        words.append(f"resized by {by} since")
    cut = [0.5 - (axis.start + 0.5) / axis.ratio for axis in (rows, columns)]
    if max(map(abs, cut)) > _SHIFTED:
        words.append(f"shifted by {cut[1]:.1f} x {cut[0]:.1f} pixels")
    return ", ".join(words)
