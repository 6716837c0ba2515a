"""A JPEG file as fewer bytes, and back, byte for byte."""

from __future__ import annotations

import struct

from runtime.errors import TooLargeError
from runtime.payloads.jpeg.contexts import code_all
from runtime.payloads.jpeg.headers import Headers, UnsupportedJpeg, read_headers
from runtime.payloads.jpeg.huffman import decode_scan, encode_scan
from runtime.payloads.jpeg.rans import Damaged, Reader, Writer
from runtime.payloads.jpeg.tables import load_tables

# Bytes of the headers, of what comes after the codes, of words and of bits.
_SIZES = struct.Struct("<4I")
_STATE, _BLOCKS_PER_LANE, _LEAST_LANES, _MOST_LANES = 4, 1 << 7, 1 << 4, 1 << 12


def pack(content: bytes) -> bytes | None:
    """Codes a JPEG file anew.

    Returns:
        About five sixths of the bytes, from which `unpack` makes the same file again; None if the
        file is not a baseline JPEG file of the usual kind, or would not become smaller.
    """
    try:
        headers = read_headers(content)
        scan = decode_scan(content, headers)
        end = headers.size + scan.size
        if encode_scan(scan.coefficients, headers) != content[headers.size : end]:
            return None
        tables = load_tables()
        writer = Writer(tables, _lanes(headers))
        code_all(headers, writer, tables, scan.coefficients)
    except UnsupportedJpeg:
        return None
    states, words, bits = writer.finish()
    parts = content[: headers.size], content[end:], words, bits
    packed = b"".join((_SIZES.pack(*map(len, parts)), *parts[:2], states, *parts[2:]))
    return packed if len(packed) < len(content) else None


def unpack(packed: bytes, max_pixels: int) -> bytes:
    """The inverse of `pack`.

    Args:
        packed: What `pack` returned.
        max_pixels: Most pixels of the picture.

    Raises:
        TooLargeError: It has more pixels.
        Damaged: `pack` cannot have returned this.
    """
    try:
        sizes = _SIZES.unpack_from(packed)
        at = _SIZES.size
        header, tail = packed[at : at + sizes[0]], packed[at + sizes[0] : at + sizes[0] + sizes[1]]
        headers = read_headers(header)
        _check_size(headers, max_pixels)
        at += sizes[0] + sizes[1]
        rest = _STATE * _lanes(headers), sizes[2], sizes[3]
        if headers.size != sizes[0] or sizes[2] % 2 or at + sum(rest) != len(packed):
            raise Damaged("the sizes do not fit")
        states, words = packed[at : at + rest[0]], packed[at + rest[0] : at + rest[0] + rest[1]]
        tables = load_tables()
        reader = Reader(tables, states, words, packed[at + rest[0] + rest[1] :])
        coefficients = code_all(headers, reader, tables, None)
        reader.finish()
        return header + encode_scan(coefficients, headers) + tail
    except (UnsupportedJpeg, struct.error) as error:
        raise Damaged(str(error)) from error


def _lanes(headers: Headers) -> int:
    blocks = sum(c.rows * c.columns for c in headers.components)
    return min(max(blocks // _BLOCKS_PER_LANE, _LEAST_LANES), _MOST_LANES)


def _check_size(headers: Headers, max_pixels: int) -> None:
    """Raises TooLargeError before any memory is taken for coefficients."""
    height, width = headers.shape
    if height * width > max_pixels:
        raise TooLargeError(
            f"the hidden picture has {width} x {height} pixels, more than the {max_pixels:,} "
            "allowed",
            max_pixels=max_pixels,
        )
