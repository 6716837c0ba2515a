"""What a pair of graphs does to photographs, through PNG files on disk."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from export.parity import Pictures, session


@dataclass(frozen=True)
class Spread:
    """Mean and worst over the pictures; PSNR in dB over RGB, SSIM in 0 .. 1."""

    mean: float
    worst: float
    worst_file: str


@dataclass(frozen=True)
class Quality:
    """Quality of a model on a folder of photographs, each of which is once cover, once secret."""

    photographs: str
    pairs: int
    cover_psnr: Spread
    cover_ssim: Spread
    revealed_psnr: Spread
    revealed_ssim: Spread

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, rounded to what is worth reading."""

        def rounded(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: rounded(inner) for key, inner in value.items()}
            return round(value, 4) if isinstance(value, float) else value

        return dict(rounded(asdict(self)))


def measure_quality(hide: bytes, reveal: bytes, files: list[Path], name: str) -> Quality:
    """Hides each photograph in the one before it, writes a PNG, reads it back and reveals.

    Args:
        hide: Serialized graph.
        reveal: Serialized graph.
        files: Photographs, two or more; a secret of another size is resized to its cover.
        name: What to call this set of photographs in the result.
    """
    hider, revealer = session(hide), session(reveal)
    measured: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        written = str(Path(folder) / "picture.png")
        for index, file in enumerate(files):
            cover = _read(file)
            secret = _read(files[(index + 1) % len(files)])
            if secret.shape != cover.shape:
                size = (cover.shape[1], cover.shape[0])
                secret = np.asarray(cv2.resize(secret, size, interpolation=cv2.INTER_AREA))
            (made,) = hider.run(["container"], {"cover": cover[None], "secret": secret[None]})
            container = _write_and_read(written, made[0])
            (made,) = revealer.run(["secret"], {"container": container[None]})
            revealed = _write_and_read(written, made[0])
            for what, picture, estimate in (
                ("cover", cover, container),
                ("revealed", secret, revealed),
            ):
                psnr = peak_signal_noise_ratio(picture, estimate)
                ssim = structural_similarity(picture, estimate, channel_axis=2)
                measured.setdefault(f"{what}_psnr", []).append(float(psnr))
                measured.setdefault(f"{what}_ssim", []).append(float(ssim))
    spreads = {}
    for what, values in measured.items():
        worst = int(np.argmin(values))
        file = files[worst if what.startswith("cover") else (worst + 1) % len(files)]
        spreads[what] = Spread(float(np.mean(values)), values[worst], file.name)
    return Quality(name, len(files), **spreads)


def _read(file: Path) -> Pictures:
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise ValueError(f"{file} cannot be read as a picture")
    return np.asarray(picture, np.uint8)


def _write_and_read(path: str, picture: Pictures) -> Pictures:
    if not cv2.imwrite(path, picture[..., ::-1]):
        raise OSError(f"{path} could not be written")
    return _read(Path(path))
