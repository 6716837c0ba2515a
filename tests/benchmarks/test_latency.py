"""`python -m benchmarks latency` and `compare`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import run_module

from benchmarks.common.command import GateError
from benchmarks.latency import gate, passphrase, tables
from benchmarks.latency.timing import QUICK, Case, Effort, time_in_turn, timing
from benchmarks.quality.rows import CODE_ONLY, Figures, row_of
from runtime.crypto import keys


def test_quick_runs_every_scenario(tmp_path: Path, tiny_model: Path):
    out, plot = tmp_path / "new" / "latency.json", tmp_path / "latency.png"
    result = run_module(
        "benchmarks",
        "latency",
        "--quick",
        "--model",
        tiny_model,
        "--device",
        "cpu",
        "--feed",
        "api",
        "numpy",
        "iobinding",
        "cudagraph",
        "--json",
        out,
        "--plot",
        plot,
    )
    assert result.returncode == 0, result.stderr
    assert "p50 ms" in result.stdout and "128x128" in result.stdout
    assert plot.read_bytes().startswith(b"\x89PNG")
    written = json.loads(out.read_text())
    assert written["versions"]["onnxruntime"] and written["providers"]
    assert len(written["models"]["classic"]["hide.onnx"]["sha256"]) == 64
    timings = written["timings"]
    assert {t["scenario"] for t in timings} == {"cold", "single", "batch", "folder", "concurrent"}
    feeds = {t["feed"] for t in timings if t["scenario"] == "batch"}
    assert feeds == {"api", "numpy", "iobinding"}
    # CUDA graphs do not exist on a CPU, which is reported and stops nothing.
    assert all("cudagraph" in line for line in written["refused"]) and written["refused"]
    for found in timings:
        assert found["device"] == "cpu"
        assert min(found["samples_ms"]) <= found["p50_ms"] <= found["p90_ms"]
        assert found["p90_ms"] <= max(found["samples_ms"])
        assert found["p99_ms"] is None
    peaks = [t["peak_bytes"] for t in timings if t["scenario"] == "single"]
    assert all(20e6 < peak < 2e9 for peak in peaks)


def test_sizes_and_threads(tmp_path: Path, tiny_model: Path):
    out = tmp_path / "latency.json"
    result = run_module(
        "benchmarks",
        "latency",
        "--model",
        tiny_model,
        "--device",
        "cpu",
        "--seconds",
        "0.01",
        "--runs",
        "3",
        "--size",
        "64x48",
        "33x21",
        "--threads",
        "1",
        "2",
        "--json",
        out,
    )
    assert result.returncode == 0, result.stderr
    timings = json.loads(out.read_text())["timings"]
    cases = {(t["part"], t["width"], t["height"], t["threads"]) for t in timings}
    assert len(cases) == len(timings) == 2 * 2 * 2


def test_passphrase_is_timed_against_none(tmp_path: Path, tiny_model: Path):
    out = tmp_path / "latency.json"
    command = ("benchmarks", "latency", "--scenario", "passphrase", "--device", "cpu")
    result = run_module(
        *command,
        "--model",
        "clear",
        tiny_model,
        "--size",
        "64x48",
        "--runs",
        "3",
        "--seconds",
        "0.01",
        "--json",
        out,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("times as long with a passphrase as without") == 2
    written = json.loads(out.read_text())
    # classic takes none, and is left out.
    gates = [(gate["model"], gate["passphrase"]) for gate in written["gates"]]
    assert gates == [("clear", False), ("classic", False), ("clear", True)]
    found = {(t["model"], t["part"], t["stage"]): t for t in written["timings"]}
    both = {("clear", p, s) for p in ("hide", "reveal") for s in ("passphrase", "no passphrase")}
    once = ("any", "keys", "key derivation")
    assert set(found) == {*both, once}
    _, _, hidden, revealed, derived = tables.passphrase({"latency-a": written}).splitlines()
    for part, row in (("hide", hidden), ("reveal", revealed)):
        without, with_ = (found["clear", part, s] for s in ("no passphrase", "passphrase"))
        assert row.startswith(f"| clear, {part}, 64x48 | ")
        assert row.endswith(f" | {with_['p50_ms'] / without['p50_ms']:.2f} |")
    assert f"| {found[once]['p50_ms']:,.0f} |" in derived
    none = run_module(*command, "--model", tiny_model, "--json", tmp_path / "none.json")
    assert none.returncode == 1 and "none of the models takes a passphrase" in none.stderr
    assert not (tmp_path / "none.json").exists()


def test_no_picture_waits_for_a_derivation(monkeypatch: pytest.MonkeyPatch):
    salts: list[bytes] = []
    derive = keys._argon2id

    def counted(word: bytes, salt: bytes, cost: keys.Argon2Cost) -> bytes:
        salts.append(salt)
        return derive(word, salt, cost)

    monkeypatch.setattr(keys, "_argon2id", counted)
    found = passphrase.measure(["clear"], "cpu", (32, 32), None, QUICK)
    assert len(found) == 4
    # Once by the hider and once by the revealer, whatever the number of pictures.
    assert len(salts) == 2
    salts.clear()
    (derivation,) = passphrase.derivation(QUICK)
    assert len(set(salts)) == len(salts) > len(derivation.samples_ms) >= 3


def test_a_gate_notices_a_model_that_needs_no_passphrase(monkeypatch: pytest.MonkeyPatch):
    reveal = gate.runtime.Revealer.reveal
    monkeypatch.setattr(
        gate.runtime.Revealer, "reveal", lambda self, c, _=None: reveal(self, c, "word")
    )
    with pytest.raises(GateError, match="without the passphrase"):
        gate.check("clear", "cpu", "word")


def test_wrong_arguments_are_reported(tmp_path: Path):
    for arguments in (["nonesuch"], ["latency", "--size", "big"], ["latency", "--threads", "0"]):
        assert run_module("benchmarks", *arguments).returncode == 2
    result = run_module("benchmarks", "latency", "--model", tmp_path)
    assert result.returncode == 1
    assert "manifest" in result.stderr and "Traceback" not in result.stderr


def test_a_fast_but_wrong_model_is_not_timed(monkeypatch: pytest.MonkeyPatch):
    found = gate.check("classic", "cpu")
    assert found.cover_floor is not None and found.cover_psnr > found.cover_floor
    assert found.revealed_floor is not None and found.revealed_psnr > found.revealed_floor

    class Copier:
        model, device = "classic", "cpu"

        def __init__(self, *_: Any, **__: Any) -> None: ...

        def hide(self, cover: np.ndarray, *_: Any) -> np.ndarray:
            return cover

    monkeypatch.setattr(gate.runtime, "Hider", Copier)
    with pytest.raises(GateError, match="revealed PSNR"):
        gate.check("classic", "cpu")


def test_variants_are_timed_in_turn_for_as_long_as_asked():
    order: list[int] = []
    cases = [Case("single", "m", "hide", k, 1, "cpu") for k in (1, 2)]
    calls = {case: (lambda c=case: order.append(c.width)) for case in cases}
    found = time_in_turn(calls, Effort(runs=1200, seconds=0.0))
    assert [len(f.samples_ms) for f in found] == [1200, 1200]
    assert order[-2400:] == [1, 2] * 1200
    assert all(f.p99_ms is not None and f.p90_ms <= f.p99_ms for f in found)
    slow = time_in_turn({cases[0]: lambda: None}, Effort(runs=10**9, most_seconds=0.001))
    assert 3 <= len(slow[0].samples_ms) < 10**6
    assert timing(cases[0], [1.0] * 999).p99_ms is None


def _latency(medians: dict[str, float], seed: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    timings = []
    for part, median in medians.items():
        samples = (median * generator.lognormal(0, 0.1, 60)).round(3).tolist()
        timings.append({"scenario": "single", "part": part, "samples_ms": samples})
    return {"benchmark": "latency", "timings": timings}


def _compare(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> tuple[int, str]:
    paths = folder / "before.json", folder / "after.json"
    for path, result in zip(paths, (before, after), strict=True):
        path.write_text(json.dumps(result))
    done = run_module("benchmarks", "compare", *paths)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_compare_finds_what_got_slower_and_not_noise(tmp_path: Path):
    before = _latency({"hide": 100, "reveal": 50}, 0)
    assert _compare(tmp_path, before, _latency({"hide": 100, "reveal": 50}, 1))[0] == 0
    code, output = _compare(tmp_path, before, _latency({"hide": 100, "reveal": 65}, 2))
    assert code == 1 and "reveal" in output and "1 of 2 are worse" in output
    assert "better" in _compare(tmp_path, before, _latency({"hide": 60, "reveal": 50}, 3))[1]


def _quality(revealed: list[float | None]) -> dict[str, Any]:
    figures = [
        Figures(value is None, 47.0, 0.9, value, 1.0 if value is None else 0.9)
        for value in revealed
    ]
    pairs = [{"case": "same size", "secret": f"{number}.png"} for number in range(len(revealed))]
    rows = [asdict(row_of("clear", variant, 2, True, figures)) for variant in (None, CODE_ONLY)]
    return {
        "benchmark": "quality",
        "groups": [{"name": "same", "pairs": pairs, "rows": rows}],
    }


def test_compare_finds_what_got_worse_in_quality(tmp_path: Path):
    before = _quality([None, 50.0, 51.0, 52.0] * 5)
    assert _compare(tmp_path, before, before)[0] == 0
    code, output = _compare(tmp_path, before, _quality([None, 49.8, 50.8, 51.8] * 5))
    assert code == 1 and "same, clear, code only, 2 bit: revealed" in output
    assert "2 of 6 are worse" in output
    # One in four no longer exact.
    code, output = _compare(tmp_path, before, _quality([60.0, 50.0, 51.0, 52.0] * 5))
    assert code == 1 and "-25.000" in output
    other = json.loads(json.dumps(before))
    other["groups"][0]["pairs"][0]["secret"] = "another.png"
    assert "different photographs" in _compare(tmp_path, before, other)[1]
    assert "older format" in _compare(tmp_path, before, {"benchmark": "quality"})[1]


def test_compare_rejects_files_that_are_not_results(tmp_path: Path):
    code, output = _compare(tmp_path, {"a": 1}, {"b": 2})
    assert code == 1 and "before.json" in output
