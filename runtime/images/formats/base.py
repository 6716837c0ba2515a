"""What is known of a file format, and what a file's header says.

A file of a few kilobytes can ask for gigabytes when it is decoded; the size in its header says so
first. Only what is needed to refuse such files and to warn is read: formats, sizes, whether there
is more than one picture, whether samples are kept exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


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
        quarter_turns: Counter-clockwise, where the format itself asks for a rotation.
        straight_alpha: Where a TIFF says that its colours are not multiplied by its alpha: the
            offset in the file of the number that says so.
        decoder_flags: How OpenCV must be asked to decode it.
    """

    format: str
    width: int
    height: int
    several: bool = False
    lossy: bool = False
    depth: int = 8
    quarter_turns: int = 0
    straight_alpha: int | None = None
    decoder_flags: int = cv2.IMREAD_UNCHANGED


@dataclass(frozen=True)
class Writer:
    """How a format is written, losslessly.

    Attributes:
        parameters: Of OpenCV's encoder.
        keeps_metadata: Whether ICC profile and EXIF can be written.
        always_exact: Whether the encoder cannot lose samples; others are read back and compared,
            as colours under full transparency get lost in WebP.
    """

    parameters: tuple[int, ...] = ()
    keeps_metadata: bool = False
    always_exact: bool = False


def _as_it_is(content: bytes, _: FileHeader) -> NDArray[np.uint8]:
    return np.frombuffer(content, np.uint8)


@dataclass(frozen=True)
class Format:
    """All that is known of a file format.

    Attributes:
        name: Such as `png`.
        extensions: Of its files, with the dot; the first is the one that is written.
        matches: Whether content is of this format, by its first bytes.
        read_header: Reads the header; None if it is damaged.
        exif_orientation: Whether orientation in EXIF holds for it.
        scaled_to_16_bits: Whether the decoder scales samples of more than 8 bits to 16.
        decoder_input: Makes what the decoder is given.
        writer: How it is written; None if it is only read.
    """

    name: str
    extensions: tuple[str, ...]
    matches: Callable[[bytes], bool]
    read_header: Callable[[bytes], FileHeader | None]
    exif_orientation: bool = False
    scaled_to_16_bits: bool = True
    decoder_input: Callable[[bytes, FileHeader], NDArray[np.uint8]] = _as_it_is
    writer: Writer | None = None

    @property
    def label(self) -> str:
        """Its name for people, such as `PNG`."""
        return "WebP" if self.name == "webp" else self.name.upper()

    @property
    def extension(self) -> str:
        """Extension of the files that are written, with the dot."""
        return self.extensions[0]
