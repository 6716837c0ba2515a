"""docs/troubleshooting.md explains every message in the source of runtime/."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from support import ROOT

PAGE = " ".join((ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8").split())
# Messages with names or numbers in them are looked up in parts; shorter parts prove nothing.
_SHORTEST = 12


def strings_of(tree: ast.Module) -> dict[str, ast.expr]:
    """A module's constants, by name."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def parts(message: ast.expr, named: dict[str, ast.expr]) -> list[str]:
    """The constant parts of a message."""
    if isinstance(message, ast.Name):
        return parts(named[message.id], named) if message.id in named else []
    if isinstance(message, ast.Constant):
        return [message.value] if isinstance(message.value, str) else []
    if isinstance(message, ast.JoinedStr):
        found: list[str] = []
        for value in message.values:
            inner = value.value if isinstance(value, ast.FormattedValue) else value
            found += parts(inner, named)
        return found
    return []


def is_told(call: ast.Call) -> bool:
    """Whether a call creates an error, or a note about a picture."""
    if isinstance(call.func, ast.Name):
        return call.func.id.endswith("Error") and call.func.id != "AssertionError"
    attribute = isinstance(call.func, ast.Attribute)
    return attribute and ast.unparse(call.func) in ("notes.append", "argparse.ArgumentTypeError")


def messages(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = strings_of(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_told(node)]
    found = [part for call in calls if call.args for part in parts(call.args[0], named)]
    trimmed = (part.strip(" :;,.…()'\n") for part in found)
    return [part for part in trimmed if len(part) >= _SHORTEST]


def test_messages_are_found_in_the_source():
    found = [part for path in (ROOT / "runtime").glob("*.py") for part in messages(path)]
    assert len(found) > 70
    assert "is there already" in " ".join(found)


@pytest.mark.parametrize("path", sorted((ROOT / "runtime").glob("*.py")), ids=lambda p: p.name)
def test_every_message_is_explained(path: Path):
    missing = [part for part in messages(path) if " ".join(part.split()) not in PAGE]
    assert not missing, f"docs/troubleshooting.md does not have: {missing}"


def test_every_message_has_an_answer():
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    entries = re.findall(r"\n\n`(?!`)[^\n]+\n(.?)", page)
    assert len(entries) > 60
    assert set(entries) == {":"}, "a message without an explanation under it"
