"""Measures the `clear` graphs: python -m export.clear.measure GRAPHS PHOTOGRAPHS.

Each photograph is coded to fill a budget, at its own size, and decoded, just as the payload `code`
is in a container. Prints one JSON object for each budget in bits per sample.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from export.parity import session, through_png
from export.quality import compare, read
from runtime.payloads import code
from training.photographs import find_photographs

GRAPHS = ("hide", "estimate", "reveal")
BITS = (0.25, 0.5, 1.0, 2.0, 3.0)  # per sample


class SessionGraph:
    """A serialized graph as `runtime.payloads.code` takes it."""

    side_by_side = 1
    device = SimpleNamespace(name="cpu")

    def __init__(self, graph: bytes) -> None:
        self._session = session(graph)

    def run(self, feed: dict[str, Any], *outputs: str) -> list[Any]:
        """Runs the graph."""
        return list(self._session.run(list(outputs), feed))


def measure(graphs: dict[str, SessionGraph], files: list[Path], bits: float) -> dict[str, Any]:
    """PSNR and SSIM of revealed secrets; share of the budget used; seconds per megapixel.

    Args:
        graphs: By the names in GRAPHS.
        files: Photographs.
        bits: Budget in bits per sample.

    Raises:
        ValueError: A photograph cannot be read.
    """
    values: dict[str, list[float]] = {}
    for file in files:
        secret = read(file)
        budget = int(secret.size * bits) // 8
        started = time.perf_counter()
        encoded = code.encode(graphs["hide"], graphs["estimate"], secret, budget)
        coded = time.perf_counter()
        decoded = code.decode(graphs["reveal"], encoded.content, [], secret.size)
        ended = time.perf_counter()
        megapixels = secret.size / 3e6
        for name, value in {
            **compare("revealed", secret, through_png(decoded.picture)),
            "used": len(encoded.content) / budget,
            "encode_seconds_a_megapixel": (coded - started) / megapixels,
            "decode_seconds_a_megapixel": (ended - coded) / megapixels,
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
        description="Measure the graphs of clear; prints JSON.",
    )
    add = parser.add_argument
    add("graphs", type=Path, help="folder of the graphs")
    add("photographs", type=Path, help="folder of photographs to measure on")
    add("--bits", type=float, nargs="+", default=list(BITS), help="bits per sample (%(default)s)")
    add("--every", type=int, default=1, help="measure every n-th photograph only (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        graphs = {n: SessionGraph((options.graphs / f"{n}.onnx").read_bytes()) for n in GRAPHS}
        files = find_photographs(options.photographs)[:: options.every]
        for bits in options.bits:
            print(json.dumps(measure(graphs, files, bits)), flush=True)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
