"""A secret as a small AVIF picture that fits a number of bytes, without the file's boxes.

Eight bytes come first: how far it was reduced, and in the highest bit whether it is better as it is
than restored; the encoder's quality; its own width and height (two bytes each, the highest first);
and two bytes of the AV1 configuration. What follows is the AV1 stream. The file around it is the
same for all, apart from sizes, so it is made again when revealing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log, log2

import cv2
import numpy as np

from runtime.engine.network import Network
from runtime.errors import ContainerError, FileError, OutOfMemoryError, TooLargeError
from runtime.images.decode import decode
from runtime.images.formats.boxes import read_meta
from runtime.images.image import Picture
from runtime.images.metrics import psnr
from runtime.images.resize import resize_to
from runtime.payloads.restoring import restored

LARGEST_SIDE = (1 << 16) - 1

_HEAD = struct.Struct(">BBHH2s")
_STEPS = 4  # by which the size is halved
_MOST_REDUCED = 31
_AS_IT_IS = 0x80
# At the faster one, a picture has .2 dB less at as many bytes; at the slower one .4 dB more, but an
# encoding takes five times as long.
_SPEED, _FASTER, _SLOWER = 6, 8, 4
_LARGE, _SMALL = 1 << 21, 1 << 19  # pixels
_QUALITIES = (0, 95)
_MOST_QUALITY = 100
_TRIES = 7
# Of the budget, which is enough: always, and where a little more quality would be too much.
_FULL, _NEARLY_FULL = 0.97, 0.94
_QUALITY_STEP = 8  # by which quality grows about where the size is reduced by a step
# Bits per pixel at which about half of a picture's pixels would serve as well.
_FEW_BITS = 0.14
_LEAST_SIDE = 8

_Coder = Callable[[int], bytes]


@dataclass(frozen=True, eq=False)
class Compact:
    """A compact picture.

    Attributes:
        content: Its bytes.
        coded_size: Height and width at which it is coded.
        psnr: Of what comes back, in dB, at the secret's own size.
    """

    content: bytes
    coded_size: tuple[int, int]
    psnr: float


def encode(
    secret: Picture, budget: int, restore: Network | None = None, *, thorough: bool = False
) -> Compact | None:
    """The best compact picture of at most so many bytes that was found; None if none has so few.

    Args:
        secret: uint8 (height, width, 3), in sRGB.
        budget: Bytes.
        restore: The graph that will restore it, if there is one.
        thorough: Whether to take several times as long for a few tenths of a decibel, if it is
            small.
    """
    height, width, _ = secret.shape
    if max(height, width) > LARGEST_SIDE:
        return None
    bits = 8 * max(budget, 1) / (height * width)
    first = max(0, min(_MOST_REDUCED, round(_STEPS * log2(_FEW_BITS / bits) / 2)))
    best = _at(secret, budget, first)
    while best is None and first < _MOST_REDUCED and min(_size(height, width, first)) > _LEAST_SIDE:
        first += 1
        best = _at(secret, budget, first)
    if best is None:
        return None
    # Less reduced, or else more, as long as it is better.
    for step in (-1, 1):
        reduced, found = first + step, best
        while 0 <= reduced <= _MOST_REDUCED:
            guess = best.content[1] + _QUALITY_STEP * step
            other = _at(secret, budget, reduced, guess=guess)
            if other is None or other.psnr <= best.psnr:
                break
            best, reduced = other, reduced + step
        if best is not found:
            break
    coded_pixels = best.coded_size[0] * best.coded_size[1]
    if thorough and coded_pixels <= _SMALL:
        other = _at(secret, budget, best.content[0], _SLOWER, best.content[1])
        best = best if other is None else max(best, other, key=lambda each: each.psnr)
    if restore is None:
        return best
    back, _ = decode_compact(best.content, height * width, restore)
    restored_psnr = psnr(secret, back)
    if restored_psnr >= best.psnr:
        return replace(best, psnr=restored_psnr)
    # Drawings and text are not what restoring was learned from.
    return replace(best, content=bytes([best.content[0] | _AS_IT_IS]) + best.content[1:])


def decode_compact(
    content: bytes, max_pixels: int, restore: Network | None = None
) -> tuple[Picture, tuple[int, int]]:
    """A picture at its own size, and the height and width at which it was coded.

    Args:
        content: Bytes that `encode` made.
        max_pixels: Most pixels that it may have.
        restore: The graph that restores what AVIF left out, if there is one.

    Raises:
        TooLargeError: It has more than `max_pixels` pixels.
        ContainerError: The content is not a compact picture.
        OutOfMemoryError: There is not enough memory for it.
    """
    if len(content) <= _HEAD.size:
        raise ContainerError("the hidden picture is damaged; it is not written")
    first, quality, width, height, config = _HEAD.unpack_from(content)
    reduced = first & ~_AS_IT_IS
    if not height * width or reduced > _MOST_REDUCED or quality > _MOST_QUALITY:
        raise ContainerError("the hidden picture is damaged; it is not written")
    if height * width > max_pixels:
        raise TooLargeError(
            f"the hidden picture has {width} x {height} pixels, more than the {max_pixels:,} "
            "allowed",
            max_pixels=max_pixels,
        )
    size = _size(height, width, reduced)
    try:
        image = decode(_file(*size, config, content[_HEAD.size :]), max_pixels)
    except OutOfMemoryError:
        raise
    except FileError as error:
        raise ContainerError(f"the hidden picture {error.message}; it is not written") from error
    pixels = image.pixels
    if restore is not None and not first & _AS_IT_IS:
        pixels = restored(restore, pixels, quality)
    return resize_to(pixels, height, width), size


def _size(height: int, width: int, reduced: int) -> tuple[int, int]:
    scale = 2.0 ** (-reduced / _STEPS)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _at(
    secret: Picture, budget: int, reduced: int, speed: int | None = None, guess: int | None = None
) -> Compact | None:
    """The best at a size, by the highest quality whose bytes fit."""
    height, width, _ = secret.shape
    small = resize_to(secret, *_size(height, width, reduced))
    swapped = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), np.uint8)

    pixels = small.shape[0] * small.shape[1]
    if speed is None:
        speed = _SPEED if pixels <= _LARGE else _FASTER
    if guess is None:
        # About, of photographs.
        guess = round(30 + 20 * log(max(8 * budget / pixels, 0.01) / 0.25))

    def coded(quality: int) -> bytes:
        stream, config = _stream(swapped, quality, speed)
        return _HEAD.pack(reduced, quality, width, height, config) + stream

    content = _largest(coded, budget, guess)
    if content is None:
        return None
    back, size = decode_compact(content, height * width)
    return Compact(content, size, psnr(secret, back))


def _largest(coded: _Coder, budget: int, guess: int) -> bytes | None:
    """The largest content that fits, by quality: sizes grow about exponentially with it."""
    low, high = _QUALITIES[0] - 1, _QUALITIES[1] + 1
    sizes: dict[int, float] = {}
    best = None
    for _ in range(_TRIES):
        quality = min(max(guess, low + 1), high - 1)
        content = coded(quality)
        sizes[quality] = log(len(content))
        if len(content) <= budget:
            low, best = quality, content
            if len(content) >= _FULL * budget:
                break
        else:
            high = quality
        nearly_full = best is not None and len(best) >= _NEARLY_FULL * budget
        if high - low < (3 if nearly_full else 2):
            break
        if low in sizes and high in sizes:
            share = (log(budget) - sizes[low]) / (sizes[high] - sizes[low])
            guess = low + int(share * (high - low))
        else:
            guess = quality + round(22 * (log(budget) - sizes[quality])) + (1 if low > 0 else -1)
    if best is None and low < _QUALITIES[0] and _QUALITIES[0] not in sizes:
        content = coded(_QUALITIES[0])
        best = content if len(content) <= budget else None
    return best


def _stream(swapped: Picture, quality: int, speed: int) -> tuple[bytes, bytes]:
    """The AV1 stream of a picture, blue first, and two bytes of its configuration."""
    parameters = [cv2.IMWRITE_AVIF_QUALITY, quality, cv2.IMWRITE_AVIF_SPEED, speed]
    try:
        done, file = cv2.imencode(".avif", swapped, parameters)
    except (cv2.error, MemoryError) as error:
        raise OutOfMemoryError("there is not enough memory to encode it") from error
    content = file.tobytes()
    meta = read_meta(content) if done else None
    assert meta is not None
    start, length = next(iter(meta.places[meta.primary]))
    (config,) = meta.of(meta.primary, b"av1C")
    return content[start : start + length], config[1:3]


def _box(kind: bytes, *content: bytes) -> bytes:
    whole = b"".join(content)
    return struct.pack(">I4s", len(whole) + 8, kind) + whole


def _file(height: int, width: int, config: bytes, stream: bytes) -> bytes:
    """An AVIF file around an AV1 stream."""
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
