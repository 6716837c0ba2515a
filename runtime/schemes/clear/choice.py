"""Which payload: the best of those that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

from runtime.carriers.density import Density, capacity
from runtime.engine.network import Network
from runtime.errors import PictureError
from runtime.images.grid import SMALLEST, tiles_of
from runtime.images.image import Image
from runtime.payloads import code, compact
from runtime.payloads.choice import Chosen, exact_payload
from runtime.payloads.file import LARGEST, pixels_file, repacked_file
from runtime.schemes.clear.tile import free_pixels

SAMPLES = 3  # per pixel

# Where a code has more than so many dB, a compact picture is worse, at more than so many bits per
# sample of the secret; one of a very large secret takes too long and too much memory.
_GOOD, _FEW_BITS, _LARGE = 45.0, 0.45, 1 << 24


def room(size: tuple[int, int], bits: int) -> int:
    """Bytes that a cover of a height and width holds at so many bits per sample.

    Raises:
        PictureError: It is too small to hold anything.
    """
    height, width = size
    if min(size) < SMALLEST:
        raise PictureError(
            f"cover must be at least {SMALLEST} pixels per side, got {width} x {height}"
        )
    density = Density(SAMPLES * bits)
    total = sum(capacity(free_pixels(tile), density) for tile in tiles_of(height, width))
    return min(total, LARGEST)


def choose(
    hide: Network,
    estimate: Network,
    secrets: Sequence[Image],
    budgets: Sequence[int],
    exact: str,
) -> list[Chosen]:
    """The best payload of each secret of at most so many bytes.

    Args:
        hide: Codes tiles.
        estimate: Estimates what coding takes.
        secrets: What is hidden.
        budgets: Bytes that each cover holds.
        exact: `auto`, `always` or `never`.

    Raises:
        PictureError: Nothing fits, or nothing exact if that was asked for.
    """
    chosen = [_exact(*pair, exact) for pair in zip(secrets, budgets, strict=True)]
    left = [number for number, payload in enumerate(chosen) if payload is None]
    encoded = code.encode_all(
        hide, estimate, [secrets[n].pixels for n in left], [budgets[n] for n in left]
    )
    coded = {
        number: _compact(secrets[number], budgets[number], one.psnr)
        or Chosen("code", one.content, _reduced(secrets[number], one.coded_size), one.psnr)
        for number, one in zip(left, encoded, strict=True)
    }
    return [payload or coded[number] for number, payload in enumerate(chosen)]


def _compact(secret: Image, budget: int, code_psnr: float) -> Chosen | None:
    """A compact picture, where it is better than the code."""
    pixels = secret.size[0] * secret.size[1]
    many_bits = 8 * budget >= _FEW_BITS * SAMPLES * pixels
    if (many_bits and code_psnr > _GOOD) or pixels > _LARGE:
        return None
    small = compact.encode(secret.pixels, budget, effort="medium", better_than=code_psnr)
    if small is None:
        return None
    return Chosen("compact", small.content, _reduced(secret, small.coded_size), small.psnr)


def _exact(secret: Image, budget: int, exact: str) -> Chosen | None:
    """An exact payload, where it fits and is wanted."""
    if exact == "never":
        return None
    chosen = exact_payload(secret, budget, repacking=True)
    if chosen is None and exact == "always":
        raise PictureError(_what_is_needed(secret, budget))
    return chosen


def _reduced(secret: Image, coded_size: tuple[int, int]) -> tuple[int, int] | None:
    return None if coded_size == secret.size else coded_size


def forecast(estimate: Network, secret: Image, budget: int, exact: str) -> tuple[Chosen, int]:
    """What `choose` would choose, without the code, and about how many bytes that would have.

    The arguments and errors are those of `choose`; the content is empty.
    """
    chosen = _exact(secret, budget, exact)
    if chosen is None:
        expected = code.estimate_psnr(estimate, secret.pixels, budget)
        chosen = _compact(secret, budget, expected.psnr)
    if chosen is not None:
        return replace(chosen, content=b""), len(chosen.content)
    reduced = _reduced(secret, expected.coded_size)
    return Chosen("code", b"", reduced, expected.psnr), expected.size


def _what_is_needed(secret: Image, budget: int) -> str:
    fewest = _fewest_bytes(secret)
    larger = sqrt(fewest / budget)
    return (
        f"the secret does not fit exactly: it takes {fewest:,} bytes, and the cover holds "
        f"{budget:,} at these options; more bits per sample, or a cover with {larger:.2f} times "
        "the pixels per side, would hold it"
    )


def _fewest_bytes(secret: Image) -> int:
    """Bytes of the smallest exact payload."""
    sizes = []
    if secret.content is not None:
        sizes.append(len(repacked_file(secret.content, LARGEST) or secret.content))
    content = pixels_file(secret, LARGEST)
    if content is not None:
        sizes.append(len(content))
    return min(sizes, default=3 * secret.size[0] * secret.size[1])
