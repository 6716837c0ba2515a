"""Decompresses strips and tiles of a TIFF, never to more than there should be of them."""

from __future__ import annotations

import lzma
import struct
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

from runtime.errors import UnreadableError
from runtime.images.formats import tiff_tags as tags_of
from runtime.images.formats.jpeg import decode_stream
from runtime.images.formats.opencv import decode_by_opencv
from runtime.images.formats.tiff_tags import Tags

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_LONGEST_ROW = 1 << 20
"""Samples that OpenCV takes per row."""


class SegmentError(Exception):
    """A strip or tile is damaged."""


def unpacked(segment: bytes, tags: Tags, rows: int, row_bytes: int, width: int) -> bytes:
    """Decompresses a strip or tile.

    Args:
        segment: As it is in the file.
        tags: Of the picture.
        rows: How many it has.
        row_bytes: Bytes of a row.
        width: Pixels of a row.

    Returns:
        `rows * row_bytes` bytes.

    Raises:
        SegmentError: It is damaged.
    """
    size = rows * row_bytes
    compression = tags.compression
    try:
        if compression == tags_of.NONE:
            data = segment.translate(_REVERSED) if tags.number(266, 1) == 2 else segment
        elif compression in tags_of.DEFLATE:
            data = _inflated(segment, size)
        elif compression == tags_of.LZMA:
            data = lzma.LZMADecompressor(memlimit=1 << 27).decompress(segment, size)
        elif compression == tags_of.JPEG:
            data = _by_jpeg(segment, tags, rows, width)
        elif compression in tags_of.FAX:
            data = _fax(segment, tags, rows, width)
        else:
            data = _by_libtiff(segment, compression, rows, row_bytes)
    except (zlib.error, lzma.LZMAError, EOFError, UnreadableError, IndexError) as error:
        raise SegmentError from error
    if len(data) < size:
        raise SegmentError
    return data[:size]


def _inflated(segment: bytes, size: int) -> bytes:
    engine = zlib.decompressobj()
    data = engine.decompress(segment, size)
    # On to the end, where the checksum is, through what too much there may be in the last block.
    if not engine.eof and len(engine.decompress(engine.unconsumed_tail, 1 << 16)) == 1 << 16:
        raise SegmentError
    return data


def _by_jpeg(segment: bytes, tags: Tags, rows: int, width: int) -> bytes:
    tables = tags.values.get(347) or b""
    tables = bytes(tables)
    channels = 1 if tags.planar else tags.samples
    # Whether colours are YCbCr is said by the TIFF; to the decoder, by Adobe's segment.
    transform = 1 if tags.photometric == tags_of.YCBCR and channels == 3 else 0
    adobe = struct.pack(">BBH5sHHHB", 0xFF, 0xEE, 14, b"Adobe", 100, 0, 0, transform)
    before = tables[2:-2] if tables[:2] == b"\xff\xd8" and tables[-2:] == b"\xff\xd9" else b""
    own = b"Adobe" in segment[:64] or channels < 3
    stream = b"\xff\xd8" + (b"" if own else adobe) + before + segment[2:]
    decoded = decode_stream(stream, (rows, width), accept_damaged=False)
    if decoded.samples.ndim == 2 and channels == 1:
        return decoded.samples.tobytes()
    if decoded.samples.ndim != 3 or decoded.samples.shape[2] != channels:
        raise SegmentError
    return decoded.samples.tobytes()


def _fax(segment: bytes, tags: Tags, rows: int, width: int) -> bytes:
    more = [(266, tags.number(266, 1))]
    more += [(tag, tags.number(tag)) for tag in (292, 293) if tag in tags.values]
    file = _file(segment, tags.compression, width, rows, 1, more)
    picture = decode_by_opencv(file, "TIFF", (rows, width), cv2.IMREAD_GRAYSCALE).samples
    # The file says that 0 is black, whatever this one says.
    return np.packbits(picture > 127, axis=1).tobytes()


def _by_libtiff(segment: bytes, compression: int, rows: int, row_bytes: int) -> bytes:
    """Decompresses by OpenCV's libtiff, which is given a file of plain 16-bit samples.

    Of those it tells what is damaged; of 8-bit samples it does not.
    """
    size = rows * row_bytes
    if size % 2 == 0 and row_bytes % 2 == 0 and row_bytes // 2 < _LONGEST_ROW:
        return _as_samples(segment, compression, rows, row_bytes // 2)
    # In rows of any length, and the few bytes that are left then as samples of 8 bits.
    width = min(size // 2, 1 << 14)
    whole = size // 2 // width if width else 0
    data = _as_samples(segment, compression, whole, width) if whole else b""
    if len(data) == size:
        return data
    if row_bytes >= _LONGEST_ROW:
        raise SegmentError
    file = _file(segment, compression, row_bytes, rows, 8, [])
    picture = decode_by_opencv(file, "TIFF", (rows, row_bytes)).samples
    return data + picture.tobytes()[len(data) :]


def _as_samples(segment: bytes, compression: int, rows: int, width: int) -> bytes:
    file = _file(segment, compression, width, rows, 16, [])
    samples = decode_by_opencv(file, "TIFF", (rows, width)).samples
    return samples.astype("<u2", copy=False).tobytes()


def _file(
    segment: bytes, compression: int, width: int, rows: int, bits: int, more: list[tuple[int, int]]
) -> NDArray[np.uint8]:
    """A TIFF of one strip."""
    entries = {
        256: width, 257: rows, 258: bits, 259: compression, 262: 1, 277: 1, 278: rows,
        279: len(segment), **dict(more),
    }  # fmt: skip
    start = 8 + 2 + 12 * (len(entries) + 1) + 4
    entries[273] = start
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    for tag in sorted(entries):
        head += struct.pack("<HHII", tag, 4, 1, entries[tag])
    return np.frombuffer(head + bytes(4) + segment, np.uint8)
