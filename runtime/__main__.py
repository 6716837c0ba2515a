"""The `plainsight` command, also `python -m runtime`: picks a command by its name."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys

from runtime import hide, reveal

_COMMANDS = {"hide": hide.main, "reveal": reveal.main}


def main(arguments: list[str] | None = None) -> int:
    """Runs `plainsight hide ...` or `plainsight reveal ...`; returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in _COMMANDS:
        return _COMMANDS[given[0]](given[1:], f"plainsight {given[0]}")
    parser = argparse.ArgumentParser(
        prog="plainsight",
        description="Hide a picture inside a picture, and get it back.",
        epilog="plainsight COMMAND --help says what a command takes.",
    )
    version = importlib.metadata.version("plainsight")
    parser.add_argument("--version", action="version", version=f"plainsight {version}")
    parser.add_argument("command", metavar="COMMAND", choices=list(_COMMANDS), help="hide, reveal")
    parser.parse_args(given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
