"""The reveal command: `python -m runtime.reveal CONTAINERS -o OUT`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from runtime.batch.folders import run_reveal, threads_each
from runtime.batch.plan import RevealJob, plan_reveal
from runtime.cli.options import add_file_options, add_search_option, batch_options_of
from runtime.cli.passphrase import passphrase_of
from runtime.cli.report import list_line, report, say_left_out, warn_of_open_passphrase
from runtime.cli.run import DONE, interruptible, quiet_libraries, run_command, say
from runtime.images.formats import FORMATS, LOSSLESS
from runtime.revealer import Revealer

DESCRIPTION = "Reveal the pictures that containers hold."


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "containers",
        type=Path,
        metavar="CONTAINERS",
        help="container, folder of containers, or - for standard input",
    )
    add_file_options(
        parser,
        list(FORMATS.values()),
        LOSSLESS,
        "of revealed files, losslessly converted if need be (default: the secret's own file as it "
        "is, where the container carries that, else png)",
        None,
    )
    add_search_option(parser)


def run(options: argparse.Namespace) -> int:
    """Runs the command; returns its exit code."""
    batch = batch_options_of(options)
    plan = plan_reveal(options.containers, options.out, options.format)
    jobs = plan.jobs[: options.limit]
    if options.dry_run:
        return _print_plan(jobs, options.json)
    threads = threads_each(options.threads, len(jobs))
    revealer = Revealer(
        options.model,
        device=options.device,
        threads=threads,
        max_pixels=batch.max_pixels,
        search=options.search,
    )
    if not options.quiet:
        several = "s" if ", " in revealer.model else ""
        say(f"model{several} {revealer.model} on {revealer.device} ({revealer.device_reason})")
        say_left_out(plan.left_out)
    passphrase = passphrase_of(options, twice=False)
    warn_of_open_passphrase(options)
    with quiet_libraries(), interruptible() as stop:
        results = run_reveal(revealer, jobs, batch, passphrase, stop)
        return report(results, len(jobs), "revealed", options, stop)


def _print_plan(jobs: tuple[RevealJob, ...], as_json: bool) -> int:
    for job in jobs:
        if as_json:
            paths = {"container": str(job.container), "revealed": str(job.revealed)}
            print(json.dumps({"status": "planned", **paths}))
        else:
            list_line(f"{job.container} -> {job.revealed}")
    say(f"{len(jobs)} would be revealed; nothing was done")
    return DONE


def main(arguments: list[str] | None = None) -> int:
    """Parses arguments and runs the command; returns its exit code."""
    return run_command(configure, run, arguments, "python -m runtime.reveal", DESCRIPTION)


if __name__ == "__main__":
    sys.exit(main())
