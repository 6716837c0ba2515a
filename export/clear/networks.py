"""Compares restoring networks: python -m export.clear.networks TABLES PHOTOGRAPHS RUN...

Each photograph of the folder is hidden by the hide graph of these tables, in the next one
(resized), and its container goes through PNG. What is decoded of that, the same for all, is
refined by each run's network in Keras, and by none. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import cv2
import numpy as np
from tqdm import tqdm

from export.clear.hide import build_hide
from export.clear.quality import compare, tiles
from export.clear.trained import Trained, load_network
from export.parity import Pictures, session, through_png
from codec import blocks
from codec.codec import Codec, extract
from training.clear.decoded import decode, step_of
from codec.blocks import USER_BYTES, Floats
from codec.tables import Tables
from training.photographs import find_photographs, read_photograph

PAYLOADS = (1, 2, 3)


def revealed_by_each(
    codec: Codec, container: Pictures, pad: Pictures, bits: int, networks: list[Trained | None]
) -> list[Pictures]:
    """What each network reveals of a container, uint8 (height, width, 3) each; None is none."""
    revealed = [np.empty_like(container) for _ in networks]
    for cut in tiles(*container.shape[:2]):
        words = extract(container[cut], pad[cut], bits)
        height, width, _ = container[cut].shape
        code, _, intact = codec.decode(words, height, width)
        if not intact:
            raise ValueError("a tile of a container is not intact")
        decoded = decode(codec, code)
        for picture, one in zip(revealed, networks, strict=True):
            floats = decoded if one is None else one.refine(decoded, step_of(code))
            picture[cut] = blocks.to_picture(floats, height, width)
    return revealed


def measure_each(tables: Tables, files: list[Path], networks: list[Trained | None]) -> Floats:
    """Revealed PSNR in dB, (payloads, networks, photographs)."""
    codec = Codec(tables)
    hider = session(build_hide(tables).SerializeToString())
    found = np.zeros((len(PAYLOADS), len(networks), len(files)), np.float32)
    header = np.zeros((1, USER_BYTES), np.uint8)
    random = np.random.default_rng(0)
    for index, file in enumerate(tqdm(files, unit="photograph")):
        secret, cover = read_photograph(file), read_photograph(files[(index + 1) % len(files)])
        if secret is None or cover is None:
            raise ValueError(f"{file} or the next cannot be read as a picture")
        size = (secret.shape[1], secret.shape[0])
        cover = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA))
        for row, bits in enumerate(PAYLOADS):
            pad = random.integers(0, 1 << bits, secret.shape).astype(np.uint8)
            container = np.empty_like(secret)
            common = {"header": header, "bits": np.array(bits, np.int64)}
            for cut in tiles(*secret.shape[:2]):
                feed = {"cover": cover[cut][None], "secret": secret[cut][None]}
                (made,) = hider.run(["container"], {**feed, "pad": pad[cut][None], **common})
                container[cut] = made[0]
            received = through_png(container)
            revealed = revealed_by_each(codec, received, pad, bits, networks)
            for column, picture in enumerate(revealed):
                psnr = compare("revealed", secret, through_png(picture))["revealed_psnr"]
                found[row, column, index] = psnr
    return found


def table(found: Floats, networks: list[Trained | None]) -> str:
    """The table in Markdown; gains are over the first, mean and of the picture that gains least."""
    lines = [
        "| network | steps | MACs a pixel | mean | worst | mean gain | least gain |",
        "|---|---|---|---|---|---|---|",
    ]

    def cell(values: Floats, pattern: str) -> str:
        return " / ".join(format(value, pattern) for value in values)

    for column, one in enumerate(networks):
        gain = found[:, column] - found[:, 0]
        cells = [
            *_described(one),
            cell(found[:, column].mean(axis=1), ".2f"),
            cell(found[:, column].min(axis=1), ".2f"),
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
    parser = argparse.ArgumentParser(prog="python -m export.clear.networks", description=__doc__)
    parser.add_argument("tables", type=Path, help="what training.clear.fit wrote")
    parser.add_argument("photographs", type=Path, help="a folder, which is only measured on")
    parser.add_argument("runs", type=Path, nargs="*", help="folders of training runs")
    parser.add_argument("--every", type=int, default=1, help="measure every n-th photograph only")
    options = parser.parse_args(arguments)
    try:
        networks = [None, *map(load_network, options.runs)]
        files = find_photographs(options.photographs)[:: options.every]
        found = measure_each(Tables.load(options.tables), files, networks)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(found, networks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
