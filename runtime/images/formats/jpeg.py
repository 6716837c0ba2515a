"""JPEG."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

import cv2
import numpy as np
import simplejpeg

from runtime.errors import FileError, OutOfMemoryError, UnreadableError, UnsupportedError
from runtime.images import exif as exif_data
from runtime.images.formats.base import Decoded, FileHeader, Format, Writer, damaged

_MOST_SCANS = 64
"""Scans that are read. Encoders write about 10; each costs the time of a whole picture, in a few
bytes where nothing changes."""

_SCAN, _END, _TABLES, _ADOBE = 0xDA, 0xD9, (0xC4, 0xCC, 0xDB, 0xDD), 0xEE
_JFIF, _EXIF, _ICC, _PHOTOSHOP, _COMMENT = 0xE0, 0xE1, 0xE2, 0xED, 0xFE
_PICTURE = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD} - {0xC8}
"""Markers of frames and tables, of all kinds of JPEG."""
_FRAMES = (0xC0, 0xC1, 0xC2)
_UNSUPPORTED = {
    **dict.fromkeys((195, 199, 203, 207), "lossless JPEG"),
    **dict.fromkeys((197, 198, 205, 206), "hierarchical JPEG"),
    **dict.fromkeys((201, 202), "arithmetic-coded JPEG"),
}
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_EXIF_START = b"Exif\0\0"
_SPACES = {"Gray": "GRAY", "CMYK": "CMYK", "YCCK": "CMYK"}


def segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment, the marker's bytes included, up to the picture's end.

    Bytes that belong to no segment are left out, as decoders do.
    """
    place = 2
    while found := _NEXT_MARKER.search(content, place):
        marker, start = content[found.end() - 1], found.end() - 2
        if marker == _END:
            return
        if marker in (0x01, 0xD8):  # without a length
            place = found.end()
            continue
        (size,) = struct.unpack_from(">H", content, start + 2)
        place = start + 2 + size
        yield marker, start, place


def _read_header(content: bytes) -> FileHeader | None:
    for marker, start, _ in segments(content):
        if marker in _FRAMES or marker in _UNSUPPORTED:
            depth, height, width = struct.unpack_from(">BHH", content, start + 4)
            kind = _UNSUPPORTED.get(marker) or (f"{depth}-bit JPEG" if depth != 8 else None)
            unsupported = f"{kind} is not supported" if kind else None
            return FileHeader("jpeg", width, height, lossy=True, unsupported=unsupported)
    return None


def _decode(content: bytes, header: FileHeader, accept_damaged: bool) -> Decoded:
    head, exif, profile = [content[:2]], None, {}
    picture = None
    for marker, start, end in segments(content):
        if marker == _SCAN:
            picture = start
            break
        data = content[start + 4 : end]
        if marker in _TABLES or marker in _FRAMES or marker in (0xE0, _ADOBE):
            head.append(content[start:end])
        if marker == 0xE1 and data.startswith(_EXIF_START):
            exif = exif or data[6:]
        if marker == 0xE2 and data.startswith(b"ICC_PROFILE\0") and len(data) > 14:
            profile[data[12]] = data[14:]
    if picture is None:
        raise damaged("JPEG")
    # Without what was between the tables: bytes there are no damage to the picture.
    whole = b"".join([*head, content[picture:]])
    decoded = decode_stream(whole, (header.height, header.width), accept_damaged)
    icc = b"".join(profile[part] for part in sorted(profile)) or None
    if decoded.space == "cmyk":
        # All programs write it inverted, whether or not Adobe's segment says so.
        inverted = 255 - decoded.samples
        return Decoded(inverted, None, "cmyk", icc=icc, exif=exif, notes=decoded.notes)
    return Decoded(decoded.samples, None, decoded.space, icc=icc, exif=exif, notes=decoded.notes)


def decode_stream(content: bytes, size: tuple[int, int], accept_damaged: bool) -> Decoded:
    """Decodes a JPEG stream; samples of CMYK come as they are stored.

    Args:
        content: The stream.
        size: Height and width that it must have.
        accept_damaged: Whether what is left of a damaged picture is returned, with a note.

    Raises:
        UnreadableError: It is damaged.
        UnsupportedError: It is of a kind that is not supported.
        OutOfMemoryError: There is not enough memory for it.
    """
    notes: tuple[str, ...] = ()
    # At most so many: the bytes of a scan's marker may also be within another segment.
    scans = content.count(bytes((0xFF, _SCAN)))
    if scans > _MOST_SCANS:
        scans = sum(marker == _SCAN for marker, _, _ in segments(content))
    if scans > _MOST_SCANS:
        raise UnsupportedError(f"has {scans} scans, more than the {_MOST_SCANS} that are read")
    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(content, strict=False)
        if (height, width) != size:
            raise damaged("JPEG")
        target = _SPACES.get(space, "RGB")
        try:
            samples = simplejpeg.decode_jpeg(content, target)
        except ValueError as error:
            if "nsupported" in str(error):
                raise UnsupportedError(f"this kind of JPEG is not supported ({error})") from error
            if not accept_damaged:
                raise UnreadableError(f"is damaged inside ({error})", inside=True) from error
            samples = simplejpeg.decode_jpeg(content, target, strict=False)
            note = f"it is damaged inside ({error}); what could be decoded is used"
            notes = (note,)
    except FileError:
        raise
    except KeyError:
        return _by_pillow(content, size)
    except ValueError as error:
        if "subsampling" in str(error):
            return _by_pillow(content, size)
        raise damaged("JPEG") from error
    except MemoryError as error:
        raise OutOfMemoryError("there is not enough memory to decode it") from error
    if target == "GRAY":
        return Decoded(samples[..., 0], space="grey", notes=notes)
    return Decoded(samples, space="cmyk" if target == "CMYK" else "rgb", notes=notes)


def _by_pillow(content: bytes, size: tuple[int, int]) -> Decoded:
    """Decodes a stream whose samples are reduced in a way that simplejpeg does not know.

    Pillow does not say what is damaged inside.
    """
    from PIL import JpegImagePlugin  # seldom needed

    try:
        image = JpegImagePlugin.JpegImageFile(io.BytesIO(content))
        if image.size != size[::-1] or image.mode not in ("L", "RGB"):
            raise damaged("JPEG")
        samples = np.array(image)
    except FileError:
        raise
    except (OSError, SyntaxError, ValueError) as error:
        raise damaged("JPEG") from error
    return Decoded(samples, space="grey" if samples.ndim == 2 else "rgb")


def _strip(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    kept, names = [content[:2]], []
    scanned, turned, place = False, False, 2
    for marker, start, end in segments(content):
        data, place = content[start + 4 : end], end
        if marker == _SCAN:
            # With what is coded, which ends before the next marker.
            following = _NEXT_MARKER.search(content, end)
            place = following.start() if following else len(content)
            kept.append(content[start:place])
            scanned = True
        elif marker in _PICTURE:
            kept.append(content[start:end])
        elif scanned:
            names.append(_name(marker, data))
        elif marker == _JFIF and data.startswith(b"JFIF\0"):
            kept.append(content[start:end] if len(data) <= 14 else _without_thumbnail(data))
            names += ["a thumbnail"] if len(data) > 14 else []
        elif _is_of_colours(marker, data):
            kept.append(content[start:end])
        else:
            names.append(_name(marker, data))
            if marker == _EXIF and data.startswith(_EXIF_START) and data[6:] and not turned:
                turned = True
                kept.append(_orientation_segment(data[6:]))
    kept.append(b"\xff\xd9")
    ends = content.find(b"\xff\xd9", place)
    if ends >= 0 and content[ends + 2 :].strip(b"\0"):
        names.append("data after the picture")
    return b"".join(kept), tuple(dict.fromkeys(filter(None, names)))


def _is_of_colours(marker: int, data: bytes) -> bool:
    if marker == _ICC:
        return data.startswith(b"ICC_PROFILE\0")
    return marker == _ADOBE and data.startswith(b"Adobe")


def _without_thumbnail(jfif: bytes) -> bytes:
    return b"\xff\xe0\0\x10" + jfif[:12] + b"\0\0"


def _orientation_segment(exif: bytes) -> bytes:
    """A segment for the orientation alone; nothing where that is upright."""
    orientation = exif_data.orientation(exif)
    data = _EXIF_START + exif_data.only_orientation(orientation)
    return b"" if orientation == 1 else struct.pack(">BBH", 0xFF, _EXIF, len(data) + 2) + data


def _name(marker: int, data: bytes) -> str:
    """What a segment that is not of the picture is, in words; empty where it says nothing."""
    if marker == _COMMENT:
        return "comments"
    if marker == _EXIF and data.startswith(_EXIF_START):
        return exif_data.described(data)
    if marker == _EXIF and b"ns.adobe.com/x" in data[:40]:
        return exif_data.described_xmp(data)
    if marker == _PHOTOSHOP and b"8BIM\x04\x04" in data:
        return "IPTC"
    return "other data"


JPEG = Format(
    name="jpeg",
    extensions=(".jpg", ".jpeg"),
    matches=lambda content: content[:3] == b"\xff\xd8\xff",
    read_header=_read_header,
    decode=_decode,
    lossy_writer=Writer(
        (
            *(cv2.IMWRITE_JPEG_QUALITY, 95),
            *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420),
        ),
        keeps_profile=True,
        keeps_exif=True,
        keeps_alpha=False,
    ),
    strip=_strip,
)
