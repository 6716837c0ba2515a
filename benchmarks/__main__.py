"""`python -m benchmarks NAME`: picks a benchmark by its name."""

from __future__ import annotations

import argparse
import importlib
import sys

from benchmarks.command import guarded

_BENCHMARKS = {
    "latency": "how long hide and reveal take, and how much memory",
    "compare": "two latency or quality results: what got worse",
    "quality": "cover and revealed PSNR and SSIM through files, beside baselines",
    "survival": "what is revealed after JPEG, resizing and other changes",
    "detectability": "what steganalysis finds",
    "cost": "parameters, multiply-accumulates, file sizes",
    "sheet": "a contact sheet of the ways of hiding, side by side",
    "panel": "covers, containers, revealed secrets and differences of a model",
    "tables": "the tables of README.md and docs/evidence.md, from results/*.json",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the named benchmark; returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in _BENCHMARKS:
        # One alone: what the others need may not be installed.
        name = given[0]
        return guarded(lambda: importlib.import_module(f"benchmarks.{name}").main(given[1:]))
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="\n".join(f"{name:15}{what}" for name, what in _BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=list(_BENCHMARKS), help="the benchmark to run")
    parser.parse_args(given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
