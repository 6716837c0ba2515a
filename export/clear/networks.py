"""Compares restoring networks: python -m export.clear.networks TABLES PHOTOGRAPHS RUN...

Each photograph is coded to fill a budget. The decoded picture, which is the same for all, is then
restored by the network of each run in Keras, and by none. Prints a Markdown table.
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
from export.clear.estimate import build_estimate
from export.clear.hide import build_hide
from export.clear.measure import SessionGraph
from export.clear.trained import Trained, load_network
from export.parity import Pictures
from export.quality import read
from runtime.images.grid import tiles_of
from runtime.payloads import code
from runtime.payloads.code_bytes import parse
from training.measure import psnr
from training.photographs import find_photographs


def revealed_by_each(
    codec: Codec, content: bytes, networks: list[Trained | None]
) -> list[Pictures]:
    """What each network reveals of a code, uint8 (height, width, 3); None for no network."""
    header = parse(content, 1 << 40)
    ends = np.cumsum(header.counts)
    words = np.frombuffer(content, ">u2", int(ends[-1]), len(header.to_bytes())).astype(np.int32)
    revealed = [np.empty((*header.coded_size, 3), np.uint8) for _ in networks]
    for tile, part in zip(tiles_of(*header.coded_size), np.split(words, ends[:-1]), strict=True):
        coded = codec.decode(part, *tile.shape, header.qindex, header.adaptive)
        decoded = codec.synthesize(coded)
        for picture, one in zip(revealed, networks, strict=True):
            floats = decoded if one is None else one.refine(decoded, coded.step)
            picture[tile.rows, tile.columns] = blocks.to_picture(floats, *tile.shape)
    return revealed


def measure_each(
    tables: Tables, files: list[Path], rates: list[float], networks: list[Trained | None]
) -> Floats:
    """Revealed PSNR in dB, float32 (rates, networks, photographs)."""
    codec = Codec(tables)
    hide, estimate = (
        SessionGraph(build(tables).SerializeToString()) for build in (build_hide, build_estimate)
    )
    psnrs = np.zeros((len(rates), len(networks), len(files)), np.float32)
    for index, file in enumerate(tqdm(files, unit="photograph")):
        secret = read(file)
        for row, bits in enumerate(rates):
            encoded = code.encode(hide, estimate, secret, int(secret.size * bits) // 8)
            if encoded.coded_size != secret.shape[:2]:
                raise ValueError(f"{file} is reduced at {bits:g} bits per sample")
            for column, picture in enumerate(revealed_by_each(codec, encoded.content, networks)):
                psnrs[row, column, index] = psnr(secret, picture)
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
    add("--bits", type=float, nargs="+", default=[1, 2, 3], help="bits per sample (1 2 3)")
    options = parser.parse_args(arguments)
    try:
        networks = [None, *map(load_network, options.runs)]
        files = find_photographs(options.photographs)[:: options.every]
        psnrs = measure_each(Tables.load(options.tables), files, options.bits, networks)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(psnrs, networks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
