"""Small valid picture files of every kind that can be read; always the same bytes."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import PIL.Image
import skimage.data
import tifffile
from PIL import ImageCms

from runtime.crypto.keys import NONCE_BYTES, SALT_BYTES, FileKeys, KeyRing, Keys
from runtime.engine.models import DEFAULT
from runtime.images.decode import decode
from runtime.images.encode import encode
from runtime.images.image import Image, Picture
from runtime.schemes import make_options, open_to_hide

HEIGHT, WIDTH = 48, 64


def corpus() -> dict[str, bytes]:
    """Files by name; the part before the slash is the format and the extension."""
    files: dict[str, bytes] = {}
    for make in (_png, _jpeg, _webp, _tiff, _bmp, _avif, _containers):
        for name, content in make():
            files[name] = content
    return files


def photograph(name: str, height: int = HEIGHT, width: int = WIDTH) -> Picture:
    """The centre of one of scikit-image's photographs, uint8 (height, width, 3)."""
    picture = getattr(skimage.data, name)()
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


def _image(mode: str = "RGB") -> PIL.Image.Image:
    return PIL.Image.fromarray(photograph("coffee")).convert(mode)


def _translucent() -> PIL.Image.Image:
    alpha = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    return PIL.Image.fromarray(np.dstack([photograph("astronaut"), alpha]))


def _deep(channels: int = 3) -> np.ndarray:
    deep = photograph("coffee").astype(np.uint16) * 257
    return deep if channels == 3 else deep[..., 0]


def _saved(image: PIL.Image.Image, format_: str, **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **settings)
    return file.getvalue()


def _opencv(extension: str, samples: np.ndarray, *parameters: int) -> bytes:
    done, content = cv2.imencode(extension, samples, parameters)
    assert done
    return content.tobytes()


def _exif() -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker"
    return exif


def _profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # the creation time
    return bytes(profile)


def _several(format_: str, **settings: object) -> bytes:
    others = [PIL.Image.fromarray(photograph(name)) for name in ("rocket", "chelsea")]
    return _saved(_image(), format_, save_all=True, append_images=others, **settings)


_Files = Iterator[tuple[str, bytes]]


def _png() -> _Files:
    yield "png/rgb", _saved(_image(), "PNG")
    yield "png/grey", _saved(_image("L"), "PNG")
    yield "png/bilevel", _saved(_image("1"), "PNG")
    yield "png/palette", _saved(_image().quantize(40), "PNG")
    yield "png/palette-transparent", _saved(_image().quantize(12), "PNG", transparency=3)
    yield "png/alpha", _saved(_translucent(), "PNG")
    yield "png/grey-alpha", _saved(_translucent().convert("LA"), "PNG")
    yield "png/16", _opencv(".png", _deep())
    yield "png/16-grey", _opencv(".png", _deep(1))
    yield "png/animated", _several("PNG", duration=100)
    yield "png/metadata", _saved(_image(), "PNG", exif=_exif(), icc_profile=_profile())


def _jpeg() -> _Files:
    yield "jpg/baseline", _saved(_image(), "JPEG", quality=90)
    yield "jpg/444", _saved(_image(), "JPEG", quality=90, subsampling=0)
    yield "jpg/progressive", _saved(_image(), "JPEG", quality=90, progressive=True)
    yield "jpg/grey", _saved(_image("L"), "JPEG", quality=90)
    yield "jpg/cmyk", _saved(_image("CMYK"), "JPEG", quality=90)
    yield "jpg/restarts", _saved(_image(), "JPEG", quality=90, restart_marker_rows=1)
    yield "jpg/metadata", _saved(_image(), "JPEG", exif=_exif(), icc_profile=_profile())


def _webp() -> _Files:
    yield "webp/lossy", _saved(_image(), "WEBP", quality=80)
    yield "webp/lossless", _saved(_image(), "WEBP", lossless=True)
    yield "webp/lossy-alpha", _saved(_translucent(), "WEBP", quality=80)
    yield "webp/lossless-alpha", _saved(_translucent(), "WEBP", lossless=True, exact=True)
    yield "webp/animated", _several("WEBP", duration=100)
    yield "webp/metadata", _saved(_image(), "WEBP", exif=_exif(), icc_profile=_profile())


def _tiff() -> _Files:
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield f"tiff/{compression}", _saved(_image(), "TIFF", compression=compression)
    yield "tiff/group4", _saved(_image("1"), "TIFF", compression="group4")
    yield "tiff/palette", _saved(_image().quantize(40), "TIFF")
    yield "tiff/grey", _saved(_image("L"), "TIFF")
    yield "tiff/alpha", _saved(_translucent(), "TIFF")
    yield "tiff/cmyk", _saved(_image("CMYK"), "TIFF")
    yield "tiff/pages", _several("TIFF")
    yield "tiff/16", _opencv(".tiff", _deep())
    yield "tiff/float", _opencv(".tiff", _deep().astype(np.float32))
    settings: dict[str, dict[str, Any]] = {
        "big-endian": {"byteorder": ">"},
        "big-endian-16": {"byteorder": ">"},
        "bigtiff": {"bigtiff": True},
        "tiles": {"tile": (32, 32)},
        "planes": {"planarconfig": "separate"},
    }
    for name, options in settings.items():
        samples = _deep() if name.endswith("16") else photograph("coffee")
        if "planarconfig" in options:
            samples = np.ascontiguousarray(samples.transpose(2, 0, 1))
        file = io.BytesIO()
        tifffile.imwrite(file, samples, photometric="rgb", datetime=None, software="", **options)
        yield f"tiff/{name}", file.getvalue()


def _bmp() -> _Files:
    plain = _saved(_image(), "BMP")
    yield "bmp/24", plain
    yield "bmp/palette", _saved(_image().quantize(40), "BMP")
    yield "bmp/bilevel", _saved(_image("1"), "BMP")
    yield "bmp/grey", _saved(_image("L"), "BMP")
    yield "bmp/32", _opencv(".bmp", np.asarray(_translucent()))
    from_top = bytearray(plain)
    struct.pack_into("<i", from_top, 22, -HEIGHT)
    yield "bmp/from-top", bytes(from_top)
    rows = np.ascontiguousarray(photograph("coffee")[::-1, :, ::-1]).tobytes()
    core = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 24) + rows
    yield "bmp/core", struct.pack("<2sIHHI", b"BM", 14 + len(core), 0, 0, 26) + core
    yield "bmp/rle8", _rle8()


def _rle8() -> bytes:
    palette = b"".join(bytes([level, level, level, 0]) for level in range(256))
    lines = np.asarray(_image("L"))[::-1] & 0xF8
    coded = bytearray()
    for line in lines:
        starts = np.flatnonzero(np.diff(line, prepend=line[0] ^ 1))
        for start, stop in zip(starts, [*starts[1:], WIDTH], strict=True):
            coded += bytes([stop - start, line[start]])
        coded += b"\0\0"
    coded += b"\0\1"
    offset = 54 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 8, 1, len(coded), 0, 0, 256, 0)
    head = struct.pack("<2sIHHI", b"BM", offset + len(coded), 0, 0, offset)
    return head + info + palette + bytes(coded)


def _avif() -> _Files:
    one_thread = {"speed": 8, "max_threads": 1}
    yield "avif/lossy", _saved(_image(), "AVIF", quality=70, **one_thread)
    yield "avif/444", _saved(_image(), "AVIF", quality=90, subsampling="4:4:4", **one_thread)
    yield "avif/alpha", _saved(_translucent(), "AVIF", quality=70, **one_thread)
    yield "avif/animated", _undated(_several("AVIF", quality=50, duration=100, **one_thread))
    yield (
        "avif/metadata",
        _saved(_image(), "AVIF", exif=_exif(), icc_profile=_profile(), **one_thread),
    )
    settings = (cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_SPEED, 8)
    yield "avif/10", _opencv(".avif", _deep() >> 6, *settings)


def _undated(content: bytes) -> bytes:
    """The file without the creation times of the movie that holds an AVIF animation."""
    undated = bytearray(content)
    for name in (b"mvhd", b"tkhd", b"mdhd"):
        offset = content.find(name)
        while offset >= 0:
            undated[offset + 8 : offset + 24] = bytes(16)  # two of 8 bytes, after version and flags
            offset = content.find(name, offset + 4)
    return bytes(undated)


def _containers() -> _Files:
    """Containers in every format that can be written, of every payload, with the same keys."""
    scheme, _ = open_to_hide(DEFAULT, "cpu", 1)
    keys = _FixedKeys(KeyRing(), None)
    cover, secret = Image(photograph("rocket")), Image(photograph("astronaut", 40, 40))
    small = Image(photograph("astronaut", 16, 12))
    own = decode(_saved(PIL.Image.fromarray(secret.pixels), "JPEG", quality=60))
    for bits, name, hidden, kind in (
        (2, "png", secret, "code"),
        (1, "webp", secret, "code"),
        (3, "tiff", small, "pixels"),
        (2, "bmp", own, "file"),
    ):
        options = make_options(scheme.options, scheme.model, {"bits": bits})
        (container,) = scheme.hide([(cover, hidden)], options, keys)
        assert container.payload is not None and container.payload.kind == kind
        content, _ = encode(container.pixels, name)
        yield f"{name}/container", content


class _FixedKeys(Keys):
    """The same keys for every file."""

    def new(self) -> FileKeys:
        return self.of(bytes(NONCE_BYTES), bytes(SALT_BYTES))
