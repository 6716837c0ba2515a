"""What is revealed after a container went through JPEG, resizing and other distortions.

A model that carries an exact code reveals the secret or reports that it is lost; one that maps
images to images always reveals something.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.common.command import finish, guarded, measurement_parser, source_of
from benchmarks.common.configurations import Configuration, configurations_of, models_of
from benchmarks.common.metrics import psnr
from benchmarks.common.photographs import Pair, centre, find_photographs, pairs_of
from benchmarks.common.provenance import provenance
from benchmarks.common.store import Store, files_digest, model_digest, sources_digest
from benchmarks.survival import distortions
from benchmarks.survival.measure import measure
from benchmarks.survival.plot import draw
from benchmarks.survival.table import markdown
from runtime import read_picture
from runtime.engine.models import shipped_models
from runtime.images.image import Picture


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = measurement_parser(
        "survival", __doc__, plot="a heat map", quick="measure two pairs and a few distortions only"
    )
    parser.add_argument("--pairs", type=int, default=8, help="number of pairs (%(default)s)")
    parser.add_argument(
        "--side", type=int, default=512, help="width and height in pixels (%(default)s)"
    )
    parser.add_argument(
        "--distortions",
        nargs="+",
        metavar="LABEL",
        default=(),
        help="only these, such as 'JPEG 75, 4:2:0' (default: all)",
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.pairs < 1 or options.side < 128:
        raise ValueError("--pairs must be positive, and --side at least 128")
    known = [each.label for each in distortions.all_distortions()]
    unknown = set(options.distortions) - set(known)
    if unknown:
        raise ValueError(f"no distortion is called {min(unknown)!r}; there are {', '.join(known)}")
    configurations = configurations_of(options.model or shipped_models())
    labels = tuple(options.distortions) or (distortions.QUICK if options.quick else ())
    with tempfile.TemporaryDirectory() as folder:
        every = pairs_of(find_photographs(options.photographs, Path(folder)))
        count = min(2 if options.quick else options.pairs, len(every))
        pairs = [every[index * len(every) // count] for index in range(count)]
        pictures = [_pictures(pair, options.side) for pair in pairs]
        depends_on = [
            options.side,
            files_digest(file for pair in pairs for file in (pair.cover, pair.secret)),
            sources_digest(distortions),
            labels,
        ]
    store, outcomes, covers = Store(options.work), [], {}
    for configuration in tqdm(configurations, unit="configuration", disable=None, leave=False):
        digest = model_digest(configuration.model)
        found, cover = store.get(
            ["survival", configuration.label, digest, *depends_on],
            partial(_measured, configuration, pictures, labels),
        )
        outcomes += found
        covers[configuration.label] = cover
    result = {
        "benchmark": "survival",
        "photographs": source_of(options),
        "pairs": len(pairs),
        "side": options.side,
        **provenance(*models_of(configurations)),
        # The PSNR without any container: the mean colour of the secret everywhere.
        "mean_colour_psnr": float(np.mean([_mean_colour(secret) for _, secret in pictures])),
        "cover_psnr": covers,
        "cells": outcomes,
    }
    return finish(options, result, markdown(result), draw)


def _pictures(pair: Pair, side: int) -> tuple[Picture, Picture]:
    cover, secret = (centre(read_picture(file), side) for file in (pair.cover, pair.secret))
    return cover, secret


def _measured(
    configuration: Configuration,
    pictures: list[tuple[Picture, Picture]],
    labels: tuple[str, ...],
) -> tuple[list[dict[str, Any]], float]:
    outcomes, cover = measure(configuration, pictures, labels)
    return [outcome.as_json() for outcome in outcomes], cover


def _mean_colour(secret: Picture) -> float:
    colour = np.rint(secret.mean(axis=(0, 1))).astype(np.uint8)
    return psnr(secret, np.broadcast_to(colour, secret.shape).copy())
