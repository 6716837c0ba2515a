"""The capacity command: `python -m runtime.capacity COVERS [SECRET]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.batch.capacity import CapacityResult, capacity_as_json
from runtime.batch.folders import run_capacity, threads_each
from runtime.batch.listing import Listing, list_pictures
from runtime.batch.pictures import STANDARD_INPUT
from runtime.batch.plan import STANDARD
from runtime.cli.advice import with_advice
from runtime.cli.options import (
    add_device_options,
    add_output_options,
    add_reading_options,
    add_scheme_options,
    add_strip_metadata,
    max_pixels_of,
    scheme_options_of,
)
from runtime.cli.report import in_words, list_line, say_left_out
from runtime.cli.run import (
    DONE,
    INTERRUPTED,
    SOME_FAILED,
    interruptible,
    quiet_libraries,
    run_command,
    say,
)
from runtime.errors import UsageError
from runtime.hider import Hider
from runtime.pipeline import FileOptions
from runtime.schemes import Capacity, all_options

DESCRIPTION = (
    "Show what covers hold. With a secret, also what it would become in each of them, without "
    "hiding it: the same bit for bit, or about how good a picture."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "covers",
        type=Path,
        metavar="COVERS",
        help="picture, folder of pictures, or - for standard input",
    )
    parser.add_argument(
        "secret",
        type=Path,
        nargs="?",
        metavar="SECRET",
        help="picture that would be hidden, or - for standard input",
    )
    add_scheme_options(parser)
    add_strip_metadata(parser)
    add_reading_options(parser)
    add_device_options(parser)
    add_output_options(parser)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code."""
    if options.covers == options.secret == STANDARD:
        raise UsageError("cover and secret cannot both come from standard input")
    covers = _list(options.covers, "cover")
    if options.secret is not None and _list(options.secret, "secret").pictures != (options.secret,):
        raise UsageError(f"{options.secret} is a folder; name one secret")
    reading = FileOptions(
        convert=True,  # which does not change what they hold
        strip_metadata=options.strip_metadata,
        accept_damaged=options.accept_damaged,
        max_pixels=max_pixels_of(options),
    )
    given = {name: each for name, each in scheme_options_of(options).items() if each is not None}
    threads = threads_each(options.threads, len(covers.pictures))
    hider = Hider(options.model, device=options.device, threads=threads, **given)
    if not options.quiet:
        say_left_out(covers.left_out)
    pairs = [(cover, options.secret) for cover in covers.pictures]
    failed = False
    with quiet_libraries(), interruptible() as stop:
        for result in run_capacity(hider, pairs, reading, stop=stop):
            settings = [each for each in result.settings if _is_wanted(each, given)]
            _print(replace(result, settings=tuple(settings)), options.json)
            failed |= result.error is not None
        if stop.is_set():
            return INTERRUPTED
    return SOME_FAILED if failed else DONE


def _list(source: Path, what: str) -> Listing:
    return Listing((source,)) if source == STANDARD else list_pictures(source, what)


def _is_wanted(setting: Capacity, given: Mapping[str, Any]) -> bool:
    """Whether a setting has the options that were given; all have, where none was."""
    return all(given.get(name, value) == value for name, value in setting.options.items())


def _print(result: CapacityResult, as_json: bool) -> None:
    if result.error is not None:
        say(f"error: {with_advice(result.error)}")
    if as_json:
        print(json.dumps(capacity_as_json(result)), flush=True)
    elif result.size is not None:
        height, width = result.size
        cover = STANDARD_INPUT if result.cover == STANDARD else result.cover
        list_line(f"{cover}: {width} x {height} pixels")
        if not result.settings:
            list_line(f"  {result.model} hides any secret in it")
        digits = max((len(f"{setting.size:,}") for setting in result.settings), default=0)
        specs = {name: declared[0][1] for name, declared in all_options().items()}
        for setting in result.settings:
            chosen = [specs[name].as_arguments(each) for name, each in setting.options.items()]
            line = f"  {' '.join(filter(None, chosen))}: {setting.size:>{digits},} bytes"
            if setting.payload is not None:
                line += f"; the secret as {in_words(setting.payload)}"
            list_line(line if setting.problem is None else f"{line}; {setting.problem}")


def main(arguments: list[str] | None = None) -> int:
    """Parses arguments and runs the command; returns its exit code."""
    return run_command(configure, run, arguments, "python -m runtime.capacity", DESCRIPTION)


if __name__ == "__main__":
    sys.exit(main())
