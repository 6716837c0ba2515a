"""How long hide and reveal of one picture take, once everything is loaded and warm."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from tqdm import tqdm

import runtime
from benchmarks.provenance import provenance
from runtime._models import DEFAULT, load_model
from runtime._pictures import Picture, resize_to

_Case = tuple[str, str, str]
"""Name of the model, `hide` or `reveal`, device."""

_Samples = dict[_Case, list[float]]
_WARM_UP = 2
_LEAST_RUNS = 5


@dataclass(frozen=True)
class Timing:
    """Times of one thing at one size.

    Attributes:
        model: Name of the model.
        what: `hide` or `reveal`.
        width: Of the picture, in pixels.
        height: Likewise.
        threads: Threads within an operator; None for one a core.
        device: The device that it really ran on.
        p50_ms: Median, in milliseconds.
        p90_ms: 90th percentile, in milliseconds.
        megapixels_per_second: At the median.
        samples_ms: Every run, in the order of running.
    """

    model: str
    what: str
    width: int
    height: int
    threads: int | None
    device: str
    p50_ms: float
    p90_ms: float
    megapixels_per_second: float
    samples_ms: tuple[float, ...]


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        timings = measure(
            options.model, options.device, options.size, options.threads, options.seconds
        )
        _print_table(timings)
        _print_ratios(timings)
        if options.json:
            result = {
                "benchmark": "latency",
                **provenance(*map(load_model, options.model)),
                "timings": [asdict(timing) for timing in timings],
            }
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(json.dumps(result, indent=2) + "\n")
            print(f"written to {options.json}", file=sys.stderr)
    except (runtime.PlainsightError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3 if isinstance(error, runtime.DeviceError) else 1
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks latency", description=__doc__)
    parser.add_argument(
        "--model",
        nargs="+",
        default=[DEFAULT],
        help=f"names or folders, timed in turn in one process ({DEFAULT})",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda[:N] (%(default)s)")
    parser.add_argument(
        "--size",
        type=_size,
        nargs="+",
        default=[(256, 256), (512, 512), (1024, 1024)],
        metavar="WxH",
        help="sizes of the pictures, such as 512x512 (256x256 512x512 1024x1024)",
    )
    parser.add_argument(
        "--threads",
        type=_count,
        nargs="+",
        default=[None],
        metavar="N",
        help="numbers of threads to try (one a core)",
    )
    parser.add_argument(
        "--seconds", type=float, default=3.0, help="least time a measurement (%(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there")
    return parser


def _size(text: str) -> tuple[int, int]:
    width, by, height = text.partition("x")
    if not (by and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"must be WIDTHxHEIGHT in pixels, got {text!r}")
    return int(width), int(height)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be positive, got {text!r}")
    return int(text)


def measure(
    models: list[str],
    device: str,
    sizes: list[tuple[int, int]],
    threads: list[int | None],
    seconds: float,
) -> list[Timing]:
    """Times all models' hide and reveal in turn, so that a drift of speed meets them alike.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        sizes: (width, height) in pixels.
        threads: See `runtime.Hider`.
        seconds: Least time spent on each measurement, and five runs at least.
    """
    timings = []
    cases = [(count, size) for count in threads for size in sizes]
    for count, (width, height) in tqdm(cases, unit="case", disable=None, leave=False):
        cover = resize_to(skimage.data.astronaut(), height, width)
        secret = resize_to(skimage.data.coffee(), height, width)
        calls: dict[_Case, Callable[[], Picture]] = {}
        for model in models:
            hider = runtime.Hider(model, device=device, threads=count)
            revealer = runtime.Revealer(model, device=device, threads=count)
            container = hider.hide(cover, secret)
            name, used = hider.model, hider.device
            calls[name, "hide", used] = lambda h=hider, c=cover, s=secret: h.hide(c, s)
            calls[name, "reveal", used] = lambda r=revealer, c=container: r.reveal(c)
        for (name, what, used), samples in _time_in_turn(calls, seconds).items():
            p50, p90 = np.percentile(samples, (50, 90))
            timings.append(
                Timing(
                    name,
                    what,
                    width,
                    height,
                    count,
                    used,
                    float(p50),
                    float(p90),
                    width * height / 1e6 / (float(p50) / 1e3),
                    tuple(round(sample, 3) for sample in samples),
                )
            )
    return timings


def _time_in_turn(calls: dict[_Case, Callable[[], Any]], seconds: float) -> _Samples:
    for _ in range(_WARM_UP):
        for call in calls.values():
            call()
    samples: _Samples = {case: [] for case in calls}
    goal = 1e3 * seconds
    # A call that has enough is left out, so that fast ones do not wait for slow ones.
    while waiting := [c for c, s in samples.items() if len(s) < _LEAST_RUNS or sum(s) < goal]:
        for case in waiting:
            start = time.perf_counter_ns()
            calls[case]()
            samples[case].append((time.perf_counter_ns() - start) / 1e6)
    return samples


def _print_table(timings: list[Timing]) -> None:
    print(
        f"{'model':10}{'what':8}{'size':>12}{'threads':>9}{'device':>9}{'runs':>6}"
        f"{'p50 ms':>10}{'p90 ms':>10}{'MP/s':>8}"
    )
    for t in timings:
        size = f"{t.width}x{t.height}"
        print(
            f"{t.model:10}{t.what:8}{size:>12}{t.threads or 'cores':>9}{t.device:>9}"
            f"{len(t.samples_ms):>6}{t.p50_ms:>10.1f}{t.p90_ms:>10.1f}"
            f"{t.megapixels_per_second:>8.2f}"
        )


def _print_ratios(timings: list[Timing]) -> None:
    """How many times as long the other models take as the first one, hide and reveal together."""
    total: dict[tuple[int, int, int | None], dict[str, float]] = {}
    for t in timings:
        models = total.setdefault((t.width, t.height, t.threads), {})
        models[t.model] = models.get(t.model, 0.0) + t.p50_ms
    for (width, height, threads), models in total.items():
        (first, base), *others = models.items()
        for name, milliseconds in others:
            print(
                f"{width}x{height}, threads {threads or 'cores'}: hide and reveal of {name} take "
                f"{milliseconds / base:.1f} times as long as those of {first}"
            )


if __name__ == "__main__":
    sys.exit(main())
