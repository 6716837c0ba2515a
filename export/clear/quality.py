"""Measures the `clear` graphs through PNG: python -m export.clear.quality GRAPHS PHOTOGRAPHS.

Each photograph is the secret, the next one (resized) the cover; tiles are even cuts of at most 512
pixels a side, each held to its own capacity. Prints one JSON object a payload.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from export.parity import Pictures, session, through_png
from codec.blocks import MACROBLOCK, USER_BYTES
from training.photographs import find_photographs, read_photograph

LARGEST_TILE = 512


def tiles(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    """Even cuts of at most 512 pixels a side, in whole macroblocks but for the last."""

    def cuts(side: int) -> list[slice]:
        count = -(-side // LARGEST_TILE)
        each = -(-side // (count * MACROBLOCK)) * MACROBLOCK
        return [slice(at, min(at + each, side)) for at in range(0, side, each)]

    return ((row, column) for row in cuts(height) for column in cuts(width))


def measure(hide: bytes, reveal: bytes, files: list[Path], bits: int) -> dict[str, object]:
    """PSNR and SSIM of covers and revealed secrets, through PNG; seconds a megapixel."""
    hider, revealer = session(hide), session(reveal)
    found: dict[str, list[float]] = {}
    names = []
    header = np.zeros((1, USER_BYTES), np.uint8)
    random = np.random.default_rng(0)
    for index, file in enumerate(files):
        secret, cover = read_photograph(file), read_photograph(files[(index + 1) % len(files)])
        if secret is None or cover is None:
            raise ValueError(f"{file} or the next cannot be read as a picture")
        names.append(file.name)
        height, width, _ = secret.shape
        cover = np.asarray(cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA))
        container, revealed = np.empty_like(secret), np.empty_like(secret)
        pad = random.integers(0, 1 << bits, secret.shape).astype(np.uint8)
        payload = np.array(bits, np.int64)
        started = time.perf_counter()
        for cut in tiles(height, width):
            inputs = {"cover": cover[cut][None], "secret": secret[cut][None], "pad": pad[cut][None]}
            (made,) = hider.run(["container"], {**inputs, "header": header, "bits": payload})
            container[cut] = made[0]
        hidden = time.perf_counter()
        received = through_png(container)
        opened = time.perf_counter()
        for cut in tiles(height, width):
            inputs = {"container": received[cut][None], "pad": pad[cut][None], "bits": payload}
            made, intact = revealer.run(["secret", "intact"], inputs)
            if not intact.all():
                raise ValueError(f"{file}: a tile of the container is not intact")
            revealed[cut] = made[0]
        ended = time.perf_counter()
        megapixels = height * width / 1e6
        for name, value in {
            **compare("cover", cover, container),
            **compare("revealed", secret, through_png(revealed)),
            "hide_seconds_a_megapixel": (hidden - started) / megapixels,
            "reveal_seconds_a_megapixel": (ended - opened) / megapixels,
        }.items():
            found.setdefault(name, []).append(float(value))
    result: dict[str, object] = {"bits": bits, "photographs": len(files)}
    for name, values in found.items():
        if name.endswith("megapixel"):
            result[name] = round(float(np.median(values)), 4)
            continue
        worst = int(np.argmin(values))
        result[name] = {
            "mean": round(float(np.mean(values)), 4),
            "median": round(float(np.median(values)), 4),
            "worst": round(values[worst], 4),
            "worst_secret": names[worst],
        }
    return result


def compare(what: str, picture: Pictures, estimate: Pictures) -> dict[str, float]:
    """PSNR in dB and SSIM of a picture's estimate."""
    # Equal pictures have no PSNR; what one sample off by one in a 512-pixel tile has stands for it.
    with np.errstate(divide="ignore"):
        psnr = min(peak_signal_noise_ratio(picture, estimate), 107.0)
    ssim = structural_similarity(picture, estimate, channel_axis=2)
    return {f"{what}_psnr": float(psnr), f"{what}_ssim": float(ssim)}


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m export.clear.quality", description=__doc__)
    parser.add_argument("graphs", type=Path, help="folder of hide.onnx and reveal.onnx")
    parser.add_argument("photographs", type=Path, help="a folder, which is only measured on")
    parser.add_argument("--bits", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--every", type=int, default=1, help="measure every n-th photograph only")
    settings = parser.parse_args(arguments)
    graphs = [(settings.graphs / f"{name}.onnx").read_bytes() for name in ("hide", "reveal")]
    files = find_photographs(settings.photographs)[:: settings.every]
    for bits in settings.bits:
        print(json.dumps(measure(graphs[0], graphs[1], files, bits)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
