"""Reads every file of a folder, and compares with what Pillow and tifffile read.

Pictures are compared as they are displayed: upright, in sRGB, over white; and their alpha by
itself. A file that all others read differently is listed, as are those that they read differently
among themselves, and those that only others read.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from runtime.errors import FileError
from runtime.images.colour import as_shown
from runtime.images.decode import load
from runtime.images.image import Image

SUMMARY = "read a folder's files, and compare with how others read them"
FLOOR = 40.0
"""PSNR in dB below which two readings are different pictures: decoders may differ in rounding."""

_MOST = 60_000_000
Shown = NDArray[np.uint8]
"""(height, width, 4), RGBA, upright, in sRGB."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of files, at any depth")
    parser.add_argument(
        "--floor", type=float, default=FLOOR, metavar="DB", help="PSNR of equal readings"
    )


def run(options: argparse.Namespace) -> tuple[dict[str, Any], bool]:
    """Reads all files; passes if none is read differently."""
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    Pillow.init()
    folder: Path = options.folder
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    read: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for path in files:
        name = path.relative_to(folder).as_posix()
        others = _others(path)
        try:
            image = load(path, _MOST)
        except FileError as error:
            by = sorted(others)
            refused.append(
                {"file": name, "code": error.code, "message": error.message, "read_by": by}
            )
            continue
        mine = _shown(image)
        readings = {other: _compared(mine, theirs) for other, theirs in others.items()}
        notes = list(image.notes)
        read.append({"file": name, "format": _format(image), "notes": notes, "psnr": readings})
    different: list[dict[str, Any]] = []
    disputed: list[dict[str, Any]] = []
    for entry in read:
        differs = [_differs(reading, options.floor) for reading in entry["psnr"].values()]
        if any(differs):
            (different if all(differs) else disputed).append(entry)
    elsewhere = [entry for entry in refused if entry["read_by"]]
    report = {
        "files": len(files),
        "read": dict(Counter(entry["format"] for entry in read)),
        "compared": sum(bool(entry["psnr"]) for entry in read),
        "refused": dict(Counter(entry["code"] for entry in refused)),
        "read_differently": different,
        "read_differently_by_others": disputed,
        "refused_but_read_elsewhere": elsewhere,
    }
    return report, not different


def _format(image: Image) -> str:
    assert image.header is not None
    return image.header.format


def _shown(image: Image) -> Shown:
    image = as_shown(image)
    alpha = np.full(image.size, 255, np.uint8) if image.alpha is None else image.alpha
    return np.dstack([image.pixels, alpha])


def _differs(reading: dict[str, Any], floor: float) -> bool:
    return any(value is not None and value < floor for value in reading.values())


def _compared(mine: Shown, theirs: Shown) -> dict[str, float | None]:
    """PSNR of colours over white and of alpha; None for equal ones, 0 for another size."""
    if mine.shape != theirs.shape:
        return {"colours": 0.0, "alpha": 0.0}
    return {
        "colours": _psnr(_over_white(mine), _over_white(theirs)),
        "alpha": _psnr(mine[..., 3], theirs[..., 3]),
    }


def _over_white(shown: Shown) -> NDArray[np.float32]:
    weight = shown[..., 3:].astype(np.float32) / 255
    return np.asarray(shown[..., :3] * weight + 255 * (1 - weight), np.float32)


def _psnr(one: NDArray[Any], other: NDArray[Any]) -> float | None:
    error = float(np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2))
    return None if error == 0 else round(10 * np.log10(255**2 / error), 2)


def _others(path: Path) -> dict[str, Shown]:
    """What others read of a file, where they can."""
    found = {}
    readers: dict[str, Callable[[Path], Shown | None]] = {
        "pillow": _by_pillow,
        "tifffile": _by_tifffile,
    }
    for name, reader in readers.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                shown = reader(path)
        except Exception:  # they raise anything
            continue
        if shown is not None:
            found[name] = shown
    return found


def _by_pillow(path: Path) -> Shown | None:
    with Pillow.open(path, formats=("PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF")) as file:
        if file.width * file.height > _MOST:
            return None
        file.load()
        if "gamma" in file.info and "srgb" not in file.info and "icc_profile" not in file.info:
            return None  # which Pillow leaves out
        for key in ("xmp", "XML:com.adobe.xmp", "Raw profile type exif"):
            file.info.pop(key, None)  # from which it would take an orientation
        icc = file.info.get("icc_profile")
        image: Pillow.Image = ImageOps.exif_transpose(file) or file
    if image.mode.startswith("I"):
        if "transparency" in image.info:
            return None  # of which it makes nothing
        levels = np.asarray(image).astype(np.int64)
        image = Pillow.fromarray(((levels * 255 + 32_767) // 65_535).clip(0, 255).astype(np.uint8))
    alpha = image.convert("RGBA").getchannel("A") if "A" in image.getbands() else None
    alpha = image.convert("RGBA").getchannel("A") if image.mode in ("P", "RGBa", "La") else alpha
    if "transparency" in image.info:
        alpha = image.convert("RGBA").getchannel("A")
    straight = image
    if image.mode in ("RGBa", "La", "P", "PA"):
        straight = image.convert("RGBA")
    if straight.mode in ("RGBA", "LA", "1", "RGBX"):
        straight = straight.convert("L" if straight.mode in ("LA", "1") else "RGB")
    colours = straight.convert("RGB") if straight.mode != "LAB" else _in_srgb(straight, None)
    if icc:
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            colours = _in_srgb(straight, icc)
    opaque = Pillow.new("L", image.size, 255)
    return np.dstack([np.asarray(colours), np.asarray(alpha or opaque)])


def _in_srgb(image: Pillow.Image, icc: bytes | None) -> Pillow.Image:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc else ImageCms.createProfile("LAB")
    shown = ImageCms.profileToProfile(
        image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    return cast(Pillow.Image, shown)


def _by_tifffile(path: Path) -> Shown | None:
    """Grey and RGB of 8 and 16 bits, without a profile or a rotation."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = cast(tifffile.TiffPage, file.pages[0])
        plain = int(page.photometric) in (0, 1, 2) and page.bitspersample in (1, 2, 4, 8, 16)
        tags = page.tags
        if (
            not plain
            or page.sampleformat != 1
            or page.imagedepth > 1
            or page.imagewidth * page.imagelength > _MOST
            or tags.valueof(34675)
            or tags.valueof(274, default=1) != 1
        ):
            return None
        levels = page.asarray().astype(np.float64)
        if int(page.planarconfig or 1) == 2 and page.samplesperpixel > 1:
            levels = np.moveaxis(levels, 0, -1)
        levels = levels.reshape(page.imagelength, page.imagewidth, -1)
        levels = levels / ((1 << int(page.bitspersample)) - 1)
        colours = 3 if int(page.photometric) == 2 else 1
        alpha = np.ones(levels.shape[:2])
        kinds = [int(kind) for kind in page.extrasamples]
        if kinds[:1] in ([1], [2]):
            alpha = levels[..., colours]
        levels = levels[..., :colours]
        if int(page.photometric) == 0:
            levels = 1 - levels
        if kinds[:1] == [1]:
            levels = np.minimum(levels / np.maximum(alpha, 1e-9)[..., None], 1)
        rgb = np.broadcast_to(levels, (*levels.shape[:2], 3))
        return np.asarray((np.dstack([rgb, alpha]) * 255).round(), np.uint8)
