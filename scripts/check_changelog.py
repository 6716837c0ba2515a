"""Checks that the changelog says something of the version, in its own section once released.

Until a version is released, `[Unreleased]` must not be empty; with RELEASE=1, the version's own
section must be there, with a date and not empty.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def problem(changelog: str, version: str, *, release: bool) -> str | None:
    """What is wrong with the changelog, or None."""
    sections = dict(re.findall(r"^## (\[.+?)\n(.*?)(?=^## \[|\Z)", changelog, re.M | re.S))
    own = [name for name in sections if name.startswith(f"[{version}] - ")]
    if not own and release:
        return f"CHANGELOG.md has no section for {version}"
    name = own[0] if own else "[Unreleased]"
    if not re.search(r"^- ", sections.get(name, ""), re.M):
        return f"CHANGELOG.md says nothing under {name}"
    if own and not re.fullmatch(r"\[.+\] - \d{4}-\d\d-\d\d", name):
        return f"CHANGELOG.md has no date in {name}"
    return None


def main() -> int:
    """Prints what is wrong; returns 1 if anything is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    wrong = problem(text, project["version"], release=os.environ.get("RELEASE") == "1")
    if wrong:
        print(wrong, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
