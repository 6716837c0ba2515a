"""docs/command-line.md agrees with the commands: options, codes, and the keys of JSON output."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, run_module

import runtime

TABLES = runpy.run_path(str(Path(__file__).with_name("option_tables.py")))
PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
OBJECTS = [json.loads(found) for found in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def section(heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def shape(value: Any) -> Any:
    """The keys, and the types of the values; integers and floats are the same type."""
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return float if isinstance(value, int | float) else type(value)


def test_option_tables_match_the_parsers():
    assert TABLES["updated"](PAGE) == PAGE, "run python tests/docs/option_tables.py"
    for command in ("hide", "reveal", "capacity", "serve", "doctor"):
        assert TABLES["table"](command) in PAGE


@pytest.mark.parametrize("command", ["hide", "reveal", "capacity", "serve", "doctor"])
def test_help_lists_the_options_of_the_table(command: str):
    said = run_module("runtime", command, "--help").stdout
    wanted = set(re.findall(r"--[a-z][a-z-]*", TABLES["table"](command)))
    found = set(re.findall(r"--[a-z][a-z-]*", said))
    assert wanted == found - {"--help"} and "--device" in wanted


def test_json_matches_the_examples(photographs: Path, tmp_path: Path):
    cover, secret = photographs / "covers" / "coffee.png", photographs / "secrets"
    made = run_module(
        *("runtime", "hide", cover, secret / "secret-rocket.png", "-o", tmp_path / "c.png"),
        *("--verify", "--json"),
    )
    failed = run_module("runtime", "reveal", cover, "-o", tmp_path / "r.png", "--json")
    holds = run_module(
        *("runtime", "capacity", cover, secret / "secret-rocket.png", "--bits", "2", "--json")
    )
    assert (made.returncode, failed.returncode, holds.returncode) == (0, 1, 0)
    found = [json.loads(each.stdout) for each in (made, failed, holds)]
    assert [shape(each) for each in found] == [shape(each) for each in OBJECTS]
    assert [each["status"] for each in found[:2]] == [each["status"] for each in OBJECTS[:2]]
    assert found[1]["error"]["code"] == OBJECTS[1]["error"]["code"]
    keys = section("JSON")
    for key in {*found[0], *found[1], *found[2], *found[0]["payload"], *found[2]["settings"][0]}:
        assert f"`{key}`" in keys
    for stage in found[0]["seconds"]:
        assert f"`{stage}`" in keys


def test_planned_and_doctor_objects(photographs: Path, tmp_path: Path):
    covers, secrets = photographs / "covers", photographs / "secrets"
    planned = run_module(
        "runtime", "hide", covers, secrets, "-o", tmp_path / "out", "--dry-run", "--json"
    )
    lines = [json.loads(line) for line in planned.stdout.splitlines()]
    assert [set(line) for line in lines] == [
        {"status", "cover", "secret", "container", "payload", "error"}
    ] * 3
    report = json.loads(run_module("runtime", "doctor", "--json").stdout)
    assert set(report) == {"healthy", "findings"}
    assert all(set(finding) == {"name", "value", "problem"} for finding in report["findings"])


def test_every_error_code_is_documented():
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| `(\w+)` \|", section("Error codes"), re.MULTILINE))
    errors = {
        error.code: name
        for name in runtime.__all__
        if isinstance(error := getattr(runtime, name), type)
        and issubclass(error, runtime.PlainsightError)
        and error is not runtime.PlainsightError
    }
    assert rows == errors


def test_the_tree_of_errors_is_that_of_the_module():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    tree = re.search(r"```text\n(PlainsightError\n.*?)```", page, re.DOTALL)
    assert tree and tree[1] in (runtime.errors.__doc__ or "")
    names = set(re.findall(r"\w+Error", tree[1]))
    assert names == {name for name in runtime.__all__ if name.endswith("Error")}


def test_exit_codes(photographs: Path, tmp_path: Path):
    documented = re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)
    assert documented == ["0", "1", "2", "3", "130"]
    cover = photographs / "covers" / "coffee.png"
    for code, arguments in (
        (0, (cover, cover, "-o", tmp_path / "c.png", "--dry-run")),
        (1, (cover, photographs / "covers" / "coffee.png", "-o", cover.parent / "chelsea.png")),
        (2, (cover, cover, "-o", tmp_path / "c.jpg")),
        (3, (cover, cover, "-o", tmp_path / "c.png", "--device", "cuda:31")),
    ):
        assert run_module("runtime", "hide", *arguments).returncode == code
