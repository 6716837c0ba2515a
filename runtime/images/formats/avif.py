"""AVIF."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from runtime.images.exif import described, described_xmp
from runtime.images.formats.av1 import frame_size
from runtime.images.formats.base import Decoded, FileHeader, Format
from runtime.images.formats.boxes import Meta, boxes, first, read_meta
from runtime.images.formats.opencv import decode_by_opencv
from runtime.images.profiles import profile_of_code_points

# EXIF's orientation for quarter turns counter-clockwise, and then mirrored: not, top to bottom
# (axis 0), or left to right (axis 1).
_ORIENTATIONS = {
    (0, None): 1, (1, None): 8, (2, None): 3, (3, None): 6,
    (0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7,
    (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5,
}  # fmt: skip


def _read_header(content: bytes) -> FileHeader | None:
    (size,) = struct.unpack_from(">I", content, 0)
    brands = content[8:size]
    if b"avif" not in brands and b"avis" not in brands:
        return None
    several = content[8:12] == b"avis"
    meta = read_meta(content)
    sizes = list(_track_sizes(content))
    depth = 8
    if meta is not None and meta.primary:
        shown = _shown_size(content, meta)
        if shown is None:
            return None
        sizes.append(shown)
        depth = _depth(meta)
    if not sizes:
        return None
    width, height = max(sizes, key=lambda side: side[0] * side[1])
    return FileHeader("avif", width, height, several, True, depth)


def _depth(meta: Meta) -> int:
    items = [meta.primary, *meta.references_of(meta.primary, b"dimg")]
    for configuration in (data for item in items for data in meta.of(item, b"av1C")):
        return 8 if not configuration[2] & 0x40 else 12 if configuration[2] & 0x20 else 10
    return 8


def _shown_size(content: bytes, meta: Meta) -> tuple[int, int] | None:
    """The larger of what the file says and of what its streams say; None if it is damaged."""
    said = [struct.unpack_from(">II", data, 4) for data in meta.of(meta.primary, b"ispe")]
    if not said:
        return None
    width, height = max(said, key=lambda side: int(side[0]) * int(side[1]))
    tiles = meta.references_of(meta.primary, b"dimg")
    layers = [
        item
        for item, references in meta.references.items()
        if any(kind == b"auxl" and meta.primary in items for kind, items in references)
    ]
    alpha_tiles = [tile for layer in layers for tile in meta.references_of(layer, b"dimg")]
    coded = [
        frame_size(stream)
        for item in {meta.primary, *tiles, *layers, *alpha_tiles}
        if (stream := _stream(content, meta, item)) is not None
    ]
    pixels = sum(size[0] * size[1] for size in coded)
    largest = max(coded, key=lambda side: side[0] * side[1], default=(0, 0))
    if tiles and pixels > 8 * width * height + (1 << 22):
        return None  # tiles cover their picture, and alpha as much again
    if largest[0] * largest[1] > width * height:
        return largest
    return int(width), int(height)


def _stream(content: bytes, meta: Meta, item: int) -> bytes | None:
    """What is coded by AV1 of an item, if anything is."""
    if meta.kinds.get(item) != b"av01":
        return None
    stream = bytearray()
    for start, length in meta.places.get(item, ()):
        stream += content[start : start + length if length else None]
        if len(stream) > len(content):
            raise struct.error("an item is larger than its file")
    return bytes(stream)


def _track_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Sizes of the pictures of a sequence, as its tracks and their streams say."""
    place = first(content, b"moov", 0, len(content))
    if place is None:
        return
    for name, start, end in boxes(content, *place):
        if name != b"trak":
            continue
        descriptions = first(content, b"stsd", start, end)
        for kind, at, _ in (
            boxes(content, descriptions[0] + 8, descriptions[1]) if descriptions else ()
        ):
            if kind == b"av01":
                width, height = struct.unpack_from(">HH", content, at + 24)
                yield width, height
        sizes_of = first(content, b"stsz", start, end)
        if not sizes_of:
            continue
        (size,) = struct.unpack_from(">I", content, sizes_of[0] + 4)
        if not size:
            (size,) = struct.unpack_from(">I", content, sizes_of[0] + 12)
        for kind, form in ((b"stco", ">I"), (b"co64", ">Q")):
            if chunks := first(content, kind, start, end):
                (offset,) = struct.unpack_from(form, content, chunks[0] + 8)
                yield frame_size(content[offset : offset + size])


def _decode(content: bytes, header: FileHeader, _: bool) -> Decoded:
    decoded = decode_by_opencv(content, "AVIF", (header.height, header.width))
    meta = read_meta(content)
    largest = 255
    if decoded.samples.dtype != "uint8":
        # Given as they are; those of other formats OpenCV scales to 16 bits.
        largest = (1 << header.depth) - 1
    if meta is None:
        return replace(decoded, largest=largest, orientation=1)
    turns: int = 0
    axis: int | None = None
    notes: list[str] = []
    for name, data in meta.properties.get(meta.primary, ()):
        if name == b"irot":
            turns = data[0] & 3
        elif name == b"imir":
            axis = data[0] & 1
        elif name == b"clap":
            notes.append("its crop is ignored")
    icc = None
    for data in meta.of(meta.primary, b"colr"):
        if data[:4] in (b"prof", b"rICC"):
            icc = data[4:]
            break
        if data[:4] == b"nclx":
            icc, more = profile_of_code_points(*struct.unpack_from(">HH", data, 4))
            notes += more
    return replace(
        decoded,
        largest=largest,
        icc=icc,
        orientation=_ORIENTATIONS[turns, axis],
        notes=tuple(notes),
    )


def _name_metadata(content: bytes) -> tuple[None, tuple[str, ...]]:
    meta, names = read_meta(content) or Meta(), []
    for item, kind in meta.kinds.items():
        start, length = next(iter(meta.places.get(item, ())), (0, 0))
        data = content[start : start + length]
        if kind == b"Exif":
            names.append(described(data[4:]))  # after the offset of its beginning
        elif kind == b"mime":
            names.append(described_xmp(data))
    return None, tuple(dict.fromkeys(filter(None, names)))


AVIF = Format(
    name="avif",
    extensions=(".avif",),
    matches=lambda content: content[4:8] == b"ftyp" and b"avi" in content[8:64],
    read_header=_read_header,
    decode=_decode,
    strip=_name_metadata,
)
