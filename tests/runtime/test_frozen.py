"""What PyInstaller is told; `scripts/freeze-check` freezes a program and runs it."""

from __future__ import annotations

import importlib.metadata
import runpy
from pathlib import Path

from runtime import pyinstaller
from runtime.engine.models import load_model, shipped_models


def test_the_hook_is_found_and_brings_models_and_metadata():
    entries = importlib.metadata.entry_points(group="pyinstaller40")
    (entry,) = (e for e in entries if e.value.startswith("runtime."))
    (folder,) = pyinstaller.hook_dirs()
    assert entry.load()() == [folder]
    datas = runpy.run_path(str(Path(folder, "hook-runtime.py")))["datas"]
    files = {f"{target}/{Path(source).name}" for source, target in datas}
    for model in shipped_models():
        for name in (*load_model(model).manifest["files"], "manifest.json"):
            assert f"runtime/models/{model}/{name}" in files
    assert any("plainsight_onnx" in target for _, target in datas)
