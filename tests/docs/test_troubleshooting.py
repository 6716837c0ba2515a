"""docs/troubleshooting.md explains every message in the source of runtime/."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from support import ROOT

PAGE = " ".join((ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8").split())
SOURCES = sorted((ROOT / "runtime").rglob("*.py"))
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
    if isinstance(message, ast.IfExp):
        return parts(message.body, named) + parts(message.orelse, named)
    return []


def is_shown(call: ast.Call) -> bool:
    """Whether the first argument of a call is shown to the user: an error, a note, a line."""
    name = ast.unparse(call.func)
    if name in ("cls", "notes.append", "say", "bar.write"):
        return True
    return name.endswith("Error") and name not in ("AssertionError", "ValueError")


def shown(tree: ast.Module) -> list[ast.expr]:
    """The expressions in a module whose value is shown to the user as a message."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_shown(node) and node.args:
            found.append(node.args[0])
        # Parts of a message that are put together before it is used.
        if isinstance(node, ast.Assign | ast.AugAssign):
            target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
            if ast.unparse(target) in ("note", "message", "size", "pairing"):
                found.append(node.value)
    return found


def advice(tree: ast.Module) -> list[ast.expr]:
    """All strings of a module that are not docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and isinstance(node.body[0], ast.Expr)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [node for node in constants if id(node) not in docstrings]


def messages(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = strings_of(tree)
    expressions = advice(tree) if path.name == "advice.py" else shown(tree)
    found = [part for expression in expressions for part in parts(expression, named)]
    trimmed = (part.strip(" :;,.…()'\n") for part in found)
    return [part for part in trimmed if len(part) >= _SHORTEST]


def test_messages_are_found_in_the_source():
    found = [part for path in SOURCES for part in messages(path)]
    assert len(found) > 100
    for message in ("already exists", "--overwrite replaces it", "the picture is intact"):
        assert message in " ".join(found)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_message_is_explained(path: Path):
    missing = [part for part in messages(path) if " ".join(part.split()) not in PAGE]
    assert not missing, f"docs/troubleshooting.md does not have: {missing}"


def test_every_message_has_an_answer():
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    entries = re.findall(r"\n\n`(?!`)[^\n]+\n(.?)", page)
    assert len(entries) > 60
    assert set(entries) == {":"}, "a message without an explanation under it"
