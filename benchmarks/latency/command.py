"""The command: runs the scenarios, prints the table and ratios, writes the result."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

import benchmarks.latency
import runtime
from benchmarks.common.command import add_outputs, guarded
from benchmarks.common.provenance import provenance
from benchmarks.common.results import write_result
from benchmarks.latency import cold, concurrent, folder, gate, graph, passphrase, single
from benchmarks.latency.plot import draw
from benchmarks.latency.timing import QUICK, Effort, Timing
from runtime.engine.models import DEFAULT

_SCENARIOS = ("cold", "single", "passphrase", "batch", "folder", "concurrent")
_SIZES = {"single": [(256, 256), (512, 512), (1024, 1024)], "passphrase": [(1024, 1024)]}
_NAMED_SIZES = {"1080p": (1920, 1080), "4k": (3840, 2160)}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    return guarded(lambda: _run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks latency", description=benchmarks.latency.__doc__
    )
    add = parser.add_argument
    add("--scenario", nargs="+", choices=_SCENARIOS, default=["single"], help="(single)")
    add("--model", nargs="+", default=[DEFAULT], help=f"names or folders ({DEFAULT})")
    add("--device", default="auto", help="auto, cpu or cuda[:N] (%(default)s)")
    add(
        "--size",
        "--sizes",
        type=_size,
        nargs="+",
        metavar="WxH",
        help="in single and passphrase, such as 512x512, 1080p or 4k (256x256 512x512 1024x1024; "
        "in passphrase 1024x1024)",
    )
    add(
        "--other-size",
        type=_size,
        default=(256, 256),
        metavar="WxH",
        help="in cold, batch and concurrent (256x256)",
    )
    add(
        "--threads",
        type=_count,
        nargs="+",
        default=[None],
        metavar="N",
        help="numbers of threads to try, in single, passphrase and concurrent (one per core)",
    )
    add(
        "--batch",
        type=_count,
        nargs="+",
        default=[1, 2, 4, 8, 16, 32],
        metavar="N",
        help="pictures per run, in batch (1 2 4 8 16 32)",
    )
    add(
        "--feed",
        nargs="+",
        choices=("api", "numpy", "iobinding", "cudagraph"),
        default=["api"],
        help="through the Python interface, or how the graph alone gets its inputs, in batch (api)",
    )
    add(
        "--conv-search",
        nargs="+",
        choices=("EXHAUSTIVE", "HEURISTIC", "DEFAULT"),
        default=[None],
        help="how cuDNN chooses convolutions, in batch on CUDA (EXHAUSTIVE)",
    )
    add(
        "--workers",
        type=_count,
        nargs="+",
        default=[1, 2, 4],
        metavar="N",
        help="threads that share a session, in concurrent (1 2 4)",
    )
    add(
        "--photographs",
        type=Path,
        metavar="DIR",
        help="in folder (default: four that scikit-image includes)",
    )
    add(
        "--processes",
        type=_count,
        default=6,
        metavar="N",
        help="in cold; the first is not counted (%(default)s)",
    )
    add("--runs", type=_count, default=50, metavar="N", help="minimum runs (%(default)s)")
    add("--seconds", type=float, default=3.0, help="minimum time (%(default)s)")
    add(
        "--most-seconds",
        type=float,
        default=20.0,
        metavar="SECONDS",
        help="time after which three runs are enough (%(default)s)",
    )
    add("--quick", action="store_true", help="a short test of all scenarios")
    add_outputs(parser, "the times of single")
    return parser


def _size(text: str) -> tuple[int, int]:
    if text.lower() in _NAMED_SIZES:
        return _NAMED_SIZES[text.lower()]
    width, by, height = text.partition("x")
    if not (by and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"must be WIDTHxHEIGHT in pixels, got {text!r}")
    return int(width), int(height)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be positive, got {text!r}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    if options.quick:
        options.scenario, options.size = _SCENARIOS, [(128, 128)]
        options.other_size = (128, 128)
        options.batch, options.workers, options.processes = [1, 2], [1, 2], 2
    effort = Effort(options.runs, options.seconds, options.most_seconds)
    effort = QUICK if options.quick else effort
    device = runtime.Hider(options.model[0], device=options.device).device
    gates = [gate.check(model, device) for model in options.model]
    if "passphrase" in options.scenario:
        for model in passphrase.protectable(options.model):
            gates.append(gate.check(model, device, passphrase.PASSPHRASE))
    timings: list[Timing] = []
    rejected: list[str] = []
    for scenario in tqdm(options.scenario, unit="scenario", disable=None, leave=False):
        if scenario == "batch":
            batch_timings, rejected = _batch(options, device, effort)
            timings += batch_timings
        else:
            timings += _scenario(scenario, options, device, effort)
    if not timings:
        raise ValueError("nothing was timed: none of the models takes a passphrase")
    _print_table(timings)
    _print_ratios(timings)
    _print_passphrase_ratios(timings)
    for line in rejected:
        print(f"rejected by ONNX Runtime: {line}")
    result = {
        "benchmark": "latency",
        **provenance(*options.model),
        "gates": [asdict(checked) for checked in gates],
        "refused": rejected,
        "timings": [timing.as_json() for timing in timings],
    }
    write_result(options.json, result)
    if options.plot:
        draw(result, options.plot)
    return 0


def _scenario(name: str, options: argparse.Namespace, device: str, effort: Effort) -> list[Timing]:
    timings = []
    if name == "single":
        for threads in options.threads:
            for size in options.size or _SIZES[name]:
                timings += single.measure(options.model, device, size, threads, effort)
    elif name == "passphrase":
        if models := passphrase.protectable(options.model):
            for threads in options.threads:
                for size in options.size or _SIZES[name]:
                    timings += passphrase.measure(models, device, size, threads, effort)
            timings += passphrase.derivation(effort)
    elif name == "cold":
        size = options.other_size
        timings += cold.measure(options.model, device, size, options.processes)
    elif name == "folder":
        most = 2 if options.quick else 12
        timings += folder.measure(options.model, device, options.photographs, most)
    else:
        for threads in options.threads:
            size, workers = options.other_size, options.workers
            timings += concurrent.measure(options.model, device, size, threads, workers, effort)
    return timings


def _batch(
    options: argparse.Namespace, device: str, effort: Effort
) -> tuple[list[Timing], list[str]]:
    timings: list[Timing] = []
    rejected: list[str] = []
    size, threads = options.other_size, options.threads[0]
    for batch in options.batch:
        variants = [
            graph.Variant(batch, feed, search)
            for feed in options.feed
            for search in (options.conv_search if feed != "api" else [None])
        ]
        new, lines = graph.measure(options.model, device, size, threads, variants, effort)
        timings += new
        rejected += lines
    return timings, rejected


def _print_table(timings: list[Timing]) -> None:
    print(
        f"{'scenario':11}{'model':9}{'what':8}{'size':>10} {'stage':18}{'device':>7}{'runs':>6}"
        f"{'p50 ms':>9}{'p90 ms':>9}{'p99 ms':>9}{'MP/s':>8}{'peak MB':>9}"
    )
    for t in timings:
        c = t.case
        p99 = "-" if t.p99_ms is None else f"{t.p99_ms:.1f}"
        peak = "-" if t.peak_bytes is None else f"{t.peak_bytes / 1e6:.0f}"
        size = f"{c.width}x{c.height}" if c.width else "-"
        rate = f"{t.megapixels_per_second:.2f}" if c.width else "-"
        print(
            f"{c.scenario:11}{c.model:9}{c.operation:8}{size:>10} {_stage(t):18}"
            f"{c.device:>7}{len(t.samples_ms):>6}{t.p50_ms:>9.1f}{t.p90_ms:>9.1f}{p99:>9}"
            f"{rate:>8}{peak:>9}"
        )


def _stage(t: Timing) -> str:
    c = t.case
    if c.stage:
        return c.stage
    if c.scenario == "batch":
        return f"{c.batch}, {c.feed}{f', {c.search.lower()}' if c.search else ''}"
    if c.scenario == "concurrent":
        return f"{c.workers} at once"
    return f"threads {c.threads or 'cores'}"


def _print_ratios(timings: list[Timing]) -> None:
    """How much longer the other models take than the first one, hide and reveal together."""
    total: dict[tuple[int, int, int | None], dict[str, float]] = {}
    for t in timings:
        c = t.case
        if c.scenario == "single":
            models = total.setdefault((c.width, c.height, c.threads), {})
            models[c.model] = models.get(c.model, 0.0) + t.p50_ms
    for (width, height, threads), models in total.items():
        (first, base), *others = models.items()
        for name, milliseconds in others:
            print(
                f"{width}x{height}, threads {threads or 'cores'}: hide and reveal of {name} take "
                f"{milliseconds / base:.1f} times as long as those of {first}"
            )


def _print_passphrase_ratios(timings: list[Timing]) -> None:
    """How much longer hide and reveal take with a passphrase than without."""
    medians = {t.case: t.p50_ms for t in timings}
    for c, milliseconds in medians.items():
        if c.stage == passphrase.WITH:
            ratio = milliseconds / medians[replace(c, stage=passphrase.WITHOUT)]
            print(
                f"{c.width}x{c.height}, threads {c.threads or 'cores'}: {c.operation} of {c.model} "
                f"takes {ratio:.2f} times as long with a passphrase as without, "
                "key derivation not included"
            )
