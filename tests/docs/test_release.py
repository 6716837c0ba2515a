"""What a release needs: the changelog, the version in one place, complete archives, model cards."""

from __future__ import annotations

import io
import json
import runpy
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml
from support import ROOT

CHECK_CHANGELOG = runpy.run_path(str(ROOT / "scripts" / "check_changelog.py"))["problem"]
SET_VERSION = runpy.run_path(str(ROOT / "scripts" / "set-version"))["set_version"]
ARCHIVES = runpy.run_path(str(ROOT / "scripts" / "check_archives.py"))


@pytest.mark.parametrize(
    ("changelog", "release", "wrong"),
    [
        ("## [Unreleased]\n\n- It hides.\n", False, None),
        ("## [Unreleased]\n\n- It hides.\n", True, "has no section for 0.1.0"),
        ("## [Unreleased]\n\n## [0.1.0] - 2026-01-02\n\n- It hides.\n", True, None),
        ("## [Unreleased]\n\n- More.\n\n## [0.1.0] - 2026-01-02\n\n", True, "says nothing"),
        ("## [Unreleased]\n\n## [0.1.0] - soon\n\n- It hides.\n", True, "has no date"),
        ("## [Unreleased]\n", False, "says nothing"),
    ],
)
def test_the_changelog_is_required(changelog: str, release: bool, wrong: str | None):
    found = CHECK_CHANGELOG(changelog, "0.1.0", release=release)
    assert found is None if wrong is None else wrong in found


def test_the_version_is_set_from_one_place(tmp_path: Path):
    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    SET_VERSION(tmp_path, "7.8.9", "2030-01-02")
    assert '\nversion = "7.8.9"\n' in (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    citation = yaml.safe_load((tmp_path / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], str(citation["date-released"])) == ("7.8.9", "2030-01-02")
    changelog = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    assert CHECK_CHANGELOG(changelog, "7.8.9", release=True) is None
    with pytest.raises(ValueError, match="already has a section"):
        SET_VERSION(tmp_path, "7.8.9", "2030-01-02")
    with pytest.raises(ValueError, match="is not a version"):
        SET_VERSION(tmp_path, "7.8", "2030-01-02")


def test_what_archives_lack_is_named(tmp_path: Path):
    wheel, sdist = tmp_path / "plainsight_onnx-0.1.0.whl", tmp_path / "plainsight_onnx-0.1.0.tar.gz"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("plainsight_onnx-0.1.0.dist-info/METADATA", "")
        archive.writestr("runtime/__init__.py", "")
    wrong = "\n".join(ARCHIVES["check_wheel"](wheel))
    for name in ("LICENSE", "py.typed", "models/clear/estimate.onnx"):
        assert f"lacks {name}" in wrong or f"{name}\n" in f"{wrong}\n"
    with tarfile.open(sdist, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("plainsight_onnx-0.1.0/LICENSE"), io.BytesIO())
    assert "lacks CITATION.cff" in "\n".join(ARCHIVES["check_sdist"](sdist))


def test_the_archives_have_every_graph():
    for model, graphs in ARCHIVES["GRAPHS"].items():
        manifest = json.loads((ROOT / "models" / model / "manifest.json").read_text())
        assert set(graphs) == set(manifest["files"])


@pytest.mark.parametrize("model", ["classic", "clear", "robust"])
def test_model_cards_have_what_hubs_read(model: str):
    card = (ROOT / "models" / model / "README.md").read_text(encoding="utf-8")
    _, head, rest = card.split("---\n", 2)
    said = yaml.safe_load(head)
    assert said["license"] == "mit" and said["pipeline_tag"] == "image-to-image"
    assert "steganography" in said["tags"] and rest.startswith("\n# Model card")


def test_the_citation_has_known_keys_only():
    known = {
        *("cff-version", "message", "title", "type", "authors", "version", "date-released"),
        *("license", "keywords", "references", "abstract", "repository-code", "url", "doi"),
    }
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert set(citation) <= known and citation["type"] == "software"
    for work in (citation, *citation["references"]):
        assert all({"name"} == set(a) or "family-names" in a for a in work["authors"])
    assert all({"type", "title", "authors"} <= set(work) for work in citation["references"])


def test_containers_install_what_they_say():
    for name, extra in (("Containerfile", "cpu"), ("Containerfile.cuda", "gpu")):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert f'".[{extra},service]"' in text and "\nUSER 10001\n" in text
    for name in (".containerignore", ".dockerignore"):
        kept = [line[1:] for line in (ROOT / name).read_text().splitlines() if line[:1] == "!"]
        assert kept == [
            "LICENSE",
            "README.md",
            "CHANGELOG.md",
            "pyproject.toml",
            "runtime",
            "models",
        ]
