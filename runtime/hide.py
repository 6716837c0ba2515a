"""The hide command: `python -m runtime.hide COVERS SECRETS -o OUT`."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from runtime.batch.capacity import CapacityResult
from runtime.batch.folders import run_capacity, run_hide, threads_each
from runtime.batch.options import BatchOptions
from runtime.batch.plan import STANDARD, HidePlan, plan_hide
from runtime.cli.advice import with_advice
from runtime.cli.hiding import add_hiding_options, hiding_options_of, is_verified
from runtime.cli.options import (
    add_file_options,
    batch_options_of,
    scheme_options_of,
)
from runtime.cli.passphrase import passphrase_of
from runtime.cli.report import (
    in_words,
    list_line,
    report,
    say_left_out,
    warn_of_open_passphrase,
)
from runtime.cli.run import (
    DONE,
    INTERRUPTED,
    SOME_FAILED,
    interruptible,
    quiet_libraries,
    run_command,
    say,
)
from runtime.engine.models import load_model
from runtime.hider import Hider
from runtime.images.formats import FORMATS
from runtime.results import error_as_json, payload_as_json
from runtime.revealer import Revealer
from runtime.schemes import container_formats, scheme_of

DESCRIPTION = (
    "Hide pictures in pictures. One secret serves all covers; two folders are paired by relative "
    "name if every cover has a namesake, otherwise in sorted order."
)
_SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "covers",
        type=Path,
        metavar="COVERS",
        help="picture, folder of pictures, or - for standard input: what is seen",
    )
    parser.add_argument(
        "secrets",
        type=Path,
        metavar="SECRETS",
        help="picture, folder of pictures, or - for standard input: what is hidden",
    )
    add_hiding_options(parser)
    written = container_formats()
    add_file_options(
        parser,
        [FORMATS[name] for name in written],
        written,
        "of files in a folder (default: png, or jpeg for a model whose containers survive it)",
    )
    parser.add_argument(
        "--separate-salts",
        action="store_true",
        help="derive a new key for each file, so that nobody can tell that files were hidden "
        "together; takes about a tenth of a second more per file",
    )


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code."""
    batch = batch_options_of(options, **hiding_options_of(options))
    formats = scheme_of(load_model(options.model)).container_formats
    plan = plan_hide(options.covers, options.secrets, options.out, options.format, formats)
    plan = replace(plan, jobs=plan.jobs[: options.limit])
    threads = threads_each(options.threads, len(plan.jobs))
    hider = Hider(
        options.model,
        device=options.device,
        threads=threads,
        share_salt=not options.separate_salts,
        **scheme_options_of(options),
    )
    if options.dry_run:
        return _print_plan(plan, hider, batch, options)
    verifier = None
    if is_verified(options):
        verifier = Revealer(
            options.model, device=options.device, threads=threads, max_pixels=batch.max_pixels
        )
    if not options.quiet:
        say(f"model {hider.model} on {hider.device} ({hider.device_reason})")
        _say_plan(plan)
        say_left_out(plan.left_out)
    passphrase = passphrase_of(options, twice=True)
    warn_of_open_passphrase(options)
    with quiet_libraries(), interruptible() as stop:
        results = run_hide(hider, plan.jobs, batch, passphrase, verifier, stop)
        return report(results, len(plan.jobs), "hidden", options, stop)


def _print_plan(
    plan: HidePlan, hider: Hider, batch: BatchOptions, options: argparse.Namespace
) -> int:
    """Prints what would be done, and what each secret would become; returns the exit code."""
    failed = exact = 0
    with quiet_libraries(), interruptible() as stop:
        forecasts = _forecasts(plan, hider, batch, stop)
        for job, forecast in zip(plan.jobs, forecasts, strict=False):
            payload, error = forecast.payload, forecast.error
            failed += error is not None
            exact += payload is not None and payload.exact
            if options.json:
                paths = {name: str(getattr(job, name)) for name in ("cover", "secret", "container")}
                more = {
                    "payload": payload and payload_as_json(payload),
                    "error": error and error_as_json(error),
                }
                print(json.dumps({"status": "planned", **paths, **more}), flush=True)
            else:
                line = f"{job.secret} -> {job.cover} -> {job.container}"
                list_line(f"{line}: {in_words(payload)}" if payload else line)
            if error is not None:
                say(f"error: {with_advice(error)}")
        if stop.is_set():
            return INTERRUPTED
    line = f"{len(plan.jobs) - failed} would be hidden"
    line += f", {exact} of them bit for bit" if exact else ""
    say(f"{line}; {plan.pairing}; nothing was done")
    return SOME_FAILED if failed else DONE


def _forecasts(
    plan: HidePlan, hider: Hider, batch: BatchOptions, stop: threading.Event
) -> Iterator[CapacityResult]:
    pairs = [(job.cover, job.secret) for job in plan.jobs]
    if any(STANDARD in pair for pair in pairs):
        # Left for the run itself: it can be read only once.
        return (CapacityResult(*pair, hider.model) for pair in pairs)
    return run_capacity(hider, pairs, batch, every=False, stop=stop)


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
