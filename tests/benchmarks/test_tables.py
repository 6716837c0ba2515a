"""`python -m benchmarks tables`, and the tables of the committed pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import ROOT, run_module

from benchmarks.common.results import read_results
from benchmarks.report.tables import PAGES, TABLES, updated

_LATENCY = ("latency-cpu", "latency-cpu-more", "latency-passphrase")
_RESULTS = ("quality", "exact", "survival", "detectability", "cost", *_LATENCY)


@pytest.mark.parametrize("page", PAGES)
def test_committed_pages_show_the_committed_results(page: str):
    text = (ROOT / page).read_text()
    assert updated(text, read_results(ROOT / "results")) == (text, [])


def test_the_pages_show_every_table():
    shown = "".join((ROOT / page).read_text() for page in PAGES)
    assert [name for name in TABLES if f"<!-- table: {name} -->" not in shown] == []


def test_committed_results_are_of_the_committed_models():
    results = read_results(ROOT / "results")
    assert set(_RESULTS) <= set(results)
    for result in results.values():
        assert result["commit"] and result["cpu"] and result["versions"]["onnxruntime"]
        for name, files in result["models"].items():
            manifest = json.loads((ROOT / "models" / name / "manifest.json").read_text())
            assert manifest["files"] == files


def test_tables_are_written_and_differences_reported(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table: cost -->\nold\n<!-- end of table -->\nafter\n")
    command = ("benchmarks", "tables", "--pages", page)
    differs = run_module(*command)
    assert differs.returncode == 1 and "cost differ" in differs.stdout
    assert "old" in page.read_text()
    assert run_module(*command, "--write").returncode == 0
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "classic" in text
    assert run_module(*command).returncode == 0


def test_a_missing_table_or_result_is_reported(tmp_path: Path):
    page = tmp_path / "page.md"
    for name, missing in (("nonesuch", "nonesuch"), ("cost", "cost")):
        page.write_text(f"<!-- table: {name} -->\n<!-- end of table -->\n")
        result = run_module("benchmarks", "tables", "--pages", page, "--results", tmp_path)
        assert result.returncode == 1
        assert missing in result.stderr and "Traceback" not in result.stderr


def test_a_missing_package_is_reported(tmp_path: Path):
    (tmp_path / "keras.py").write_text("raise ModuleNotFoundError(name='keras')\n")
    result = run_module("benchmarks", "detectability", "--quick", PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "keras is not installed" in result.stderr and ".[bench]" in result.stderr
    assert "Traceback" not in result.stderr
