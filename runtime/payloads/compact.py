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
from math import floor, log, log2
from typing import Literal

from runtime.engine.network import Network
from runtime.errors import ContainerError, FileError, OutOfMemoryError, TooLargeError
from runtime.images.decode import decode
from runtime.images.image import Picture
from runtime.images.metrics import psnr
from runtime.images.resize import reduce_to, resize_to
from runtime.payloads.avif import encode_stream, file_of
from runtime.payloads.restoring import restored

Effort = Literal["low", "medium", "high"]
"""How long to look for the best compact picture; see `encode`."""

LARGEST_SIDE = (1 << 16) - 1

_HEAD = struct.Struct(">BBHH2s")
_STEPS = 4  # by which the size is halved
_MOST_REDUCED = 31
_AS_IT_IS = 0x80
# Speeds of the encoder: while size and quality are looked for, and after that, by effort, for up to
# so many pixels. 6, 4 and 0 give .8, 1.4 and 1.6 dB more than 8 at as many bytes, and an encoding
# takes 3, 15 and 100 times as long.
_FAST = 8
_SLOWER: dict[Effort, tuple[tuple[int, tuple[int, ...]], ...]] = {
    "low": ((1 << 21, (6,)),),
    "medium": ((1 << 19, (4,)), (1 << 21, (6,))),
    "high": ((1 << 18, (4, 0)), (1 << 19, (4,)), (1 << 20, ()), (1 << 21, (6,))),
}
_MOST_GAINED = 2.0  # by what follows, in decibels
# With high effort, how many sizes less and more reduced are tried before that, for up to so many
# pixels: the fast encoder is wrong about the best one by up to half a decibel.
_REACH, _REACH_SPEED = ((1 << 19, 2), (1 << 20, 1)), 6
_SIZES = 3  # of these, by the next encoder
_QUALITIES = (0, 95)
_MOST_QUALITY = 100
_TRIES = 7
# Of the budget, which is enough: always, and where a little more quality would be too much.
_FULL, _NEARLY_FULL = 0.97, 0.94
# By which quality grows about with the logarithm of bytes; from further off than this, rather more,
# so that what is looked for soon lies between two.
_BY_SIZE, _FAR = 22, 0.2
_QUALITY_STEP = 10  # by which quality grows about where the size is reduced by a step
# Bits per pixel at which about half of a picture's pixels would serve as well.
_FEW_BITS = 0.1
# Decibels by which a smaller one must be better, as slower encoders gain less at it.
_SMALLER = 0.25
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
    secret: Picture,
    budget: int,
    restore: Network | None = None,
    *,
    effort: Effort = "low",
    better_than: float = 0.0,
) -> Compact | None:
    """The best compact picture of at most so many bytes that was found; None if none has so few.

    Args:
        secret: uint8 (height, width, 3), in sRGB.
        budget: Bytes.
        restore: The graph that will restore it, if there is one.
        effort: `medium` takes twice as long as `low` for .2 dB, if it is small; `high` takes ten
            times as long for .2 dB more.
        better_than: PSNR below which one is of no use; None if it cannot have more.
    """
    if max(secret.shape) > LARGEST_SIDE:
        return None
    found = _best_size(secret, budget)
    if found is None or found.psnr + _MOST_GAINED < better_than:
        return None
    best = [_restored(secret, found, restore)]
    pixels = found.coded_size[0] * found.coded_size[1]
    if effort == "high":
        best = _sizes_near(secret, budget, best[0], restore)
    for speed in next((speeds for most, speeds in _SLOWER[effort] if pixels <= most), ()):
        again = (_again(secret, budget, each, speed, restore) for each in best)
        # The slowest is for one only.
        best = [max(again, key=lambda each: each.psnr)]
    return best[0] if best[0].psnr > better_than else None


def _best_size(secret: Picture, budget: int) -> Compact | None:
    """The best that a fast encoder makes, at any size."""
    height, width, _ = secret.shape
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
            better_than = best.psnr + (_SMALLER if step > 0 else 0.0)
            other = _at(secret, budget, reduced, guess=guess, better_than=better_than)
            if other is None or other.psnr <= better_than:
                break
            best, reduced = other, reduced + step
        if best is not found:
            break
    return best


def _sizes_near(
    secret: Picture, budget: int, best: Compact, restore: Network | None
) -> list[Compact]:
    """The best of the sizes near that of another, by a slower encoder; the best one first."""
    pixels = best.coded_size[0] * best.coded_size[1]
    reach = next((reach for most, reach in _REACH if pixels <= most), 0)
    middle = best.content[0] & ~_AS_IT_IS
    if not reach:
        return [best]
    found = []
    for reduced in range(max(middle - reach, 0), min(middle + reach, _MOST_REDUCED) + 1):
        guess = max(best.content[1] + _QUALITY_STEP * (reduced - middle), 0)
        other = _at(secret, budget, reduced, guess, _REACH_SPEED)
        if other is not None:
            found.append(_restored(secret, other, restore))
    return sorted(found, key=lambda each: -each.psnr)[:_SIZES] or [best]


def _again(
    secret: Picture, budget: int, best: Compact, speed: int, restore: Network | None
) -> Compact:
    """The same at the same size by another encoder, if that is better."""
    reduced = best.content[0] & ~_AS_IT_IS
    other = _at(secret, budget, reduced, best.content[1] + 1, speed)
    if other is None:
        return best
    return max(best, _restored(secret, other, restore), key=lambda each: each.psnr)


def _restored(secret: Picture, found: Compact, restore: Network | None) -> Compact:
    """The same restored, if that makes it better."""
    if restore is None:
        return found
    back, _ = decode_compact(found.content, secret.shape[0] * secret.shape[1], restore)
    restored_psnr = psnr(secret, back)
    if restored_psnr >= found.psnr:
        return replace(found, psnr=restored_psnr)
    # Drawings and text are not what restoring was learned from.
    return replace(found, content=bytes([found.content[0] | _AS_IT_IS]) + found.content[1:])


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
        image = decode(file_of(*size, config, content[_HEAD.size :]), max_pixels)
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
    secret: Picture,
    budget: int,
    reduced: int,
    guess: int | None = None,
    speed: int = _FAST,
    better_than: float = 0.0,
) -> Compact | None:
    """The best at a size, by the highest quality whose bytes fit; None if it is of no use."""
    height, width, _ = secret.shape
    small = reduce_to(secret, *_size(height, width, reduced))
    pixels = small.shape[0] * small.shape[1]
    if guess is None:
        # About, of photographs.
        guess = round(33 + _BY_SIZE * log(max(8 * budget / pixels, 0.01) / 0.25))

    def coded(quality: int) -> bytes:
        stream, config = encode_stream(small, quality, speed)
        return _HEAD.pack(reduced, quality, width, height, config) + stream

    def decoded(content: bytes) -> Compact:
        back, size = decode_compact(content, height * width)
        return Compact(content, size, psnr(secret, back))

    def useless(content: bytes) -> bool:
        return better_than > 0.0 and decoded(content).psnr <= better_than

    content = _largest(coded, useless, budget, guess)
    return None if content is None else decoded(content)


def _largest(
    coded: _Coder, useless: Callable[[bytes], bool], budget: int, guess: int
) -> bytes | None:
    """The largest content that fits, by quality: sizes grow about exponentially with it.

    None if none fits, or if one that is too large is useless already.
    """
    low, high = _QUALITIES[0] - 1, _QUALITIES[1] + 1
    sizes: dict[int, float] = {}
    best = None
    for _ in range(_TRIES):
        quality = min(max(guess, low + 1), high - 1)
        content = coded(quality)
        alike = _alike(quality)
        sizes |= dict.fromkeys(alike, log(len(content)))
        if len(content) <= budget:
            low, best = alike[-1], content
            if len(content) >= _FULL * budget:
                break
        elif useless(content):
            return None
        else:
            high = alike[0]
        nearly_full = best is not None and len(best) >= _NEARLY_FULL * budget
        if high - low < (3 if nearly_full else 2):
            break
        if low in sizes and high in sizes:
            share = (log(budget) - sizes[low]) / (sizes[high] - sizes[low])
            guess = low + int(share * (high - low))
        else:
            gap = log(budget) - sizes[quality]
            guess = quality + floor(_BY_SIZE * gap) + (gap > _FAR)
    if best is None and low < _QUALITIES[0] and _QUALITIES[0] not in sizes:
        content = coded(_QUALITIES[0])
        best = content if len(content) <= budget else None
    return best


def _alike(quality: int) -> list[int]:
    """The qualities at which the encoder's step of quantization is the same, from the lowest on."""
    near = range(quality - 1, quality + 2)
    return [other for other in near if _quantizer(other) == _quantizer(quality)]


def _quantizer(quality: int) -> int:
    """As libavif has it of a quality: 0 to 63."""
    return ((_MOST_QUALITY - quality) * 63 + 50) // 100
