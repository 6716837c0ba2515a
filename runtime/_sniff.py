"""What a picture file is and how large, told from its first bytes without decoding it.

A file of a few kilobytes can ask for gigabytes when it is decoded; the size in its header says so
before. Only what is needed to refuse such files and to warn is read: formats, sizes, whether there
is more than one picture, whether samples are kept exactly.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What a file's header says.

    Attributes:
        format: `png`, `jpeg`, `webp`, `tiff`, `bmp` or `avif`.
        width: In pixels, before any turn that the file asks for.
        height: Likewise.
        several: Whether there is more than one picture in it.
        lossy: Whether it was coded with loss.
        depth: Bits a sample, where the format says so in its header and more than 8 are possible.
        quarter_turns: Counter-clockwise, where the container format itself asks for a turn.
        straight_alpha: Where a TIFF says that its colours are not multiplied by its alpha: the
            place in the file of the number that says so.
        core: Whether it is a BMP with the oldest header, that of OS/2.
    """

    format: str
    width: int
    height: int
    several: bool = False
    lossy: bool = False
    depth: int = 8
    quarter_turns: int = 0
    straight_alpha: int | None = None
    core: bool = False


def sniff(content: bytes) -> Kind | None:
    """What the content of a file is, or None if it is none of the formats that are read."""
    try:
        if content[:8] == b"\x89PNG\r\n\x1a\n":
            return _png(content)
        if content[:3] == b"\xff\xd8\xff":
            return _jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
        if content[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            return _tiff(content)
        if content[:2] == b"BM":
            return _bmp(content)
        if content[4:8] == b"ftyp":
            return _avif(content)
    except (struct.error, IndexError, OverflowError):
        return None  # it ends within its header, or that points beyond any file
    return None


def _png(content: bytes) -> Kind | None:
    if content[12:16] != b"IHDR":
        return None
    width, height, depth = struct.unpack_from(">IIB", content, 16)
    several, place, name = False, 8, b""
    # To the end: a chunk that says it is larger than the file has the decoder take that memory.
    while name != b"IEND":
        size, name = struct.unpack_from(">I4s", content, place)
        several |= name == b"acTL"
        place += 12 + size
    if place > len(content):
        return None
    return Kind("png", width, height, several, depth=max(depth, 8))


def _jpeg(content: bytes) -> Kind | None:
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:  # without a length
            place += 1 if marker == 0xFF else 2
            continue
        # A start of frame, of which C4, C8 and CC are none.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            depth, height, width = struct.unpack_from(">BHH", content, place + 4)
            return Kind("jpeg", width, height, lossy=True, depth=max(depth, 8))
        place += 2 + int(struct.unpack_from(">H", content, place + 2)[0])
    return None


def _webp(content: bytes) -> Kind | None:
    kinds = {name for name, _ in _riff_chunks(content)}
    several = b"ANMF" in kinds
    # Frames of an animation are not looked into; those are seldom without loss.
    lossy = b"VP8 " in kinds or (several and b"VP8L" not in kinds)
    first, data = content[12:16], content[20:]
    if first == b"VP8X":
        width = int.from_bytes(data[4:7], "little") + 1
        height = int.from_bytes(data[7:10], "little") + 1
        return Kind("webp", width, height, several, lossy) if len(data) >= 10 else None
    if first == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 1)
        return Kind("webp", (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
    if first == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 6)
        return Kind("webp", width & 0x3FFF, height & 0x3FFF, lossy=True)
    return None


def _riff_chunks(content: bytes) -> Iterator[tuple[bytes, int]]:
    place = 12
    while place + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        yield name, place
        place += 8 + size + size % 2


# Bits a sample; where strips and tiles are, and how long.
_TIFF_LISTS = (258, 273, 279, 324, 325)


def _tiff(content: bytes) -> Kind | None:
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    offset, count, entry = ("Q", "Q", "HHQ8s") if big else ("I", "H", "HHI4s")
    (start,) = struct.unpack_from(order + offset, content, 8 if big else 4)
    (entries,) = struct.unpack_from(order + count, content, start)
    place = start + struct.calcsize(order + count)
    found: dict[int, int] = {}
    lists: dict[int, tuple[int, ...]] = {}
    straight_alpha = None
    for _ in range(min(entries, 1000)):
        tag, kind, values, raw = struct.unpack_from(order + entry, content, place)
        form = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
        if form and values >= 1:
            (found[tag],) = struct.unpack_from(order + form, raw)
        if form and tag in _TIFF_LISTS:
            inside = values * struct.calcsize(form) <= len(raw)
            at = 0 if inside else struct.unpack_from(order + offset, raw)[0]
            values = min(values, len(content))
            lists[tag] = struct.unpack_from(
                f"{order}{values}{form}", raw if inside else content, at
            )
        if tag == 338 and kind == 3 and values == 1 and found[tag] == 2:
            straight_alpha = place + struct.calcsize(order + entry) - len(raw)
        place += struct.calcsize(order + entry)
    (following,) = struct.unpack_from(order + offset, content, place)
    if 256 not in found or 257 not in found:
        return None
    if found.get(284) == 2 and not _planes_are_whole(lists, len(content)):
        return None
    lossy = found.get(259) in (6, 7)  # JPEG
    depth = max((8, *lists.get(258, ())))
    several = following != 0
    return Kind(
        *("tiff", found[256], found[257], several, lossy, depth), straight_alpha=straight_alpha
    )


def _planes_are_whole(lists: dict[int, tuple[int, ...]], size: int) -> bool:
    """Whether a TIFF has all its planes: the decoder takes what is missing for black."""
    for offsets, counts in ((273, 279), (324, 325)):  # strips, tiles
        pairs = zip(lists.get(offsets, ()), lists.get(counts, ()), strict=False)
        if any(start + count > size for start, count in pairs):
            return False
    return True


def _bmp(content: bytes) -> Kind | None:
    (size,) = struct.unpack_from("<I", content, 14)
    if size == 12:
        width, height = struct.unpack_from("<HH", content, 18)
    else:
        width, height, compression = struct.unpack_from("<ii4xI", content, 18)
        # A run of 2 bytes is 255 pixels at most; what is left out has no colour.
        if compression in (1, 2) and abs(width * height) > 255 * len(content) // 2:
            return None
    return Kind("bmp", abs(width), abs(height), core=size == 12)


def _avif(content: bytes) -> Kind | None:
    (size,) = struct.unpack_from(">I", content, 0)
    brands = content[8:size]
    if b"avif" not in brands and b"avis" not in brands:
        return None
    head = content[: 1 << 16]
    sizes = [struct.unpack_from(">II", head, at + 8) for at in _places(head, b"ispe")]
    if not sizes:
        return None
    width, height = max(sizes, key=lambda side: side[0] * side[1])
    depth = 8
    for at in _places(head, b"av1C"):
        high = head[at + 6]
        depth = 8 if not high & 0x40 else 12 if high & 0x20 else 10
    turns = next((head[at + 4] & 3 for at in _places(head, b"irot")), 0)
    several = content[8:12] == b"avis"
    return Kind("avif", width, height, several, True, depth, turns)


def _places(content: bytes, name: bytes) -> Iterator[int]:
    place = content.find(name)
    while place >= 0:
        yield place
        place = content.find(name, place + 4)
