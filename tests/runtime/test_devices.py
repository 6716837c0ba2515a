"""Devices, threads, and what is said where ONNX Runtime is broken or missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import run_python

import runtime
from runtime.engine import cores, devices


@pytest.mark.parametrize(
    ("content", "expected"),
    [("max 100000", 64), ("150000 100000", 2), ("50000 100000", 1), ("nonsense", 64)],
)
def test_cores_keep_to_the_limit_of_a_container(monkeypatch, tmp_path: Path, content, expected):
    (tmp_path / "cpu.max").write_text(content)
    monkeypatch.setattr(cores, "_CGROUP_2", tmp_path / "cpu.max")
    monkeypatch.setattr(cores, "_CGROUP_1", (tmp_path / "none", tmp_path / "none"))
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert cores.cores() == expected


@pytest.mark.parametrize(("quota", "expected"), [("-1", 64), ("250000", 3)])
def test_older_control_groups(monkeypatch, tmp_path: Path, quota, expected):
    (tmp_path / "quota").write_text(quota)
    (tmp_path / "period").write_text("100000")
    monkeypatch.setattr(cores, "_CGROUP_2", tmp_path / "none")
    monkeypatch.setattr(cores, "_CGROUP_1", (tmp_path / "quota", tmp_path / "period"))
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert cores.cores() == expected


def _distribution(folder: Path, name: str) -> None:
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")


def test_both_builds_of_onnx_runtime_are_a_broken_state(monkeypatch, tmp_path: Path):
    assert devices.broken_install() is None
    _distribution(tmp_path, "onnxruntime-gpu")
    monkeypatch.syspath_prepend(tmp_path)
    said = devices.broken_install()
    assert said is not None and "pip uninstall onnxruntime onnxruntime-gpu" in said
    with pytest.raises(runtime.DeviceError, match="both onnxruntime and onnxruntime-gpu"):
        runtime.Hider(device="cuda")
    assert "both onnxruntime" in runtime.Hider(device="auto").device_reason


def test_no_onnx_runtime_says_which_extra(tmp_path: Path):
    code = (
        "import sys\n"
        "sys.modules['onnxruntime'] = None\n"
        "from runtime.hide import main\n"
        "from runtime.doctor import main as doctor\n"
        f"print(doctor([]), main(['{tmp_path}/a.png', '{tmp_path}/a.png', '-o', 'x']))\n"
    )
    (tmp_path / "a.png").write_bytes(b"text")
    made = run_python(code)
    assert made.stdout.endswith("1 3\n")
    assert "pip install 'plainsight-onnx[cpu]'" in made.stderr
    assert "pip install 'plainsight-onnx[cpu]'" in made.stdout
