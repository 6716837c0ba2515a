"""Pairs as people have them: sizes, orientations and files that differ; formed from any folder.

Each photograph is a secret once and, in another pair, a cover once. The cases take turns. What a
case asks for is made by cropping around the centre, to a ratio of width to height, and by reducing
with area averages: either the secret or the cover, whichever has too many pixels for the case. A
secret that a case wants as JPEG is saved as JPEG then. Photographs that are JPEG files already are
secrets as they are, byte for byte, and their covers are made to suit them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from itertools import cycle
from math import sqrt
from pathlib import Path

import numpy as np
import PIL.Image

from benchmarks.common.photographs import centre, cropped, fitted, pairs_of, shown
from runtime import read_picture, write_picture
from runtime.batch.files import write_whole
from runtime.images.formats import sniff
from runtime.images.image import Picture

Ratio = tuple[int, int]
"""Width to height."""

Jpeg = tuple[int, str]
"""Quality and chroma subsampling."""


@dataclass(frozen=True)
class Case:
    """What a pair is like.

    Attributes:
        name: For tables.
        secret: Ratio of the secret's width to its height.
        cover: The same for the cover.
        pixels: Pixels of the secret for each of the cover.
        jpeg: How the secret's file is made; None for PNG.
    """

    name: str
    secret: Ratio
    cover: Ratio
    pixels: float
    jpeg: Jpeg | None = None

    @property
    def label(self) -> str:
        """The name, and what file the secret is."""
        return _label(self.name, self.jpeg)


CASES = (
    Case("portrait in landscape", (3, 4), (4, 3), 1),
    Case("landscape in portrait", (3, 2), (2, 3), 1, (92, "4:2:0")),
    Case("half the pixels", (4, 3), (1, 1), 1 / 2),
    Case("square in widescreen", (1, 1), (16, 9), 1, (75, "4:2:0")),
    Case("double the pixels", (4, 3), (3, 2), 2),
    Case("half the pixels", (3, 2), (3, 4), 1 / 2, (95, "4:4:4")),
    Case("six times the pixels", (1, 1), (4, 3), 6),
    Case("double the pixels", (3, 4), (1, 1), 2, (85, "4:2:0")),
    Case("a sixth of the pixels", (3, 2), (4, 3), 1 / 6),
    Case("panorama", (3, 1), (4, 3), 3 / 2, (97, "4:2:0")),
    Case("six times the pixels", (3, 2), (1, 1), 6, (90, "4:2:0")),
    Case("one and a half times the pixels", (16, 9), (3, 2), 3 / 2),
)
"""In turn. JPEG 75 is what messengers make, 80 to 92 what programs do, 92 to 97 what cameras do."""

LARGE = 6_000_000
"""Pixels from which a photograph is called large."""

_MOST_LARGE = 4


@dataclass(frozen=True)
class CasePair:
    """The files of a cover and its secret, and where they come from.

    Attributes:
        case: What the pair is like.
        cover: File of the cover.
        secret: File of the secret.
        cover_name: File name of the photograph that the cover is made of.
        secret_name: The same for the secret.
    """

    case: str
    cover: Path
    secret: Path
    cover_name: str
    secret_name: str


def different_pairs(files: list[Path], work: Path) -> list[CasePair]:
    """Pairs of the committed cases, in turn.

    Args:
        files: Photographs, two or more.
        work: A folder for the files that are made.
    """
    pairs = []
    others = files[1:] + files[:1]
    for number, (secret, cover, case) in enumerate(zip(files, others, cycle(CASES), strict=False)):
        place = work / f"{number:05}"
        label = case.label
        if _is_jpeg(secret):
            label = f"{case.name}, JPEG"
            secret_file, picture = secret, _suited(read_picture(cover), _size(secret), case)
        else:
            of_secret, picture = _pair_of(shown(secret), read_picture(cover), case)
            secret_file = _saved(place / "secret", of_secret, case.jpeg)
        write_picture(place / "cover.png", picture)
        pairs.append(CasePair(label, place / "cover.png", secret_file, cover.name, secret.name))
    return pairs


def same_size_pairs(files: list[Path], work: Path) -> list[CasePair]:
    """Pairs of one size: photographs of one size, else with a cover made to suit the secret."""
    pairs = []
    for number, pair in enumerate(pairs_of(files)):
        size, cover = _size(pair.secret), pair.cover
        if _size(cover) != size:
            cover = work / f"{number:05}.png"
            write_picture(cover, fitted(read_picture(pair.cover), *size))
        pairs.append(CasePair("same size", cover, pair.secret, pair.cover.name, pair.secret.name))
    return pairs


def large_pairs(files: list[Path], work: Path) -> list[CasePair]:
    """The first four photographs of 6 megapixels and more, whole, each in a cover of its size."""
    large = [file for file in files if _pixels(file) >= LARGE][:_MOST_LARGE]
    return [
        replace(pair, case=f"{_pixels(pair.secret) / 1e6:.1f} megapixels")
        for pair in same_size_pairs(large, work)
    ]


def extreme_pairs(files: list[Path], work: Path) -> list[CasePair]:
    """A small secret in 12 megapixels, as PNG and as JPEG; and 12 megapixels in one megapixel.

    Args:
        files: Photographs, two or more. What has 12 megapixels is a mosaic of as many as it takes.
        work: A folder for the files that are made.
    """
    secret, large = shown(files[0]), _mosaic(files[1:])
    small = fitted(secret, 333, 500)
    pairs: list[CasePair] = []
    for case, of_secret, cover, jpeg in (
        ("500 x 333 in 12 megapixels", small, large, None),
        ("500 x 333 in 12 megapixels", small, large, (92, "4:2:0")),
        ("12 megapixels in 1 megapixel", large, fitted(secret, 866, 1155), (92, "4:2:0")),
    ):
        place = work / f"{len(pairs):05}"
        file = _saved(place / "secret", of_secret, jpeg)
        write_picture(place / "cover.png", cover)
        names = ("mosaic" if picture is large else files[0].name for picture in (cover, of_secret))
        pairs.append(CasePair(_label(case, jpeg), place / "cover.png", file, *names))
    return pairs


def _mosaic(files: list[Path]) -> Picture:
    """3000 x 4000 pixels of squares from the centres of photographs, in turn."""
    side, rows, columns = 500, 6, 8
    used = cycle(files[: rows * columns])
    squares = [[centre(shown(next(used)), side) for _ in range(columns)] for _ in range(rows)]
    return np.concatenate([np.concatenate(row, axis=1) for row in squares])


def _pair_of(secret: Picture, cover: Picture, case: Case) -> tuple[Picture, Picture]:
    """Secret and cover of a case, as large as they can be without enlarging either."""
    secret, cover = cropped(secret, *case.secret), cropped(cover, *case.cover)
    of_secret, of_cover = (picture.shape[0] * picture.shape[1] for picture in (secret, cover))
    if of_secret > case.pixels * of_cover:
        return fitted(secret, *_shape(case.secret, case.pixels * of_cover)), cover
    return secret, fitted(cover, *_shape(case.cover, of_secret / case.pixels))


def _suited(cover: Picture, secret: tuple[int, int], case: Case) -> Picture:
    """The cover of a case for a secret of a height and width, which stays as it is."""
    height, width = secret
    ratio = case.cover
    turned = _is_portrait(case.secret) != _is_portrait(case.cover)
    if turned and _is_portrait((width, height)) == _is_portrait(ratio):
        ratio = ratio[::-1]
    return fitted(cover, *_shape(ratio, height * width / case.pixels))


def _is_portrait(ratio: Ratio) -> bool:
    return ratio[0] < ratio[1]


def _shape(ratio: Ratio, pixels: float) -> tuple[int, int]:
    """Height and width of so many pixels; at least 16 each, which covers need."""
    unit = sqrt(pixels / (ratio[0] * ratio[1]))
    return max(16, round(unit * ratio[1])), max(16, round(unit * ratio[0]))


def _label(case: str, jpeg: Jpeg | None) -> str:
    return f"{case}, {f'JPEG {jpeg[0]}' if jpeg else 'PNG'}"


def _saved(path: Path, picture: Picture, jpeg: Jpeg | None) -> Path:
    """Writes a secret's file, whose name gets its extension; returns its path."""
    if jpeg is None:
        path = path.with_suffix(".png")
        write_picture(path, picture)
        return path
    quality, subsampling = jpeg
    file = io.BytesIO()
    image = PIL.Image.fromarray(picture)
    image.save(file, "JPEG", quality=quality, subsampling=subsampling, optimize=True)
    path = path.with_suffix(".jpg")
    write_whole(path, file.getvalue())
    return path


def _is_jpeg(file: Path) -> bool:
    header = sniff(file.read_bytes())
    return header is not None and header.format == "jpeg"


def _size(file: Path) -> tuple[int, int]:
    """Height and width as shown, in pixels."""
    height, width, _ = read_picture(file).shape
    return height, width


def _pixels(file: Path) -> int:
    header = sniff(file.read_bytes())
    return header.width * header.height if header else 0
