"""Code blocks in the documentation are valid: shell commands, JSON and Python, which also runs."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from support import ROOT, photograph, run_module, save

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
RUN = ("README.md", "docs/index.md", "docs/api.md")
_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_HAS_COMMANDS = ("runtime", "runtime.distributed", "benchmarks")


def fences(*languages: str) -> list[pytest.param]:
    found = []
    for page in PAGES:
        content = page.read_text(encoding="utf-8")
        for number, match in enumerate(_FENCE.finditer(content)):
            name = page.relative_to(ROOT).as_posix()
            if match[1] in languages:
                found.append(pytest.param(name, match[2], id=f"{name}-{number}"))
    return found


def commands(script: str) -> Iterator[list[str]]:
    """The simple commands of a script, as words."""
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.whitespace = " \t"
    words: list[str] = []
    for word in lexer:
        if set(word) <= set("();<>|&\n"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


@cache
def known_options(*module: str) -> frozenset[str]:
    said = run_module(*module, "--help")
    assert said.returncode == 0, said.stderr
    return frozenset(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", said.stdout))


@pytest.mark.parametrize(("page", "script"), fences("sh", "bash"))
def test_shell(page: str, script: str):
    checked = subprocess.run(
        ["bash", "-n"], input=script, capture_output=True, text=True, timeout=30, check=False
    )
    assert checked.returncode == 0, f"{page}: {checked.stderr}"
    for line in script.replace("\\\n", " ").splitlines():
        for words in commands(line):
            if words[:1] == ["plainsight"]:
                words = ["python", "-m", "runtime", *words[1:]]
            if words[:2] == ["python", "-m"] and is_ours(words[2]):
                check_options(words[2:])
            elif words[:1] == ["python"] and words[1].endswith(".py"):
                assert (ROOT / words[1]).is_file(), f"{page}: {words[1]}"
            elif words and words[0].startswith("scripts/"):
                assert (ROOT / words[0]).is_file(), f"{page}: {words[0]}"


def is_ours(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def check_options(words: list[str]) -> None:
    module = words[:1]
    if module[0] in _HAS_COMMANDS and words[1:] and not words[1].startswith("-"):
        module = words[:2]
    used = {word.partition("=")[0] for word in words[len(module) :] if re.match(r"--?[a-z]", word)}
    unknown = used - known_options(*module) if used else None
    assert not unknown, f"{' '.join(words)}: no such options: {unknown}"


def test_a_wrong_option_is_detected():
    with pytest.raises(AssertionError, match="--nonsense"):
        check_options(["runtime", "hide", "A", "B", "--nonsense"])
    assert is_ours("runtime.hide") and is_ours("runtime") and not is_ours("pytest")
    with pytest.raises(AssertionError, match="--nonsense"):
        check_options(["runtime.hide", "COVERS", "SECRETS", "--bits", "1", "--nonsense=3"])
    assert list(commands("a -b | c 'd e' && f")) == [["a", "-b"], ["c", "d e"], ["f"]]


@pytest.mark.parametrize(("page", "code"), fences("python"))
def test_python_is_valid(page: str, code: str):
    ast.parse(code, page)


@pytest.mark.parametrize(("page", "content"), fences("json"))
def test_json_is_valid(page: str, content: str):
    assert json.loads(content), page


@pytest.mark.parametrize(("page", "code"), [p for p in fences("python") if p.values[0] in RUN])
def test_python_runs(page: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs where a reader would: beside small photographs with the names that pages use."""
    for root in (tmp_path, tmp_path / "photos"):
        for name in ("coffee", "astronaut"):
            save(root / "covers" / f"{name}.png", photograph(name, 64, 96))
            save(root / "secrets" / f"{name}.png", photograph(name, 64, 96))
        save(root / "secrets" / "rocket.png", photograph("rocket", 64, 96))
    monkeypatch.chdir(tmp_path)
    names = {"cover": photograph("coffee", 64, 96), "secret": photograph("rocket", 64, 96)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(code, page, "exec"), names)
