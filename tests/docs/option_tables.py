"""Writes the option tables of docs/command-line.md from the commands' own parsers.

Run `python tests/docs/option_tables.py` after changing options; until then a test fails.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
_BETWEEN = re.compile(r"(<!-- options of (\w+): .*?-->\n).*?(<!-- end -->)", re.DOTALL)


def updated(page: str) -> str:
    """The page, with tables that match the parsers."""
    return _BETWEEN.sub(lambda found: f"{found[1]}\n{table(found[2])}\n{found[3]}", page)


def table(command: str) -> str:
    """A table of a command's arguments, in the order of its own help."""
    rows = ["| option | meaning |", "|---|---|"]
    for action in parser_of(command)._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        names = ", ".join(f"{name}{_value(action)}" for name in action.option_strings)
        said = (action.help or "") % {**vars(action), "prog": command}
        said = said.replace("|", "&#124;")
        rows.append(f"| <code>{names or _value(action).strip()}</code> | {said} |")
    return "\n".join(rows) + "\n"


def parser_of(command: str) -> argparse.ArgumentParser:
    """The parser of `plainsight COMMAND`."""
    module = importlib.import_module(f"runtime.{command}")
    parser = argparse.ArgumentParser(prog=f"plainsight {command}", allow_abbrev=False)
    module.configure(parser)
    return parser


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    choices = "|".join(map(str, action.choices)) if action.choices else None
    name = str(action.metavar or choices or action.dest.upper())
    return " " + name.replace("|", "&#124;")


def main() -> int:
    """Rewrites the page; returns its exit code."""
    before = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(updated(before), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
