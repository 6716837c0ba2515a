"""The files around the code agree with each other: versions, names, scripts, workflows."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from typing import Any

import pytest
import yaml
from support import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = ("lint", "types", "test", "docs", "release-check", "sbom")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_changelog():
    headings = re.findall(r"^## (.+)$", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    for heading in headings[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading), heading
    if len(headings) > 1:
        assert headings[1].startswith(f"[{PROJECT['version']}]")
    kinds = set(re.findall(r"^### (.+)$", text("CHANGELOG.md"), re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_citation():
    citation = yaml.safe_load(text("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])
    assert {"message", "title", "authors"} <= set(citation)


def test_distribution():
    assert PROJECT["name"] == "plainsight-onnx"
    assert PROJECT["scripts"] == {"plainsight": "runtime.__main__:main"}
    built = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert built["packages"] == ["runtime"]
    for name in ("README.md", "docs/index.md", "docs/troubleshooting.md", "CONTRIBUTING.md"):
        assert not re.search(r"pip install '?plainsight\b(?!-onnx)", text(name)), name


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_documented_and_executable(script: str):
    path = ROOT / "scripts" / script
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")
    assert sys.platform == "win32" or os.access(path, os.X_OK)
    assert f"scripts/{script}" in text("CONTRIBUTING.md")
    assert any(f"scripts/{script}" in path.read_text(encoding="utf-8") for path in WORKFLOWS)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_pin_actions_and_limit_permissions(path: Any):
    source = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(source)
    assert workflow["permissions"] == {"contents": "read"}
    for line in re.findall(r"uses: (.+)", source):
        pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*", line)
        assert pinned or line.startswith("./"), line


def test_one_pin_for_each_action():
    sources = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: ([\w/-]+)@(\w+)", sources))
    assert len(pins) == len({action for action, _ in pins})


def test_supported_versions_are_tested():
    matrix = yaml.safe_load(text(".github/workflows/tests.yml"))["jobs"]["tests"]["strategy"][
        "matrix"
    ]
    assert {system.split("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}
    oldest = re.search(r">=(3\.\d+)", PROJECT["requires-python"])
    assert oldest and oldest[1] == matrix["python"][0]


def test_links_between_files_work():
    for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(name)):
            assert link.startswith("https://") or (ROOT / link).exists(), f"{name}: {link}"


def test_every_folder_is_described():
    guide = text("CONTRIBUTING.md")
    names = {
        path.name for path in ROOT.iterdir() if any(path.glob("*/*")) or any(path.glob("*.py"))
    }
    ignored = {"build", "dist", "runs", "photos", "containers", "revealed", "shared"}
    described = set(re.findall(r"^\| `(\w+)/` \|", guide, re.MULTILINE))
    assert {name for name in names if name.isidentifier()} - ignored - described == set()
    inside = {path.name for path in (ROOT / "runtime").iterdir() if path.is_dir()}
    mentioned = set(re.findall(r"`(\w+)/`", guide))
    assert {name for name in inside if name != "__pycache__"} <= mentioned
