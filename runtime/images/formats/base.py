"""What is known of a file format, what a file's header says, and what its decoder returns.

A file of a few kilobytes can ask for gigabytes when it is decoded; the size in its header says so
first. Headers are read as the decoder will read them, so that they cannot say one thing to the
limit and another to the decoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from runtime.errors import UnreadableError

Samples = NDArray[np.uint8] | NDArray[np.uint16]
ColourSpace = Literal["grey", "rgb", "cmyk", "lab"]


@dataclass(frozen=True)
class FileHeader:
    """What a file's header says.

    Attributes:
        format: Name of the format, one of `runtime.images.formats.FORMATS`.
        width: In pixels, before any rotation that the file asks for.
        height: In pixels, before any rotation that the file asks for.
        several: Whether there is more than one picture in it.
        lossy: Whether it was coded with loss.
        depth: Bits per sample, where the format says so in its header and more than 8 are possible.
        unsupported: Why it is not read, if it is of a kind that is not: an error's text.
    """

    format: str
    width: int
    height: int
    several: bool = False
    lossy: bool = False
    depth: int = 8
    unsupported: str | None = None


@dataclass(frozen=True, eq=False)
class Decoded:
    """What a decoder returns.

    Attributes:
        samples: uint8 or uint16: (height, width) if grey, else (height, width, 3 or 4), as stored.
            RGB; CMYK with 0 for no ink; CIELAB as in ICC profiles, with 128 for no a and no b.
        alpha: (height, width), of the same type, or None. Colours are not multiplied by it.
        space: What the samples are.
        largest: The level of full intensity.
        icc: An ICC profile.
        exif: EXIF.
        orientation: As in EXIF, 1 .. 8, where the file says so elsewhere; None if EXIF says so.
        notes: What the user should know, each a short phrase.
    """

    samples: Samples
    alpha: Samples | None = None
    space: ColourSpace = "rgb"
    largest: int = 255
    icc: bytes | None = None
    exif: bytes | None = None
    orientation: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writer:
    """How a format is written.

    Attributes:
        parameters: Of OpenCV's encoder.
        keeps_profile: Whether an ICC profile can be written.
        keeps_exif: Whether EXIF can be written.
        keeps_alpha: Whether alpha can be written.
        always_exact: Whether the encoder cannot lose samples; others are read back and compared,
            as colours under full transparency get lost in WebP.
        encode: Encodes instead of OpenCV, from uint8 (height, width, 3 or 4), RGB or RGBA, and an
            ICC profile.
    """

    parameters: tuple[int, ...] = ()
    keeps_profile: bool = False
    keeps_exif: bool = False
    keeps_alpha: bool = True
    always_exact: bool = False
    encode: Callable[[NDArray[np.uint8], bytes | None], bytes] | None = None


def damaged(label: str) -> UnreadableError:
    """The error for a file that is cut off or damaged beyond what its decoder can tell."""
    return UnreadableError(f"is a damaged or truncated {label} file")


@dataclass(frozen=True)
class Format:
    """All that is known of a file format.

    Attributes:
        name: Such as `png`.
        extensions: Of its files, with the dot; the first is the one that is written.
        matches: Whether content is of this format, by its first bytes.
        read_header: Reads the header; None if it is damaged.
        decode: Decodes the content; the last argument says whether what is left of a damaged
            picture is wanted. Raises UnreadableError or UnsupportedError.
        writer: How it is written losslessly; None if it is not.
        lossy_writer: How it is written where samples may change; None if it is not.
        strip: Takes metadata out of a file, without a change to its pixels, colours or orientation.
            Returns what is left, or None where this is not possible; and in any case the kinds of
            metadata that the file has, in words, each once. Raises ValueError, struct.error or
            IndexError for a damaged file.
    """

    name: str
    extensions: tuple[str, ...]
    matches: Callable[[bytes], bool]
    read_header: Callable[[bytes], FileHeader | None]
    decode: Callable[[bytes, FileHeader, bool], Decoded]
    writer: Writer | None = None
    lossy_writer: Writer | None = None
    strip: Callable[[bytes], tuple[bytes | None, tuple[str, ...]]] = lambda _: (None, ())

    @property
    def label(self) -> str:
        """Its name for people, such as `PNG`."""
        return "WebP" if self.name == "webp" else self.name.upper()

    @property
    def media_type(self) -> str:
        """Its media type, such as `image/png`."""
        return f"image/{self.name}"

    @property
    def extension(self) -> str:
        """Extension of the files that are written, with the dot."""
        return self.extensions[0]
