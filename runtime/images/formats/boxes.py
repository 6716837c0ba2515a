"""The boxes of AVIF files: what they say of the picture that is shown (ISO/IEC 14496-12, 23008-12).

Only what limits and the display need is read; the decoder reads the rest itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_MOST_ITEMS = 1 << 16
_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"iprp", b"dinf")


@dataclass
class Meta:
    """Items of a file, by number, and what is said of them.

    Attributes:
        primary: Number of the item that is shown.
        kinds: Such as `av01`, `grid`, `Exif`.
        places: Offsets and lengths of an item's parts in the file.
        properties: Names and contents of an item's properties, in their order.
        references: Kinds and numbers of the items that an item refers to.
    """

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    places: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    properties: dict[int, list[tuple[bytes, bytes]]] = field(default_factory=dict)
    references: dict[int, list[tuple[bytes, list[int]]]] = field(default_factory=dict)

    def of(self, item: int, name: bytes) -> list[bytes]:
        """Contents of an item's properties of a name."""
        return [content for kind, content in self.properties.get(item, ()) if kind == name]

    def references_of(self, item: int, kind: bytes) -> list[int]:
        """The items that an item refers to in a way."""
        found = (items for name, items in self.references.get(item, ()) if name == kind)
        return [number for items in found for number in items]


def boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each box.

    Raises:
        struct.error: A box ends beyond its parent.
    """
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", content, start)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, start + 8)
            head = 16
        size = size or end - start
        if size < head or start + size > end:
            raise struct.error("a box is larger than its parent")
        yield name, start + head, start + size
        start += size


def first(
    content: bytes, name: bytes, start: int, end: int, depth: int = len(_CONTAINERS)
) -> tuple[int, int] | None:
    """Start and end of the first box of a name, which may lie within some others."""
    for kind, begins, ends in boxes(content, start, end):
        if kind == name:
            return begins, ends
        if kind in _CONTAINERS and depth:
            inner = first(content, name, begins, ends, depth - 1)
            if inner:
                return inner
    return None


def read_meta(content: bytes) -> Meta | None:
    """The file's items; None if it has none."""
    place = first(content, b"meta", 0, len(content))
    if place is None:
        return None
    meta = Meta()
    data_place = 0
    for name, start, end in boxes(content, place[0] + 4, place[1]):
        version = content[start]
        if name == b"pitm":
            (meta.primary,) = struct.unpack_from(">I" if version else ">H", content, start + 4)
        elif name == b"iinf":
            _read_kinds(content, start, end, meta)
        elif name == b"idat":
            data_place = start
        elif name == b"iref":
            _read_references(content, start, end, meta)
        elif name == b"iprp":
            _read_properties(content, start, end, meta)
    for name, start, _ in boxes(content, place[0] + 4, place[1]):
        if name == b"iloc":
            _read_places(content, start, data_place, meta)
    return meta


def _read_kinds(content: bytes, start: int, end: int, meta: Meta) -> None:
    start += 8 if content[start] else 6
    for name, at, _ in boxes(content, start, end):
        if name == b"infe" and content[at] >= 2:
            number = ">I" if content[at] == 3 else ">H"
            (item,) = struct.unpack_from(number, content, at + 4)
            at += 4 + struct.calcsize(number) + 2
            meta.kinds[item] = content[at : at + 4]


def _read_places(content: bytes, start: int, data_place: int, meta: Meta) -> None:
    version = content[start]
    sizes, more = content[start + 4], content[start + 5]
    offset_size, length_size, base_size = sizes >> 4, sizes & 15, more >> 4
    index_size = more & 15 if version else 0
    number = ">I" if version == 2 else ">H"
    place = start + 6

    def take(size: int) -> int:
        nonlocal place
        if place + size > len(content):
            raise struct.error("it ends within its items' places")
        value = int.from_bytes(content[place : place + size], "big")
        place += size
        return value

    width = struct.calcsize(number)
    for _ in range(min(take(width), _MOST_ITEMS)):
        item = take(width)
        method = take(2) & 15 if version else 0
        take(2)
        base = take(base_size)
        parts = []
        for _ in range(take(2)):
            take(index_size)
            offset, length = take(offset_size), take(length_size)
            origin = data_place if method == 1 else 0
            parts.append((origin + base + offset, length))
        meta.places[item] = parts


def _read_references(content: bytes, start: int, end: int, meta: Meta) -> None:
    form = ">I" if content[start] else ">H"
    width = struct.calcsize(form)
    for name, at, _ in boxes(content, start + 4, end):
        (item,) = struct.unpack_from(form, content, at)
        (count,) = struct.unpack_from(">H", content, at + width)
        items = struct.unpack_from(f">{count}{form[1]}", content, at + width + 2)
        meta.references.setdefault(item, []).append((name, list(items)))


def _read_properties(content: bytes, start: int, end: int, meta: Meta) -> None:
    known: list[tuple[bytes, bytes]] = []
    for name, at, ends in boxes(content, start, end):
        if name == b"ipco":
            known = [(kind, content[a:b]) for kind, a, b in boxes(content, at, ends)]
    for name, at, _ in boxes(content, start, end):
        if name != b"ipma":
            continue
        version, wide = content[at], content[at + 3] & 1
        (entries,) = struct.unpack_from(">I", content, at + 4)
        at += 8
        for _ in range(min(entries, _MOST_ITEMS)):
            form = ">I" if version else ">H"
            (item,) = struct.unpack_from(form, content, at)
            at += struct.calcsize(form)
            count = content[at]
            indices = struct.unpack_from(f">{count}{'H' if wide else 'B'}", content, at + 1)
            at += 1 + count * (2 if wide else 1)
            mask = 0x7FFF if wide else 0x7F
            numbers = (index & mask for index in indices)
            chosen = [known[number - 1] for number in numbers if 0 < number <= len(known)]
            meta.properties.setdefault(item, []).extend(chosen)
