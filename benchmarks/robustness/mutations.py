"""Damages files on purpose: at random places, or where their format keeps sizes and structure."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

_NUMBERS = (
    *(0, 1, 2, 3, 7, 8, 16, 0x7F, 0x80, 0xFF, 0x100, 0x3FFF, 0x4000, 0x7FFF, 0x8000, 0xFFFF),
    *(0x10000, 14_000, 20_000, 46_341, 0xFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF),
)
"""Limits of types and of libraries, and numbers that overflow when multiplied."""


@dataclass(frozen=True)
class Mutant:
    """A damaged file.

    Attributes:
        sample: Name of the valid file that was damaged.
        how: Names of the changes, in order.
        content: Content after the changes.
    """

    sample: str
    how: tuple[str, ...]
    content: bytes


def mutant(seed: int, index: int, files: dict[str, bytes]) -> Mutant:
    """The damaged file with this number; always the same for the same seed and files."""
    random = Random(f"{seed}/{index}")
    formats = sorted({name.partition("/")[0] for name in files})
    format_ = random.choice(formats)
    name = random.choice([name for name in files if name.startswith(format_ + "/")])
    content, how = files[name], []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        choices = [*_ANYWHERE, *[_STRUCTURE[format_]] * 8]
        change = random.choice(choices)
        if change is _splice:
            other = files[random.choice(list(files))]
            content = _splice(random, content, other)
        else:
            content = change(random, content)
        how.append(change.__name__.strip("_"))
    return Mutant(name, tuple(how), content)


def _flip(random: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 4, 16, 64)) if changed else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _flip_front(random: Random, content: bytes) -> bytes:
    return _flip(random, content[:200]) + content[200:]


def _cut(random: Random, content: bytes) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def _cut_out(random: Random, content: bytes) -> bytes:
    start = random.randrange(len(content) + 1)
    return content[:start] + content[start + random.choice((1, 2, 3, 16, 200, 3000)) :]


def _repeat(random: Random, content: bytes) -> bytes:
    start = random.randrange(len(content) + 1)
    part = content[start : start + random.choice((1, 4, 64, 1000))]
    return content[:start] + part * random.choice((2, 3, 50)) + content[start + len(part) :]


def _insert(random: Random, content: bytes) -> bytes:
    start = random.randrange(len(content) + 1)
    return content[:start] + random.randbytes(random.choice((1, 2, 4, 100))) + content[start:]


def _blank(random: Random, content: bytes) -> bytes:
    start = random.randrange(len(content) + 1)
    length = len(content[start : start + random.choice((4, 50, 1000))])
    return content[:start] + random.choice((b"\0", b"\xff")) * length + content[start + length :]


def _number(random: Random, content: bytes) -> bytes:
    """Writes a number of 1 to 8 bytes at some place, most often near the start."""
    form = random.choice(("B", "<H", ">H", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(form)
    if len(content) < size:
        return content
    reach = len(content) - size + 1
    start = random.randrange(min(reach, random.choice((64, 256, reach))))
    changed = bytearray(content)
    value = random.choice(_NUMBERS) & ((1 << 8 * size) - 1)
    struct.pack_into(form, changed, start, value)
    return bytes(changed)


def _splice(random: Random, content: bytes, other: bytes = b"") -> bytes:
    """The start of one file and the end of another."""
    share = random.random()
    return content[: int(share * len(content))] + other[int(share * len(other)) :]


_ANYWHERE: list[Callable[..., bytes]] = [
    *(_flip, _flip, _flip_front, _cut, _cut, _cut_out, _repeat, _insert, _blank),
    *(_number, _number, _splice),
]

_Chunk = tuple[bytes, bytes]
"""Name and content of a chunk, segment or box."""


def _shuffled(random: Random, chunks: list[_Chunk]) -> list[_Chunk]:
    """Removes, repeats, moves, renames, damages, truncates or extends one chunk."""
    if not chunks:
        return chunks
    chunks = list(chunks)
    place = random.randrange(len(chunks))
    name, data = chunks[place]
    action = random.randrange(8)
    if action == 0:
        del chunks[place]
    elif action == 1:
        chunks.insert(random.randrange(len(chunks) + 1), chunks[place])
    elif action == 2:
        chunks.insert(random.randrange(len(chunks)), chunks.pop(place))
    elif action == 3:
        chunks[place] = (random.choice(chunks)[0], data)
    elif action == 4:
        chunks[place] = (name, data[: random.randrange(len(data) + 1)])
    elif action == 5:
        chunks[place] = (name, data + random.randbytes(random.choice((1, 8, 500))))
    else:
        chunks[place] = (name, random.choice((_number, _flip))(random, data))
    return chunks


def _png(random: Random, content: bytes) -> bytes:
    """Changes a chunk and corrects its checksum, so that decoders do not reject it for that."""
    chunks, offset = [], 8
    while offset + 12 <= len(content):
        (size,) = struct.unpack_from(">I", content, offset)
        chunks.append((content[offset + 4 : offset + 8], content[offset + 8 : offset + 8 + size]))
        offset += 12 + size
    if random.random() < 0.3:
        chunks = [
            (name, _recompressed(random, data) if name == b"IDAT" else data)
            for name, data in chunks
        ]
    elif chunks and random.random() < 0.5:
        chunks[0] = (chunks[0][0], _number(random, chunks[0][1]))
    else:
        chunks = _shuffled(random, chunks)
    changed = content[:8]
    for name, data in chunks:
        changed += struct.pack(">I", len(data)) + name + data
        changed += struct.pack(">I", zlib.crc32(name + data))
    return changed


def _recompressed(random: Random, data: bytes) -> bytes:
    """Damages rows instead of the compressed stream that holds them."""
    try:
        rows = zlib.decompress(data)
    except zlib.error:
        return data
    change = random.choice((_flip, _cut, _repeat, _blank, _insert))
    return zlib.compress(change(random, rows))


def _jpeg(random: Random, content: bytes) -> bytes:
    """Changes a segment before the first scan and corrects its length, or changes the scan."""
    chunks, offset = [], 2
    while content[offset : offset + 1] == b"\xff" and content[offset + 1 : offset + 2] != b"\xda":
        size = int.from_bytes(content[offset + 2 : offset + 4], "big")
        if not size:
            break
        chunks.append((content[offset : offset + 2], content[offset + 4 : offset + 2 + size]))
        offset += 2 + size
    rest = content[offset:]
    if random.random() < 0.25:
        rest = random.choice((_flip, _cut, _number, _blank))(random, rest)
    else:
        chunks = _shuffled(random, chunks)
    changed = content[:2]
    for name, data in chunks:
        changed += name + struct.pack(">H", min(len(data) + 2, 0xFFFF)) + data[:0xFFFD]
    return changed + rest


def _webp(random: Random, content: bytes) -> bytes:
    """Changes a chunk and corrects all sizes."""
    chunks, offset = [], 12
    while offset + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, offset)
        chunks.append((name, content[offset + 8 : offset + 8 + size]))
        offset += 8 + size + size % 2
    changed = b"WEBP"
    for name, data in _shuffled(random, chunks):
        changed += struct.pack("<4sI", name, len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(changed)) + changed


def _tiff(random: Random, content: bytes) -> bytes:
    """Changes an entry of a directory (tag, type, count or value), or the offset of the next."""
    if len(content) < 16:
        return content
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    wide, count, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    changed = bytearray(content)
    try:
        (start,) = struct.unpack_from(order + wide, content, 8 if big else 4)
        (entries,) = struct.unpack_from(order + count, content, start)
        first = start + struct.calcsize(order + count)
        offset = first + entry * random.randrange(entries + 1)
        fields = [("H", 0), ("H", 2), (wide, 4), (wide, entry - struct.calcsize(wide)), ("H", 8)]
        form, field = random.choice(fields)
        near = struct.unpack_from(order + form, content, offset + field)[0]
        value = random.choice((*_NUMBERS, near - 1, near + 1, 2 * near, start, offset))
        if field == 0:  # a tag: mostly those that decoders depend on
            value = random.choice((254, 256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 320, 322))
            value = random.choice((value, 323, 324, 325, 330, 338, 339, 347, 530))
        size = struct.calcsize(order + form)
        struct.pack_into(order + form, changed, offset + field, value & ((1 << 8 * size) - 1))
    except (struct.error, ValueError, OverflowError):
        return _number(random, content)
    return bytes(changed)


def _bmp(random: Random, content: bytes) -> bytes:
    """Changes a field of the two headers, or the palette."""
    changed = bytearray(content)
    form, offset = random.choice(
        [("<I", at) for at in (2, 10, 14, 18, 22, 30, 34, 46, 50)]
        + [("<H", at) for at in (18, 20, 22, 24, 26, 28)]
    )
    value = random.choice((*_NUMBERS, 4, 12, 24, 32, 40, 52, 56, 64, 108, 124))
    try:
        near = struct.unpack_from(form, content, offset)[0]
        value = random.choice((value, value, near - 1, near + 1, -near))
        struct.pack_into(form, changed, offset, value & ((1 << 8 * struct.calcsize(form)) - 1))
    except struct.error:
        return _number(random, content)
    return bytes(changed)


def _avif(random: Random, content: bytes) -> bytes:
    """Changes a box: its size, its name, or the start of its content."""
    names = (
        *(b"ftyp", b"meta", b"hdlr", b"pitm", b"iloc", b"iinf", b"infe", b"iprp", b"ipco", b"ispe"),
        *(b"pixi", b"av1C", b"colr", b"ipma", b"mdat", b"auxC", b"iref", b"moov", b"stsz", b"stco"),
        *(b"irot", b"Exif", b"stsd", b"av01"),
    )
    offsets = [content.find(name) for name in names if name in content]
    if not offsets:
        return _number(random, content)
    offset = random.choice(offsets)
    changed = bytearray(content)
    what = random.randrange(4)
    if what == 0 and offset >= 4:
        struct.pack_into(">I", changed, offset - 4, random.choice(_NUMBERS))
    elif what == 1:
        changed[offset : offset + 4] = random.choice(names)
    else:
        start = offset + 4
        part = random.choice((_number, _flip))(random, content[start : start + 24])
        changed[start : start + 24] = part
    return bytes(changed)


_STRUCTURE: dict[str, Callable[[Random, bytes], bytes]] = {
    "png": _png,
    "jpg": _jpeg,
    "webp": _webp,
    "tiff": _tiff,
    "bmp": _bmp,
    "avif": _avif,
}
