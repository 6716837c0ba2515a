"""`python -m benchmarks latency`."""

from __future__ import annotations

import json
from pathlib import Path

from support import run_module


def test_latency_prints_a_table_and_writes_json(tmp_path: Path, tiny_model: Path):
    out = tmp_path / "new" / "latency.json"
    result = run_module(
        *("benchmarks", "latency", "--model", tiny_model, "--device", "cpu", "--seconds", "0.05"),
        *("--size", "64x48", "33x21", "--threads", "1", "2", "--json", out),
    )
    assert result.returncode == 0, result.stderr
    assert "p50 ms" in result.stdout and "64x48" in result.stdout
    written = json.loads(out.read_text())
    assert written["versions"]["onnxruntime"]
    assert len(written["models"]["classic"]["hide.onnx"]["sha256"]) == 64
    cases = {(t["what"], t["width"], t["height"], t["threads"]) for t in written["timings"]}
    assert len(cases) == 2 * 2 * 2
    for timing in written["timings"]:
        assert timing["device"] == "cpu"
        assert len(timing["samples_ms"]) >= 5
        assert min(timing["samples_ms"]) <= timing["p50_ms"] <= timing["p90_ms"]
        assert timing["p90_ms"] <= max(timing["samples_ms"])


def test_wrong_arguments_are_said(tmp_path: Path):
    for arguments in (["nonesuch"], ["latency", "--size", "big"], ["latency", "--threads", "0"]):
        assert run_module("benchmarks", *arguments).returncode == 2
    result = run_module("benchmarks", "latency", "--model", tmp_path)
    assert result.returncode == 1
    assert "manifest" in result.stderr and "Traceback" not in result.stderr
