"""`python -m benchmarks NAME`: picks a benchmark by its name."""

from __future__ import annotations

import argparse
import sys

from benchmarks import latency, panel, quality

_BENCHMARKS = {"latency": latency.main, "panel": panel.main, "quality": quality.main}


def main(arguments: list[str] | None = None) -> int:
    """Runs the named benchmark; returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in _BENCHMARKS:
        return _BENCHMARKS[given[0]](given[1:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=list(_BENCHMARKS), help="the benchmark to run")
    parser.parse_args(given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
