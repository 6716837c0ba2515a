"""The reveal command: `python -m runtime.reveal CONTAINERS -o OUT`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from runtime._cli import add_options, guarded, report, say
from runtime._folders import run_reveal
from runtime._passphrase import add_passphrase_options, passphrase_of, refuse_values
from runtime._pictures import LOSSY_EXTENSIONS
from runtime._plan import plan_reveal
from runtime._revealer import Revealer


def main(arguments: list[str] | None = None, prog: str = "python -m runtime.reveal") -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog=prog, allow_abbrev=False, description="Reveal the pictures that containers hold."
    )
    parser.add_argument(
        "containers", metavar="CONTAINERS", help="container, or folder of containers"
    )
    add_options(parser)
    add_passphrase_options(parser)
    given = sys.argv[1:] if arguments is None else arguments
    if said := refuse_values(given):
        parser.error(said)
    options = parser.parse_args(given)
    return guarded(lambda: _reveal(options))


def _reveal(options: argparse.Namespace) -> int:
    jobs = plan_reveal(Path(options.containers), Path(options.out))
    lossy = [job.container for job in jobs if job.container.suffix.lower() in LOSSY_EXTENSIONS]
    if lossy:
        say(
            f"warning: {lossy[0]}"
            + (f" and {len(lossy) - 1} more" if len(lossy) > 1 else "")
            + ": lossy files seldom still hold what was hidden in them"
        )
    passphrase = passphrase_of(options, twice=False)
    revealer = Revealer(options.model, device=options.device, threads=options.threads)
    say(f"model {revealer.model} on {revealer.device} ({revealer.device_reason})")
    results = run_reveal(revealer, jobs, options.overwrite, passphrase)
    return report(results, len(jobs), "revealed", options.out)


if __name__ == "__main__":
    sys.exit(main())
