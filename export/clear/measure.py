"""Measures the `clear` graphs through PNG: python -m export.clear.measure GRAPHS PHOTOGRAPHS.

Each photograph is the secret, and the next one, resized, the cover. Tiles are even cuts of at most
512 pixels per side, each with its own capacity. Prints one JSON object for each number of bits.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from codec.blocks import MACROBLOCK
from codec.words import USER_BYTES
from export.clear.changes import BITS
from export.parity import session, through_png
from export.quality import compare, pairs
from training.photographs import find_photographs

LARGEST_TILE = 512


def tiles(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    """Even cuts of at most 512 pixels per side, in whole macroblocks except for the last."""

    def cuts(side: int) -> list[slice]:
        count = -(-side // LARGEST_TILE)
        each = -(-side // (count * MACROBLOCK)) * MACROBLOCK
        return [slice(at, min(at + each, side)) for at in range(0, side, each)]

    return ((row, column) for row in cuts(height) for column in cuts(width))


def measure(hide: bytes, reveal: bytes, files: list[Path], bits: int) -> dict[str, Any]:
    """PSNR and SSIM of covers and revealed secrets, through PNG; seconds per megapixel.

    Args:
        hide: Serialized graph.
        reveal: Serialized graph.
        files: Photographs, two or more.
        bits: Bits per sample.

    Raises:
        ValueError: A photograph cannot be read, or a container is not intact.
    """
    hider, revealer = session(hide), session(reveal)
    values: dict[str, list[float]] = {}
    header = np.zeros((1, USER_BYTES), np.uint8)
    random = np.random.default_rng(0)
    for file, (secret, cover) in zip(files, pairs(files), strict=True):
        height, width, _ = secret.shape
        container, revealed = np.empty_like(secret), np.empty_like(secret)
        pad = random.integers(0, 1 << bits, secret.shape).astype(np.uint8)
        common = {"bits": np.array(bits, np.int64)}
        started = time.perf_counter()
        for cut in tiles(height, width):
            pair = {"cover": cover[cut][None], "secret": secret[cut][None], "header": header}
            (output,) = hider.run(["container"], {**pair, **common, "pad": pad[cut][None]})
            container[cut] = output[0]
        hidden = time.perf_counter()
        received = through_png(container)
        opened = time.perf_counter()
        for cut in tiles(height, width):
            feed = {"container": received[cut][None], **common, "pad": pad[cut][None]}
            output, intact = revealer.run(["secret", "intact"], feed)
            if not intact.all():
                raise ValueError(f"{file}: a tile of the container is not intact")
            revealed[cut] = output[0]
        ended = time.perf_counter()
        megapixels = height * width / 1e6
        for name, value in {
            **compare("cover", cover, container),
            **compare("revealed", secret, through_png(revealed)),
            "hide_seconds_a_megapixel": (hidden - started) / megapixels,
            "reveal_seconds_a_megapixel": (ended - opened) / megapixels,
        }.items():
            values.setdefault(name, []).append(value)
    result: dict[str, Any] = {"bits": bits, "photographs": len(files)}
    for name, each in values.items():
        if name.endswith("megapixel"):
            result[name] = round(float(np.median(each)), 4)
            continue
        worst = int(np.argmin(each))
        result[name] = {
            "mean": round(float(np.mean(each)), 4),
            "median": round(float(np.median(each)), 4),
            "worst": round(each[worst], 4),
            "worst_secret": files[worst].name,
        }
    return result


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m export.clear.measure",
        description="Measure the graphs of clear through PNG; prints JSON.",
    )
    add = parser.add_argument
    add("graphs", type=Path, help="folder of hide.onnx and reveal.onnx")
    add("photographs", type=Path, help="folder of photographs to measure on")
    add("--bits", type=int, nargs="+", default=list(BITS), help="bits per sample (1 2 3)")
    add("--every", type=int, default=1, help="measure every n-th photograph only (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        hide, reveal = ((options.graphs / f"{n}.onnx").read_bytes() for n in ("hide", "reveal"))
        files = find_photographs(options.photographs)[:: options.every]
        for bits in options.bits:
            print(json.dumps(measure(hide, reveal, files, bits)), flush=True)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
