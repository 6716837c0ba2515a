"""What produced a result: commit, models, versions, the machine and its limits."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

import psutil

from runtime.engine.cores import cores
from runtime.engine.models import Model, load_model

_PACKAGES = (
    "plainsight-onnx",
    "numpy",
    "opencv-python",
    "onnxruntime",
    "onnxruntime-gpu",
    "pillow",
    "scikit-image",
    "keras",
    "tensorflow",
    "jax",
)
_CGROUP = Path("/sys/fs/cgroup")


def provenance(*models: str | Path | Model) -> dict[str, Any]:
    """JSON values that describe where measurements come from, for their result file.

    Args:
        models: Those that were measured: names, folders, or already loaded.
    """
    import onnxruntime

    loaded = [model if isinstance(model, Model) else load_model(model) for model in models]
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "models": {model.name: model.manifest["files"] for model in loaded},
        "python": platform.python_version(),
        "versions": _versions(),
        "providers": onnxruntime.get_available_providers(),
        "platform": platform.platform(),
        "cpu": _cpu(),
        "cores": cores(),
        "memory_bytes": psutil.virtual_memory().total,
        "limits": {name: _limit(name) for name in ("cpu.max", "memory.max")},
        "load_average": [round(load, 2) for load in psutil.getloadavg()],
    }


def _versions() -> dict[str, str]:
    installed = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
    return {name: installed[name] for name in _PACKAGES if name in installed}


def _commit() -> str | None:
    """The commit of this checkout, followed by `+` if the measured code differs from it."""
    root = Path(__file__).parent.parent
    try:
        head = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--", "runtime", "benchmarks", "models")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{head}+" if changed else head


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def _limit(name: str) -> str | None:
    try:
        return (_CGROUP / name).read_text().strip()
    except OSError:
        return None
