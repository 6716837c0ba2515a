"""The hide command: `python -m runtime.hide COVERS SECRETS -o OUT`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from runtime._cli import (
    DONE,
    add_file_options,
    handling_of,
    interruptible,
    list_line,
    quiet_libraries,
    report,
    run_command,
    say,
)
from runtime._folders import run_hide, threads_each
from runtime._hider import Hider
from runtime._jobs import REVEALED_FLOOR
from runtime._passphrase import passphrase_of
from runtime._plan import HidePlan, plan_hide
from runtime._revealer import Revealer

DESCRIPTION = (
    "Hide pictures in pictures. One secret serves all covers; two folders are paired by relative "
    "name where every cover has its namesake, else in sorted order."
)
_SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "covers", type=Path, metavar="COVERS", help="picture, folder of pictures, or -, to show"
    )
    parser.add_argument(
        "secrets", type=Path, metavar="SECRETS", help="picture, folder of pictures, or -, to hide"
    )
    parser.add_argument(
        "--bits",
        type=int,
        metavar="1|2|3",
        help="payload of clear, in bits a sample: more reveal a better secret and change the cover "
        "more (default: 2)",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read each file back and reveal it before it gets its name",
    )
    parser.add_argument(
        "--verify-floor",
        type=float,
        default=REVEALED_FLOOR,
        metavar="DB",
        help="least PSNR of a revealed secret for --verify (default: %(default)g)",
    )
    parser.add_argument(
        "--convert", action="store_true", help="make 8 bits of covers that have more a sample"
    )
    parser.add_argument(
        "--keep-metadata",
        action="store_true",
        help="keep the EXIF of covers, place and camera included",
    )
    add_file_options(parser)
    parser.add_argument(
        "--separate-salts",
        action="store_true",
        help="derive a key for each file anew, so that nobody can tell that files were hidden "
        "together; slower by about a tenth of a second a file",
    )


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code."""
    handling = replace(
        handling_of(options),
        convert=options.convert,
        keep_metadata=options.keep_metadata,
        verify_floor=options.verify_floor,
    )
    plan = plan_hide(options.covers, options.secrets, options.out, options.format)
    plan = replace(plan, jobs=plan.jobs[: options.limit])
    if options.dry_run:
        return _tell(plan, options.json)
    threads = threads_each(options.threads, len(plan.jobs))
    hider = Hider(
        options.model,
        bits=options.bits,
        device=options.device,
        threads=threads,
        share_salt=not options.separate_salts,
    )
    verifier = None
    if options.verify:
        verifier = Revealer(
            options.model,
            device=options.device,
            threads=threads,
            max_pixels=handling.max_pixels,
        )
    if not options.quiet:
        say(f"model {hider.model} on {hider.device} ({hider.device_reason})")
        _say_plan(plan)
    passphrase = passphrase_of(options, twice=True)
    with quiet_libraries(), interruptible() as stop:
        results = run_hide(hider, plan.jobs, handling, passphrase, verifier, stop)
        return report(results, len(plan.jobs), "hidden", options, stop)


def _tell(plan: HidePlan, as_json: bool) -> int:
    for job in plan.jobs:
        if as_json:
            paths = {name: str(getattr(job, name)) for name in ("cover", "secret", "container")}
            print(json.dumps({"status": "planned", **paths}))
        else:
            list_line(f"{job.secret} -> {job.cover} -> {job.container}")
    say(f"{len(plan.jobs)} would be hidden; {plan.pairing}; nothing was done")
    return DONE


def _say_plan(plan: HidePlan) -> None:
    say(f"covers: {len(plan.jobs)}; {plan.pairing}")
    for job in plan.jobs[:_SHOWN]:
        say(f"  {job.secret} -> {job.cover}")
    if len(plan.jobs) > _SHOWN:
        say(f"  and {len(plan.jobs) - _SHOWN} more")


def main(arguments: list[str] | None = None) -> int:
    """Parses arguments and runs the command; returns its exit code."""
    return run_command(configure, run, arguments, "python -m runtime.hide", DESCRIPTION)


if __name__ == "__main__":
    sys.exit(main())
