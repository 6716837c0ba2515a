"""TIFF, also BigTIFF."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.errors import UnreadableError, UnsupportedError
from runtime.images.formats import tiff_tags as tags_of
from runtime.images.formats.base import (
    ColourSpace,
    Decoded,
    FileHeader,
    Format,
    Samples,
    Writer,
    damaged,
)
from runtime.images.formats.tiff_segments import SegmentError, unpacked
from runtime.images.formats.tiff_tags import Tags, codes_of, read_tags

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PIXELS = 1 << 20
_MOST_SEGMENTS = 1 << 16
_CAMERA = {34665, 270, 271, 272, 305, 306, 315, 33432}
"""Tags for what is called EXIF elsewhere: description, camera, time, author, copyright."""
_LOCATION, _XMP, _IPTC = 34853, 700, 33723
_SPACES: dict[int, ColourSpace] = {
    tags_of.WHITE_IS_ZERO: "grey",
    tags_of.BLACK_IS_ZERO: "grey",
    tags_of.CMYK: "cmyk",
    tags_of.CIELAB: "lab",
    tags_of.ICCLAB: "lab",
}


def _read_header(content: bytes) -> FileHeader | None:
    tags = read_tags(content)
    if tags is None:
        return None
    unsupported = tags.unsupported
    return FileHeader(
        "tiff",
        tags.width,
        tags.height,
        tags.several,
        lossy=tags.compression in (6, tags_of.JPEG),
        depth=max(tags.bits, 8),
        unsupported=f"this kind of TIFF is not supported ({unsupported})" if unsupported else None,
    )


def _decode(content: bytes, _: FileHeader, accept_damaged: bool) -> Decoded:
    tags = read_tags(content)
    assert tags is not None
    stored, lost, segments = _samples(content, tags, accept_damaged)
    notes = []
    if lost:
        note = f"it is damaged inside ({lost} of its {segments} strips or tiles are lost)"
        notes.append(f"{note}; what could be decoded is used")
    colours: NDArray[Any] = stored[..., : tags.colours]
    rest = stored[..., tags.colours :]
    largest = (1 << tags.bits) - 1
    space = _SPACES.get(tags.photometric, "rgb")
    alpha: NDArray[Any] | None = None
    if rest.shape[2]:
        if tags.alpha is None:
            notes.append("its samples beyond colours are of unknown meaning and were left out")
        else:
            alpha = np.ascontiguousarray(rest[..., 0])
    if tags.photometric == tags_of.PALETTE:
        colours = _looked_up(colours[..., 0], tags)
        if alpha is not None and tags.bits < 8:
            alpha = None
        largest = 255
    elif tags.bits < 8:
        # To 8 bits exactly: 255 is a multiple of 1, 3 and 15.
        colours, largest = colours * np.uint8(255 // largest), 255
    if tags.photometric == tags_of.WHITE_IS_ZERO:
        colours = largest - colours
    if tags.photometric == tags_of.CIELAB:
        colours = colours ^ np.array([0, 128, 128], np.uint8)
    if alpha is not None and tags.alpha == tags_of.ASSOCIATED:
        colours = _divided(colours, alpha, largest)
    if space == "grey":
        colours = colours[..., 0]
    icc = tags.values.get(34675)
    return Decoded(
        samples=np.ascontiguousarray(colours),
        alpha=alpha,
        space=space,
        largest=largest,
        icc=bytes(icc) if icc else None,
        orientation=tags.number(274, 1),
        notes=tuple(notes),
    )


def _samples(content: bytes, tags: Tags, accept_damaged: bool) -> tuple[Samples, int, int]:
    """All samples, (height, width, samples); and how many strips or tiles are lost, and are."""
    height, width = tags.height, tags.width
    tiled = 322 in tags.values
    offsets = tags.numbers(324 if tiled else 273)
    counts = tags.numbers(325 if tiled else 279)
    if tiled:
        rows, columns = tags.number(323), tags.number(322)
    else:
        rows, columns = min(tags.number(278, height) or height, height), width
    down, across = math.ceil(height / rows), math.ceil(width / columns)
    planes = tags.samples if tags.planar else 1
    number = down * across * planes
    each = 1 if tags.planar else tags.samples
    row_bytes = (columns * each * tags.bits + 7) // 8
    plain = tags.compression == tags_of.NONE
    if len(offsets) < number or not (plain or len(counts) >= number):
        raise damaged("TIFF")
    if not plain and number > _MOST_SEGMENTS:
        raise UnsupportedError(f"this kind of TIFF is not supported ({number} strips or tiles)")
    # Strips that overlap could make the work far larger than the file.
    if not plain and sum(counts[:number]) > 2 * len(content):
        raise damaged("TIFF")
    dtype = np.uint16 if tags.bits == 16 else np.uint8
    samples = np.zeros((height, width, tags.samples), dtype)
    lost = 0
    for index in range(number):
        plane, place = divmod(index, down * across)
        top, left = place // across * rows, place % across * columns
        here = rows if tiled else min(rows, height - top)
        # Old files leave these lengths out, and others have wrong ones; they follow from the rest.
        start, count = offsets[index], row_bytes * here if plain else counts[index]
        try:
            if start + count > len(content) or start < 8:
                raise SegmentError
            segment = content[start : start + count]
            part = _unfolded(unpacked(segment, tags, here, row_bytes, columns), tags, columns, each)
        except SegmentError:
            if not accept_damaged:
                if start + count > len(content):
                    raise damaged("TIFF") from None
                raise UnreadableError("is damaged inside", inside=True) from None
            lost += 1
            continue
        into = samples[top : top + here, left : left + columns]
        into = into[..., plane : plane + 1] if tags.planar else into
        into[...] = part[: into.shape[0], : into.shape[1]]
    if lost == number:
        raise damaged("TIFF")
    return samples, lost, number


def _unfolded(data: bytes, tags: Tags, width: int, each: int) -> Samples:
    """Samples of a strip or tile, (rows, width, each), from its bytes."""
    row_bytes = (width * each * tags.bits + 7) // 8
    raw = np.frombuffer(data, np.uint8).reshape(-1, row_bytes)
    rows = len(raw)
    if tags.bits < 8:
        shifts = np.arange(8 - tags.bits, -1, -tags.bits, dtype=np.uint8)
        raw = (raw[..., None] >> shifts) & np.uint8((1 << tags.bits) - 1)
        return raw.reshape(rows, -1)[:, : width * each].reshape(rows, width, each)
    samples: NDArray[Any] = raw
    if tags.bits == 16:
        samples = raw.view(tags.order + "u2").astype(np.uint16)
    samples = samples.reshape(rows, width, each)
    if tags.number(317, 1) == 2 and tags.compression != tags_of.JPEG:
        samples = np.cumsum(samples, axis=1, dtype=samples.dtype)
    return samples


def _looked_up(indices: Samples, tags: Tags) -> NDArray[np.uint8]:
    palette = np.array(tags.numbers(320), np.uint32)
    if palette.size != 3 << tags.bits:
        raise damaged("TIFF")
    # Of 16 bits; where all are small, a program took them for 8.
    levels = palette if palette.max() < 256 else (palette + 128) // 257
    return np.asarray(levels.astype(np.uint8).reshape(3, -1).T[indices])


def _divided(colours: Samples, alpha: Samples, largest: int) -> Samples:
    """Colours that were multiplied by alpha, as they were before; black where that is 0."""
    result = np.empty_like(colours)
    step = max(_PIXELS // colours.shape[1], 1)
    for top in range(0, len(colours), step):
        rows = slice(top, top + step)
        weights = np.maximum(alpha[rows, :, None].astype(np.uint64), 1)
        levels = (colours[rows].astype(np.uint64) * largest + weights // 2) // weights
        result[rows] = np.where(alpha[rows, :, None] == 0, 0, np.minimum(levels, largest))
    return result


def _encode(picture: NDArray[np.uint8], icc: bytes | None) -> bytes:
    from PIL import Image  # only for this format

    tags = Image.Exif()
    tags[317] = 2  # differences of neighbours, which compress better
    more = {"icc_profile": icc} if icc else {}
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "TIFF", compression="tiff_lzw", tiffinfo=tags, **more)
    return file.getvalue()


def _name_metadata(content: bytes) -> tuple[None, tuple[str, ...]]:
    codes = codes_of(content)
    names = ["EXIF with a location"] if _LOCATION in codes else []
    if not names and codes & _CAMERA:
        names.append("EXIF")
    names += [name for code, name in ((_XMP, "XMP"), (_IPTC, "IPTC")) if code in codes]
    return None, tuple(names)


TIFF = Format(
    name="tiff",
    extensions=(".tiff", ".tif"),
    matches=lambda content: content[:4] in _MAGIC,
    read_header=_read_header,
    decode=_decode,
    writer=Writer(keeps_profile=True, encode=_encode),
    strip=_name_metadata,
)
