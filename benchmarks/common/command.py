"""What the benchmark commands share: common arguments, error handling, and writing the outcome."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import runtime
from benchmarks.common.results import Result, write_result


class GateError(Exception):
    """What was measured does not work as it should, so its figures are not worth writing."""


def guarded(command: Callable[[], int]) -> int:
    """Runs a command; turns its errors into one line on stderr and an exit code."""
    try:
        return command()
    except runtime.DeviceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except (runtime.PlainsightError, GateError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        backend = os.environ.get("KERAS_BACKEND")
        if error.name == backend:
            advice = "KERAS_BACKEND asks for it"
        else:
            advice = "pip install -e '.[bench]'"
        print(f"error: {error.name} is not installed; {advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130


def measurement_parser(
    name: str, description: str | None, *, plot: str, quick: str
) -> argparse.ArgumentParser:
    """A parser with the arguments of all benchmarks that measure models on photographs.

    Args:
        name: Name of the benchmark.
        description: For its help.
        plot: What the plot shows.
        quick: What `--quick` does.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=description)
    parser.add_argument(
        "photographs",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="folder of photographs (default: four that scikit-image includes)",
    )
    add_models(parser)
    add_outputs(parser, plot)
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="keep intermediate results here, so that an interrupted run can continue",
    )
    parser.add_argument("--quick", action="store_true", help=quick)
    return parser


def add_models(parser: argparse.ArgumentParser) -> None:
    """Adds the models to measure, as `model`: a list of names, or None for all."""
    parser.add_argument(
        "--model",
        nargs="+",
        help="names or folders (default: the included ones whose containers are kept losslessly)",
    )


def add_outputs(parser: argparse.ArgumentParser, plot: str | None = None) -> None:
    """Adds where the outcome goes, as `json` and, if there is a plot to describe, `plot`."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file")
    if plot:
        parser.add_argument("--plot", type=Path, metavar="PNG", help=f"draw {plot} to this file")


def source_of(options: argparse.Namespace) -> str:
    """What a result file calls the photographs that it was measured on."""
    return options.photographs.name if options.photographs else "scikit-image"


def finish(
    options: argparse.Namespace,
    result: Result,
    table: str,
    draw: Callable[[dict[str, Any], Path], None],
) -> int:
    """Prints the table, writes the result and the plot if asked to; returns the exit code."""
    print(table)
    write_result(options.json, result)
    if options.plot:
        draw(result, options.plot)
    return 0
