"""AVIF files, without the boxes around the AV1 stream and with them (ISO/IEC 23008-12)."""

from __future__ import annotations

import io
import struct

from runtime.errors import OutOfMemoryError, SetupError
from runtime.images.formats.boxes import read_meta
from runtime.images.image import Picture


def encode_stream(picture: Picture, quality: int, speed: int) -> tuple[bytes, bytes]:
    """The AV1 stream of a picture, and two bytes of its configuration.

    Tuned for PSNR and without subsampled colour, which gives about a decibel over libaom's default
    at .1 to .5 bits per pixel, and takes about as long.

    Args:
        picture: uint8 (height, width, 3), in sRGB.
        quality: 0 .. 100.
        speed: 0 .. 10; faster ones need more bytes.

    Raises:
        OutOfMemoryError: There is not enough memory to encode it.
        SetupError: Pillow was built without AVIF.
    """
    from PIL import Image, features  # seldom needed

    if not features.check("avif"):
        raise SetupError(
            "Pillow was built without AVIF, which is needed here; its wheels have it: "
            "pip install --force-reinstall --only-binary :all: pillow"
        )
    file = io.BytesIO()
    try:
        Image.fromarray(picture).save(
            file,
            "AVIF",
            quality=quality,
            speed=speed,
            codec="aom",
            subsampling="4:4:4",
            advanced={"tune": "psnr"},
        )
    except (MemoryError, RuntimeError) as error:
        raise OutOfMemoryError("there is not enough memory to encode it") from error
    content = file.getvalue()
    meta = read_meta(content)
    assert meta is not None, "it was just written"
    start, length = next(iter(meta.places[meta.primary]))
    (config,) = meta.of(meta.primary, b"av1C")
    return content[start : start + length], config[1:3]


def _box(kind: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I4s", len(whole) + 8, kind) + whole


def file_of(height: int, width: int, config: bytes, stream: bytes) -> bytes:
    """An AVIF file around an AV1 stream.

    Args:
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
        config: Second and third byte of the AV1 configuration.
        stream: Of a still picture in sRGB, with the matrix of BT.601 and full range.
    """
    start = _box(b"ftyp", b"avif", bytes(4), b"avif", b"mif1", b"miaf")

    def meta(offset: int) -> bytes:
        properties = (
            _box(b"ispe", bytes(4), struct.pack(">II", width, height)),
            _box(b"pixi", bytes(4), b"\3\x08\x08\x08"),
            _box(b"av1C", b"\x81", config, b"\0"),
            _box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80)),
        )
        place = struct.pack(">HHHHII", 1, 1, 0, 1, offset, len(stream))
        return _box(
            b"meta",
            bytes(4),
            _box(b"hdlr", bytes(8), b"pict", bytes(13)),
            _box(b"pitm", bytes(4), b"\0\1"),
            _box(b"iloc", bytes(4), b"\x44\0", place),
            _box(b"iinf", bytes(4), b"\0\1", _box(b"infe", b"\2\0\0\0\0\1\0\0av01", b"\0")),
            _box(
                b"iprp",
                _box(b"ipco", *properties),
                _box(b"ipma", bytes(4), b"\0\0\0\1\0\1\4\1\2\x83\4"),
            ),
        )

    offset = len(start) + len(meta(0)) + 8
    return start + meta(offset) + _box(b"mdat", stream)
