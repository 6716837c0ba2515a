"""How `clear` finds a container, and reads its payload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from runtime.carriers import density as carrier
from runtime.carriers.density import capacity
from runtime.crypto.keys import FileKeys, Keys
from runtime.crypto.keystream import masked
from runtime.engine.network import Network
from runtime.engine.parallel import for_each
from runtime.errors import AlteredError, ContainerError, Damage
from runtime.images.colour import as_shown
from runtime.images.grid import SMALLEST, Tile, tiles_of
from runtime.images.image import Picture
from runtime.payloads import Payload, code
from runtime.payloads.code import Decoded
from runtime.payloads.compact import decode_compact
from runtime.payloads.file import read_file, unpacked_file
from runtime.schemes.base import Revealed
from runtime.schemes.clear import description
from runtime.schemes.clear.description import SQUARE, Description
from runtime.schemes.clear.tile import cut, free_of, free_pixels, is_intact

# Of a container's area that must be there.
_LEAST_LEFT = 1 / 16
_NOTHING_LEFT = "it was altered after a picture was hidden in it, and none of that can be revealed"


@dataclass(frozen=True, eq=False)
class ClearMatch:
    """A container that was found.

    Attributes:
        container: uint8 (height, width, 3).
        description: What it says of itself.
        keys: Of the file.
    """

    container: Picture
    description: Description
    keys: FileKeys


@dataclass(frozen=True, eq=False)
class Content:
    """The payload of a container, as far as it is there.

    Attributes:
        content: Its bytes, with zeros for what is lost.
        lost: Ranges of bytes that are lost, each a start and an end.
        damaged: Tiles of the container that are damaged or missing.
        tiles: Tiles of the container in all.
        capacity: Bytes that it holds at its density.
    """

    content: bytes
    lost: tuple[tuple[int, int], ...]
    damaged: int
    tiles: int
    capacity: int

    def damage(self, lost: int = 0, parts: int = 1) -> Damage | None:
        """The damage, given how many of the secret's parts are lost; None if there is none."""
        return Damage(self.damaged, self.tiles, lost, parts) if self.damaged else None


def find(container: Picture, keys: Keys) -> ClearMatch | None:
    """What a picture says of itself as a container under these keys; None if it says nothing."""
    height, width, _ = container.shape
    if min(height, width) < SMALLEST:
        return None
    square = container[:SQUARE, :SQUARE].reshape(-1, 3)
    found = description.find(square[: description.PIXELS], keys)
    return None if found is None else ClearMatch(container, *found)


def read(match: ClearMatch, workers: int) -> Content:
    """Reads the payload of a container, and checks all of its tiles.

    Raises:
        AlteredError: What it says of itself cannot be, or almost nothing of it is there.
    """
    said, keys = match.description, match.keys
    height, width, _ = match.container.shape
    # Also, a small container must not ask for much memory.
    if height * width < _LEAST_LEFT * said.size[0] * said.size[1]:
        raise AlteredError(_NOTHING_LEFT)
    tiles = tiles_of(*said.size)
    sizes = [capacity(free_pixels(tile), said.density) for tile in tiles]
    starts = [0, *accumulate(sizes)]
    if said.length > starts[-1]:
        raise AlteredError(_NOTHING_LEFT)
    content = bytearray(said.length)
    lost: list[tuple[int, int]] = []
    damaged: list[int] = []

    def do(tile: Tile) -> None:
        start = starts[tile.number]
        end = min(starts[tile.number + 1], said.length)
        is_there = tile.rows.stop <= height and tile.columns.stop <= width
        pixels = cut(match.container, tile) if is_there else None
        if pixels is None or not is_intact(pixels, tile, said.size, keys):
            damaged.append(tile.number)
            if start < end:
                lost.append((start, end))
        elif start < end:
            part = carrier.read(free_of(pixels, tile), end - start, said.density)
            content[start:end] = masked(keys, tile.number + 1, part)

    for_each(do, tiles, workers)
    return Content(bytes(content), tuple(sorted(lost)), len(damaged), len(tiles), starts[-1])


def reveal(
    network: Network, matches: Sequence[ClearMatch], code_id: bytes, max_pixels: int
) -> list[Revealed]:
    """Reveals secrets: files, or pictures at their own sizes.

    Args:
        network: Decodes tiles.
        matches: What `find` returned, of one container each.
        code_id: That of the model at hand.
        max_pixels: Most pixels that a secret may have.

    Raises:
        AlteredError: The container is not what it was, and nothing of it can be revealed.
        TooLargeError: A secret has more pixels than `max_pixels`.
        ContainerError: It carries a file that is no picture, or a code of another model.
    """
    contents = [read(match, network.side_by_side) for match in matches]
    coded = [n for n, match in enumerate(matches) if match.description.kind == "code"]
    for number in coded:
        if matches[number].description.code_id != code_id:
            raise ContainerError(
                "it was hidden with another version of the model, whose code this one cannot read"
            )
    try:
        decoded = code.decode_all(
            network,
            [contents[number].content for number in coded],
            [contents[number].lost for number in coded],
            max_pixels,
        )
    except AlteredError as error:
        raise AlteredError(_NOTHING_LEFT) from error
    of_codes = dict(zip(coded, decoded, strict=True))
    return [
        _of_code(match, content, of_codes[number])
        if number in of_codes
        else _of_whole(match, content, max_pixels)
        for number, (match, content) in enumerate(zip(matches, contents, strict=True))
    ]


def _of_code(match: ClearMatch, found: Content, decoded: Decoded) -> Revealed:
    if decoded.damaged == decoded.tiles:
        raise AlteredError(_NOTHING_LEFT)
    payload = _lossy_payload(match, found, decoded.picture, decoded.coded_size)
    damage = found.damage(decoded.damaged, decoded.tiles)
    return Revealed(decoded.picture, damage, _notes(match, found), payload=payload)


def _of_whole(match: ClearMatch, found: Content, max_pixels: int) -> Revealed:
    """Of a payload that is of no use in parts."""
    if found.lost:
        raise AlteredError(_NOTHING_LEFT)
    if match.description.kind == "compact":
        picture, coded_size = decode_compact(found.content, max_pixels)
        payload = _lossy_payload(match, found, picture, coded_size)
        return Revealed(picture, found.damage(), _notes(match, found), payload=payload)
    content, payload = found.content, _payload(match, found)
    if payload.kind == "repacked":
        content = unpacked_file(content, max_pixels)
    image = as_shown(read_file(content, max_pixels))
    file = content if payload.is_file else None
    return Revealed(image.pixels, found.damage(), _notes(match, found), file, payload)


def _payload(match: ClearMatch, found: Content) -> Payload:
    said = match.description
    return Payload(said.kind, said.length, found.capacity, said.density.bits_per_pixel)


def _lossy_payload(
    match: ClearMatch, found: Content, picture: Picture, coded_size: tuple[int, int]
) -> Payload:
    own = None if coded_size == picture.shape[:2] else coded_size
    return replace(_payload(match, found), coded_size=own)


def _notes(match: ClearMatch, found: Content) -> tuple[str, ...]:
    if found.damaged or match.container.shape[:2] == match.description.size:
        return ()
    note = "it was enlarged after a picture was hidden in it; the picture is intact"
    return (note,)
