"""The `plainsight` command, also `python -m runtime`, and what it can be told to do."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys

from runtime import capacity, doctor, hide, reveal, serve
from runtime.cli.run import DONE, run_parser

_COMMANDS = {
    "hide": hide,
    "reveal": reveal,
    "capacity": capacity,
    "serve": serve,
    "doctor": doctor,
}
_SHELLS = ("bash", "zsh", "tcsh")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plainsight",
        description="Hide a picture inside a picture, and get it back.",
        epilog="plainsight COMMAND --help shows a command's options.",
        allow_abbrev=False,
    )
    version = importlib.metadata.version("plainsight-onnx")
    parser.add_argument("--version", action="version", version=f"plainsight {version}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, module in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=module.DESCRIPTION.partition(".")[0],
            description=module.DESCRIPTION,
            allow_abbrev=False,
        )
        module.configure(command)
        command.set_defaults(run=module.run)
    completion = commands.add_parser(
        "completion",
        help="Print a script for command completion in a shell",
        description='Print a completion script for a shell: eval "$(plainsight completion bash)"',
    )
    completion.add_argument("shell", choices=_SHELLS)
    completion.set_defaults(run=_complete)
    return parser


def _complete(options: argparse.Namespace) -> int:
    import shtab

    print(shtab.complete(_parser(), shell=options.shell))
    return DONE


def main(arguments: list[str] | None = None) -> int:
    """Runs `plainsight COMMAND ...`; returns its exit code."""
    return run_parser(_parser, sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
