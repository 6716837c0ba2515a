"""`python -m runtime.distributed hide|reveal`: folders and buckets, on a Ray cluster."""

from __future__ import annotations

import argparse
import sys

from runtime.cli.run import run_parser
from runtime.distributed.options import configure_hide, configure_reveal
from runtime.distributed.run import run

_COMMANDS = {
    "hide": (configure_hide, "Hide pictures in pictures on a Ray cluster."),
    "reveal": (configure_reveal, "Reveal the pictures that containers hold, on a Ray cluster."),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m runtime.distributed",
        description="Hide and reveal on a Ray cluster, from and to folders and object stores.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (configure, description) in _COMMANDS.items():
        command = commands.add_parser(
            name, help=description, description=description, allow_abbrev=False
        )
        configure(command)
        command.set_defaults(run=run, command=name)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run_parser(_parser, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
