"""The arrows of the house: who may import whom, and that there is no circle."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from support import ROOT

PACKAGES = ("codec", "dct", "training", "export", "runtime", "benchmarks")

# Which other packages each may import. Export makes what the runtime runs, so it takes the schemes'
# declarations from there, and the payload by which it measures.
MAY_IMPORT = {
    "codec": set(),
    "dct": {"runtime"},
    "training": {"codec", "dct", "runtime"},
    "export": {"codec", "dct", "training", "runtime"},
    "runtime": set(),
    "benchmarks": {"runtime"},
}
# Training fits the tables of the payload that codes JPEG files anew, whose contexts are there.
TRAINING_MAY_IMPORT = ("runtime.payloads.jpeg",)
EXPORT_MAY_IMPORT = ("runtime.carriers", "runtime.schemes", "runtime.payloads", "runtime.images")

# Inside the runtime, lowest floor first; a module imports from its own floor or from below.
FLOORS = (
    ("runtime.errors",),
    ("runtime.images",),
    ("runtime.crypto", "runtime.engine"),
    ("runtime.carriers", "runtime.payloads"),
    ("runtime.schemes",),
    ("runtime.results",),
    ("runtime.pipeline", "runtime.handle"),
    ("runtime.hider", "runtime.revealer"),
    ("runtime.batch", "runtime.picture_files"),
    ("runtime",),
    ("runtime.cli",),
    ("runtime.service",),
    ("runtime.hide", "runtime.reveal", "runtime.capacity", "runtime.serve", "runtime.doctor"),
    ("runtime.distributed",),
    ("runtime.__main__", "runtime.pyinstaller"),
)
HEAVY = {"keras", "tensorflow", "onnx", "tf2onnx", "skimage", "matplotlib", "scipy"}


def modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports(path: Path) -> set[str]:
    """Modules of this project that a file imports, at any place of it, and names of others."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else str(node.module))
    return found


GRAPH = {name: imports(path) for name, path in MODULES.items()}


def at_import(path: Path) -> set[str]:
    """Like `imports`, of what is imported when the module is, type checking apart."""
    found = set()

    def visit(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = ast.Module([node], [])
                for part in ast.walk(module):
                    if isinstance(part, ast.Import):
                        found.update(alias.name for alias in part.names)
                    elif isinstance(part, ast.ImportFrom):
                        for alias in part.names:
                            inner = f"{part.module}.{alias.name}"
                            found.add(inner if inner in MODULES else str(part.module))
            elif isinstance(node, ast.Try) or (
                isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test)
            ):
                visit(node.body)

    visit(ast.parse(path.read_text()).body)
    return found


def test_the_search_sees_the_code():
    assert {"runtime.schemes.clear", "runtime.errors", "codec"} <= set(MODULES)
    assert "runtime.schemes.base" in GRAPH["runtime.schemes.clear"]


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package):
    for name, targets in GRAPH.items():
        if name.partition(".")[0] != package:
            continue
        for target in targets:
            other = target.partition(".")[0]
            if other in PACKAGES and other != package:
                assert other in MAY_IMPORT[package], f"{name} imports {target}"
            if package == "export" and other == "runtime":
                assert target.startswith(EXPORT_MAY_IMPORT), f"{name} imports {target}"
            if package == "training" and other == "runtime":
                assert target.startswith(TRAINING_MAY_IMPORT), f"{name} imports {target}"


def floor(name: str) -> int:
    """The floor of the longest name that a module's starts with."""
    fits = [
        (len(start), number)
        for number, starts in enumerate(FLOORS)
        for start in starts
        if name == start or (start != "runtime" and name.startswith(f"{start}."))
    ]
    assert fits, f"{name} has no floor"
    return max(fits)[1]


def test_in_the_runtime_arrows_go_down():
    for name, targets in GRAPH.items():
        if name.startswith("runtime"):
            for target in targets & MODULES.keys():
                assert floor(target) <= floor(name), f"{name} imports {target}"


def test_payloads_and_carriers_know_nothing_of_each_other():
    for name, targets in GRAPH.items():
        for one, other in (("payloads", "carriers"), ("carriers", "payloads")):
            if name.startswith(f"runtime.{one}"):
                assert not any(t.startswith(f"runtime.{other}") for t in targets), name


def test_only_the_registry_names_the_schemes():
    rooms = tuple(f"runtime.schemes.{name}" for name in ("classic", "clear", "quiet", "robust"))
    for name, targets in GRAPH.items():
        if name.startswith("runtime") and not name.startswith(rooms):
            named = {target for target in targets if target.startswith(rooms)}
            assert not named or name == "runtime.schemes.registry", f"{name} imports {named}"


QUESTION = re.compile(
    r"""(==|!=|\bin|\bis)\s*[("\[{]*['"](clear|classic|quiet|robust)['"]"""
    r"""|['"](clear|classic|quiet|robust)['"]\s*(==|!=|in\b)"""
    r"""|isinstance\([^)]*(Clear|Classic|Quiet|Robust)\b"""
)


def test_nobody_asks_which_scheme_is_at_work():
    rooms = {"schemes", "clear", "classic", "quiet", "robust"}
    for path in [
        *(p for package in PACKAGES for p in (ROOT / package).rglob("*.py")),
        *(ROOT / "examples").glob("*.py"),
        *(ROOT / "web" / "src").rglob("*.ts"),
    ]:
        if rooms & set(path.relative_to(ROOT).parts):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert not QUESTION.search(line), f"{path}:{number}: {line.strip()}"


def test_there_is_no_circle():
    graph = {name: at_import(path) & MODULES.keys() for name, path in MODULES.items()}
    finished, path = set(), []

    def visit(name: str) -> None:
        assert name not in path, f"circle: {' -> '.join([*path[path.index(name) :], name])}"
        if name in finished:
            return
        path.append(name)
        for target in graph[name] - {name}:
            visit(target)
        path.pop()
        finished.add(name)

    for name in graph:
        visit(name)


def test_the_runtime_imports_nothing_heavy():
    for name, targets in GRAPH.items():
        if name.startswith("runtime"):
            assert not HEAVY & {target.partition(".")[0] for target in targets}, name
