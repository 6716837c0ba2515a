"""`python -m benchmarks NAME`: runs a benchmark by its name."""

from __future__ import annotations

import argparse
import importlib
import sys

from benchmarks.common.command import guarded

_BENCHMARKS = {
    "latency": ("latency.command", "how long hide and reveal take, and how much memory"),
    "compare": ("report.compare", "compares two latency or quality results"),
    "quality": ("quality.command", "PSNR and SSIM through files, beside baselines"),
    "exact": ("exact.command", "JPEG photographs that come back byte for byte, and how fast"),
    "survival": ("survival.command", "what is revealed after JPEG, resizing and other distortions"),
    "detectability": ("detectability.command", "what steganalysis finds"),
    "embedding": ("embedding.command", "quality, time and efficiency of quiet"),
    "judges": ("detectability.judges.command", "what detectors of others find of quiet"),
    "service": ("service.command", "the web service under load, and thousands of bad requests"),
    "cost": ("cost.command", "parameters, multiply-accumulates, file sizes"),
    "cluster": ("cluster.command", "memory, rates and sizes of a cluster"),
    "sheet": ("report.sheet", "a contact sheet of all configurations, side by side"),
    "panel": ("report.panel", "covers, containers, revealed secrets and differences of a model"),
    "tables": ("report.tables", "writes the tables of README.md, SECURITY.md and docs"),
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the named benchmark; returns its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in _BENCHMARKS:
        # Imports only this one: packages that the others need may not be installed.
        module, _ = _BENCHMARKS[words[0]]
        return guarded(lambda: _main_of(module, words[1:]))
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="\n".join(f"{name:15}{text}" for name, (_, text) in _BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=list(_BENCHMARKS), help="the benchmark to run")
    parser.parse_args(words)
    return 0


def _main_of(module: str, arguments: list[str]) -> int:
    return int(importlib.import_module(f"benchmarks.{module}").main(arguments))


if __name__ == "__main__":
    sys.exit(main())
