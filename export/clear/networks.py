"""Compares restoring networks: python -m export.clear.networks TABLES PHOTOGRAPHS RUN...

The hide graph of these tables hides each photograph in the next one, resized, and the container
goes through PNG. The decoded picture, which is the same for all, is then restored by the network of
each run in Keras, and by none. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from tqdm import tqdm

from codec import blocks
from codec.blocks import Floats
from codec.codec import Codec
from codec.tables import Tables
from codec.words import USER_BYTES
from export.clear.carrier import extract
from export.clear.changes import BITS
from export.clear.hide import build_hide
from export.clear.measure import tiles
from export.clear.trained import Trained, load_network
from export.parity import Pictures, session, through_png
from export.quality import pairs
from training.measure import psnr
from training.photographs import find_photographs


def revealed_by_each(
    codec: Codec, container: Pictures, pad: Pictures, bits: int, networks: list[Trained | None]
) -> list[Pictures]:
    """What each network reveals of a container, uint8 (height, width, 3); None for no network."""
    revealed = [np.empty_like(container) for _ in networks]
    for cut in tiles(*container.shape[:2]):
        words = extract(container[cut], pad[cut], bits)
        height, width, _ = container[cut].shape
        tile, _, intact = codec.decode(words, height, width)
        if not intact:
            raise ValueError("a tile of a container is not intact")
        decoded = codec.synthesize(tile)
        for picture, one in zip(revealed, networks, strict=True):
            floats = decoded if one is None else one.refine(decoded, tile.step)
            picture[cut] = blocks.to_picture(floats, height, width)
    return revealed


def measure_each(tables: Tables, files: list[Path], networks: list[Trained | None]) -> Floats:
    """Revealed PSNR in dB, float32 (bits, networks, photographs)."""
    codec = Codec(tables)
    hider = session(build_hide(tables).SerializeToString())
    psnrs = np.zeros((len(BITS), len(networks), len(files)), np.float32)
    header = np.zeros((1, USER_BYTES), np.uint8)
    random = np.random.default_rng(0)
    for index, (secret, cover) in enumerate(tqdm(pairs(files), total=len(files), unit="pair")):
        for row, bits in enumerate(BITS):
            pad = random.integers(0, 1 << bits, secret.shape).astype(np.uint8)
            container = np.empty_like(secret)
            common = {"header": header, "bits": np.array(bits, np.int64)}
            for cut in tiles(*secret.shape[:2]):
                feed = {"cover": cover[cut][None], "secret": secret[cut][None]}
                (output,) = hider.run(["container"], {**feed, "pad": pad[cut][None], **common})
                container[cut] = output[0]
            received = through_png(container)
            for column, picture in enumerate(
                revealed_by_each(codec, received, pad, bits, networks)
            ):
                psnrs[row, column, index] = psnr(secret, through_png(picture))
    return psnrs


def table(psnrs: Floats, networks: list[Trained | None]) -> str:
    """A Markdown table; gains are over the first network: the mean and the least."""
    lines = [
        "| network | steps | MACs per pixel | mean | worst | mean gain | least gain |",
        "|---|---|---|---|---|---|---|",
    ]

    def cell(values: Floats, pattern: str) -> str:
        return " / ".join(format(value, pattern) for value in values)

    for column, one in enumerate(networks):
        gain = psnrs[:, column] - psnrs[:, 0]
        cells = [
            *_described(one),
            cell(psnrs[:, column].mean(axis=1), ".2f"),
            cell(psnrs[:, column].min(axis=1), ".2f"),
            cell(gain.mean(axis=1), "+.3f"),
            cell(gain.min(axis=1), "+.3f"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _described(network: Trained | None) -> tuple[str, str, str]:
    if network is None:
        return "none", "", "0"
    cost = network.config.multiply_accumulates
    return network.settings.width, f"{network.steps:,}", f"{cost:,.0f}"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m export.clear.networks",
        description="Compare restoring networks of clear; prints a Markdown table.",
    )
    add = parser.add_argument
    add("tables", type=Path, help="the codec's tables, a file written by training.clear.fit")
    add("photographs", type=Path, help="folder of photographs to measure on")
    add("runs", type=Path, nargs="*", help="folders of training runs")
    add("--every", type=int, default=1, help="measure every n-th photograph only (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        networks = [None, *map(load_network, options.runs)]
        files = find_photographs(options.photographs)[:: options.every]
        psnrs = measure_each(Tables.load(options.tables), files, networks)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(psnrs, networks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
