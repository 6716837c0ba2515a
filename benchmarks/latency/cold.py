"""A new process: import, session, first picture; and its peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import runtime
from benchmarks.common.command import GateError
from benchmarks.common.configurations import code_only
from benchmarks.common.photographs import cover_and_secret
from benchmarks.latency.timing import Case, Timing, timing
from runtime import write_picture
from runtime.engine.models import load_model

_STAGES = ("import", "session", "first picture", "second picture", "all")
_PROGRAM = r"""
import json, sys, time
model, operation, device, threads, options, *files = json.loads(sys.argv[1])
start = time.perf_counter_ns()
import runtime
imported = time.perf_counter_ns()
kind = runtime.Hider if operation == "hide" else runtime.Revealer
options = options if operation == "hide" else {}
worker = kind(model, device=device, threads=threads, **options)
opened = time.perf_counter_ns()
from pathlib import Path
pictures = [runtime.read_picture(file) for file in files]
call = worker.hide if operation == "hide" else worker.reveal
read = time.perf_counter_ns()
call(*pictures)
first = time.perf_counter_ns()
call(*pictures)
second = time.perf_counter_ns()
try:
    # Preferred to getrusage's figure, which starts from what the parent process held.
    status = Path("/proc/self/status").read_text()
    peak = 1024 * int(status.partition("VmHWM:")[2].split()[0])
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
times = [imported - start, opened - imported, first - read, second - first]
print(json.dumps({"ms": [t / 1e6 for t in times], "peak": peak, "device": worker.device}))
"""


def measure(models: list[str], device: str, size: tuple[int, int], runs: int) -> list[Timing]:
    """Times processes one after the other, models and operations in turn.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        size: Width and height in pixels.
        runs: Processes for each model and operation.
    """
    outcomes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs):
            for model in models:
                for operation in ("hide", "reveal"):
                    arguments = _arguments(model, operation, device, None, size, Path(folder))
                    # The first process reads the files into the disk cache, and is not counted.
                    outcome = _process(arguments)
                    if run or runs == 1:
                        outcomes.setdefault((model, operation), []).append(outcome)
    timings = []
    for (model, operation), processes in outcomes.items():
        name = load_model(model).name
        used = processes[0]["device"]
        for index, stage in enumerate(_STAGES):
            total = stage == "all"
            samples = [sum(p["ms"][:3]) if total else p["ms"][index] for p in processes]
            case = Case("cold", name, operation, *size, used, stage=stage)
            peak = max(p["peak"] for p in processes) if total else None
            timings.append(timing(case, samples, peak))
    return timings


def peak_bytes(model: str, case: Case) -> int:
    """Peak memory of a process that does this case and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        size = case.width, case.height
        arguments = _arguments(model, case.operation, case.device, case.threads, size, Path(folder))
        return int(_process(arguments)["peak"])


def _arguments(
    model: str,
    operation: str,
    device: str,
    threads: int | None,
    size: tuple[int, int],
    folder: Path,
) -> list[Any]:
    """The arguments of a process; writes the files that it reads."""
    paths = [folder / f"{name}-{size[0]}x{size[1]}.png" for name in ("cover", "secret")]
    for path, picture in zip(paths, cover_and_secret(*size), strict=True):
        if not path.exists():
            write_picture(path, picture)
    if operation == "reveal":
        container = folder / f"container-{Path(model).name}-{size[0]}x{size[1]}.png"
        if not container.exists():
            hider = runtime.Hider(model, device=device, **code_only(model))
            write_picture(container, hider.hide(*cover_and_secret(*size)))
        paths = [container]
    return [str(model), operation, device, threads, code_only(model), *map(str, paths)]


def _process(arguments: list[Any]) -> dict[str, Any]:
    command = [sys.executable, "-c", _PROGRAM, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GateError(f"a new process failed: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))
