"""What a TIFF's tags say, by tifffile, and which kinds of TIFF are supported."""

from __future__ import annotations

import io
import logging
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np

_NAMES = {
    6: "old JPEG", 7: "JPEG", 34712: "JPEG 2000", 33003: "JPEG 2000", 33005: "JPEG 2000",
    34887: "LERC", 34933: "PNG", 34934: "JPEG XR", 22610: "JPEG XR", 50000: "zstd",
    50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
"""Names of compressions for people."""

NONE, FAX, LZW, JPEG, DEFLATE, PACKBITS, LZMA = 1, (2, 3, 4), 5, 7, (8, 32946), 32773, 34925
_SUPPORTED = (NONE, *FAX, LZW, JPEG, *DEFLATE, PACKBITS, LZMA)

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIELAB, ICCLAB = 0, 1, 2, 3, 5, 6, 8, 9
_PHOTOMETRIC = {
    WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, CIELAB: 3, ICCLAB: 3,
}  # fmt: skip
"""Samples of a pixel, by the kind of colours."""

_DECIDING = frozenset({
    256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325,
    332, 338, 339, 347, 32997, 32998,
})  # fmt: skip
"""Tags that a decoder goes by."""

_READ = _DECIDING | {274, 34675}  # and how to show it: orientation and profile
ASSOCIATED, STRAIGHT = 1, 2
_SPACE = 1 << 16
_LEAST_TILE, _TILE_PIXELS = 16, 1 << 22
"""The least side of a tile, and how many pixels it may have even if its picture has fewer."""

_MOST_TAGS, _MOST_VALUES = 1 << 12, 1 << 18
_BYTES = (1, 2, 6, 7)
"""Types of tags whose values are read as bytes."""


@dataclass(frozen=True)
class Tags:
    """The tags of a file's first picture.

    Attributes:
        values: By number.
        order: `<` or `>`.
        several: Whether the file has more than one picture.
    """

    values: dict[int, Any]
    order: str
    several: bool

    def number(self, tag: int, default: int = 0) -> int:
        """A tag's only or first value."""
        values = self.numbers(tag)
        return values[0] if values else default

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All values of a tag.

        Raises:
            struct.error: They are no numbers.
        """
        try:
            return tuple(int(value) for value in np.ravel(self.values.get(tag, ())))
        except (TypeError, ValueError) as error:
            raise struct.error("a tag is of the wrong type") from error

    @cached_property
    def width(self) -> int:
        """In pixels."""
        return self.number(256)

    @cached_property
    def height(self) -> int:
        """In pixels."""
        return self.number(257)

    @cached_property
    def samples(self) -> int:
        """Samples of a pixel."""
        return self.number(277, 1)

    @cached_property
    def bits(self) -> int:
        """Bits per sample."""
        return self.number(258, 1)

    @cached_property
    def photometric(self) -> int:
        """The kind of colours."""
        # Fax, which all that do not say mean, is black on white.
        return self.number(262, WHITE_IS_ZERO if self.bits == 1 else BLACK_IS_ZERO)

    @cached_property
    def compression(self) -> int:
        """How strips or tiles are compressed."""
        return self.number(259, NONE)

    @cached_property
    def planar(self) -> bool:
        """Whether each sample has a plane of its own."""
        return self.number(284, 1) == 2 and self.samples > 1

    @cached_property
    def colours(self) -> int:
        """Samples of a pixel that are colours."""
        return _PHOTOMETRIC.get(self.photometric, 0)

    @cached_property
    def alpha(self) -> int | None:
        """Whether the first sample after the colours is alpha, and of which kind."""
        if self.samples <= self.colours:
            return None
        extra = self.numbers(338)
        if not extra:
            # Common for colours with alpha; the decoders of others take it so, too.
            return STRAIGHT if self.samples == self.colours + 1 else None
        return extra[0] if extra[0] in (ASSOCIATED, STRAIGHT) else None

    @cached_property
    def unsupported(self) -> str | None:
        """What is not supported, if anything."""
        if self.compression not in _SUPPORTED:
            name = _NAMES.get(self.compression, f"number {self.compression}")
            return f"{name} compression"
        if self.photometric not in _PHOTOMETRIC:
            return f"colours of kind {self.photometric}"
        formats = set(self.numbers(339)) or {1}
        lab = self.photometric == CIELAB  # whose a and b have signs
        if not formats <= ({1, 2, 4} if lab else {1, 4}):
            signed = formats == {2}
            return (
                "samples with signs"
                if signed
                else "floating-point samples"
                if 3 in formats
                else ("samples of an unknown type")
            )
        return self._unsupported_bits() or self._unsupported_layout()

    def _unsupported_bits(self) -> str | None:
        if len(set(self.numbers(258)[: self.samples])) > 1:
            return "samples of different sizes"
        if self.compression == JPEG:
            depths: tuple[int, ...] = (8,)
        elif self.compression in FAX:
            depths = (1,)
        elif self.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO):
            depths = (1, 2, 4, 8, 16)
        elif self.photometric == PALETTE:
            depths = (1, 2, 4, 8)
        elif self.photometric in (CIELAB, ICCLAB):
            depths = (8,)
        else:
            depths = (8, 16)
        return None if self.bits in depths else f"{self.bits} bits per sample"

    def _unsupported_layout(self) -> str | None:
        if self.photometric == YCBCR and self.compression != JPEG:
            return "YCbCr without JPEG"
        if self.photometric == CMYK and self.number(332, 1) != 1:
            return "inks other than CMYK"
        if self.samples not in (self.colours, self.colours + 1):
            return f"{self.samples} samples per pixel"
        if self.samples > 1 and self.bits < 8:
            return f"{self.samples} samples of {self.bits} bits"
        if self.photometric == PALETTE and self.alpha == ASSOCIATED:
            return "a palette with multiplied alpha"
        if self.photometric in (CMYK, CIELAB, ICCLAB) and self.alpha == ASSOCIATED:
            return "multiplied alpha without RGB"
        if self.number(32997, 1) > 1 or self.number(32998, 1) > 1:
            return "a picture with depth"
        if 322 in self.values:
            columns, rows = self.number(322), self.number(323)
            # Of a few pixels each, reading them would take far too long.
            small = min(columns, rows) < _LEAST_TILE
            if small or columns * rows > max(self.width * self.height, _TILE_PIXELS):
                return f"tiles of {columns} x {rows} pixels"
        if self.number(317, 1) not in (1, 2):
            return f"predictor {self.number(317)}"
        if self.number(317, 1) == 2 and self.bits < 8:
            return f"a predictor for {self.bits} bits per sample"
        if self.number(266, 1) == 2 and self.compression not in (NONE, *FAX):
            return "reversed bits"
        return None


def read_tags(content: bytes) -> Tags | None:
    """Reads the tags of the first picture; None if they are damaged."""
    import tifffile  # takes a tenth of a second, and most pictures are no TIFFs

    log = logging.getLogger("tifffile")
    if not log.handlers:
        # It logs what is wrong with files, which would be printed where nobody handles it.
        log.addHandler(logging.NullHandler())
    entries, several = _entries(content)
    codes = [code for code, _, _ in entries]
    if any(codes.count(tag) > 1 for tag in _DECIDING):
        return None  # decoders differ in which one counts
    if any(count > _MOST_VALUES for _, kind, count in entries if kind not in _BYTES):
        return None  # of which tifffile would make objects
    try:
        with tifffile.TiffFile(io.BytesIO(content), _useframes=False) as file:
            page = cast("tifffile.TiffPage", file.pages[0])
            values = {tag.code: tag.value for tag in page.tags if tag.code in _READ}
            tags = Tags(values, file.byteorder, several)
            good = tags.width > 0 and tags.height > 0 and 0 < tags.samples < _SPACE
            return tags if good else None
    except Exception:  # it raises nearly anything where tags are damaged
        return None


def codes_of(content: bytes) -> set[int]:
    """The first picture's tags.

    Raises:
        struct.error: They are damaged.
    """
    return {code for code, _, _ in _entries(content)[0]}


def _entries(content: bytes) -> tuple[list[tuple[int, int, int]], bool]:
    """Code, type and number of values of each tag, and whether more pictures follow.

    Raises:
        struct.error: The content ends before.
    """
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    offset, number, entry = ("Q", "Q", "HHQ8x") if big else ("I", "H", "HHI4x")
    (start,) = struct.unpack_from(order + offset, content, 8 if big else 4)
    (entries,) = struct.unpack_from(order + number, content, start)
    place = start + struct.calcsize(order + number)
    if entries > _MOST_TAGS:
        raise struct.error("it has too many tags")
    form = order + entry
    found = [
        struct.unpack_from(form, content, place + i * struct.calcsize(form)) for i in range(entries)
    ]
    end = place + entries * struct.calcsize(form)
    # Some files end there.
    following = content[end : end + struct.calcsize(order + offset)]
    return found, any(following)
