"""What is revealed after a container went through JPEG, resizing and other channels.

A model that carries an exact code reveals the secret or says that it is lost; one that maps
pictures to pictures always reveals something.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import runtime
from benchmarks.channels import Channel, channels
from benchmarks.command import guarded, write_json
from benchmarks.photographs import Pair, find_photographs, middle, pairs_of
from benchmarks.provenance import provenance
from benchmarks.quality import psnr
from benchmarks.store import Store, files_digest, model_digest
from benchmarks.ways import Way, ways_of
from runtime import read_picture
from runtime._pictures import Picture


@dataclass(frozen=True)
class Cell:
    """What one channel leaves of one way of hiding.

    Attributes:
        channel: Name of the channel.
        name: Name of the way of hiding.
        revealed_psnr: In dB, of each pair; None where nothing was revealed.
        nothing: How many were taken for pictures without anything hidden.
        altered: How many were said to have been altered.
    """

    channel: str
    name: str
    revealed_psnr: list[float | None]
    nothing: int
    altered: int


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks survival", description=__doc__)
    parser.add_argument(
        "photographs",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="folder of photographs (default: four that scikit-image carries)",
    )
    parser.add_argument("--model", nargs="+", help="names or folders (all that are shipped)")
    parser.add_argument("--pairs", type=int, default=8, help="how many (%(default)s)")
    parser.add_argument("--side", type=int, default=256, help="pixels (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the heat map there")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep finished parts there")
    parser.add_argument("--quick", action="store_true", help="two pairs only")
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.pairs < 1 or options.side < 64:
        raise ValueError("--pairs must be positive, and --side at least 64")
    ways = ways_of(options.model)
    with tempfile.TemporaryDirectory() as folder:
        every = pairs_of(find_photographs(options.photographs, Path(folder)))
        count = min(2 if options.quick else options.pairs, len(every))
        pairs = [every[index * len(every) // count] for index in range(count)]
        pictures = [_pictures(pair, options.side) for pair in pairs]
        depends_on = [
            *(options.side, files_digest(f for p in pairs for f in (p.cover, p.secret))),
            files_digest([Path(__file__).with_name("channels.py")]),
        ]
        store, cells = Store(options.work), []
        for way in tqdm(ways, unit="way", disable=None, leave=False):
            key = ["survival", way.name, model_digest(way.model), *depends_on]
            cells += store.get(key, lambda w=way: [asdict(c) for c in measure(w, pictures)])
    result = {
        "benchmark": "survival",
        "photographs": options.photographs.name if options.photographs else "scikit-image",
        "pairs": len(pairs),
        "side": options.side,
        **provenance(*dict.fromkeys(way.model for way in ways)),
        # What one gets without any container: the secret's mean colour, everywhere.
        "mean_colour_psnr": float(np.mean([_mean_colour(secret) for _, secret in pictures])),
        "cells": cells,
    }
    print(markdown(result))
    write_json(options.json, result)
    if options.plot:
        from benchmarks.heatmap import draw

        draw(result, options.plot)
    return 0


def _pictures(pair: Pair, side: int) -> tuple[Picture, Picture]:
    cover, secret = (middle(read_picture(file), side) for file in (pair.cover, pair.secret))
    return cover, secret


def _mean_colour(secret: Picture) -> float:
    colour = np.rint(secret.mean(axis=(0, 1))).astype(np.uint8)
    return psnr(secret, np.broadcast_to(colour, secret.shape).copy())


def measure(way: Way, pictures: list[tuple[Picture, Picture]]) -> list[Cell]:
    """Sends the containers of one way of hiding through every channel."""
    hider, revealer = way.hider(), way.revealer()
    containers = [hider.hide(cover, secret) for cover, secret in pictures]
    cells = []
    for channel in tqdm(channels(), unit="channel", disable=None, leave=False):
        found: list[float | None] = []
        reasons = {runtime.NothingHiddenError: 0, runtime.AlteredError: 0}
        for container, (_, secret) in zip(containers, pictures, strict=True):
            try:
                revealed = revealer.reveal(channel.apply(container))
                found.append(_measured(secret, revealed, channel))
            except tuple(reasons) as error:
                reasons[type(error)] += 1
                found.append(None)
        cells.append(Cell(channel.name, way.name, found, *reasons.values()))
    return cells


def _measured(secret: Picture, revealed: Picture, channel: Channel) -> float:
    if channel.cut:
        secret = secret[channel.cut : -channel.cut, channel.cut : -channel.cut]
    return psnr(secret, revealed)


def summary(cell: dict[str, Any]) -> tuple[str, float | None]:
    """A cell in words, and its mean PSNR if anything was revealed."""
    values = [value for value in cell["revealed_psnr"] if value is not None]
    lost = len(cell["revealed_psnr"]) - len(values)
    if not values:
        return "lost", None
    mean = float(np.mean(values))
    return (f"{mean:.1f}, {lost} lost" if lost else f"{mean:.1f}"), mean


def grid(result: dict[str, Any]) -> tuple[list[str], list[str], dict[tuple[str, str], Any]]:
    """Channels, ways of hiding, and the cells by both."""
    cells = {(cell["channel"], cell["name"]): cell for cell in result["cells"]}
    return list(dict.fromkeys(c for c, _ in cells)), list(dict.fromkeys(n for _, n in cells)), cells


def markdown(result: dict[str, Any]) -> str:
    """Revealed PSNR by channel and way of hiding, as a table in Markdown."""
    rows, columns, cells = grid(result)
    lines = [f"| channel | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        texts = (summary(cells[row, column])[0] for column in columns)
        lines.append(f"| {row} | {' | '.join(texts)} |")
    return "\n".join(lines)
