"""A fresh process: import, session, first picture; and how much memory it takes at most."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import runtime
from benchmarks.command import GateError
from benchmarks.latency.pictures import cover_and_secret
from benchmarks.latency.timing import Case, Timing, timing
from runtime import write_picture

_STAGES = ("import", "session", "first picture", "second picture", "all")
_PROGRAM = r"""
import json, sys, time
model, part, device, threads, *files = json.loads(sys.argv[1])
start = time.perf_counter_ns()
import runtime
imported = time.perf_counter_ns()
kind = runtime.Hider if part == "hide" else runtime.Revealer
made = kind(model, device=device, threads=threads)
opened = time.perf_counter_ns()
from pathlib import Path
pictures = [runtime.read_picture(file) for file in files]
call = made.hide if part == "hide" else made.reveal
read = time.perf_counter_ns()
call(*pictures)
first = time.perf_counter_ns()
call(*pictures)
second = time.perf_counter_ns()
try:
    # Not getrusage's figure where there is this one: it starts from what the parent held.
    status = Path("/proc/self/status").read_text()
    peak = 1024 * int(status.partition("VmHWM:")[2].split()[0])
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
times = [imported - start, opened - imported, first - read, second - first]
print(json.dumps({"ms": [t / 1e6 for t in times], "peak": peak, "device": made.device}))
"""


def measure(models: list[str], device: str, size: tuple[int, int], runs: int) -> list[Timing]:
    """Times processes one after the other, models and parts in turn.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        size: Width and height in pixels.
        runs: Processes for each model and part.
    """
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs):
            for model in models:
                for part in ("hide", "reveal"):
                    arguments = _arguments(model, part, device, None, size, Path(folder))
                    # The first process of each reads the disk, and counts for that alone.
                    outcome = _process(arguments)
                    if run or runs == 1:
                        found.setdefault((model, part), []).append(outcome)
    timings = []
    for (model, part), outcomes in found.items():
        name = runtime.Hider(model, device="cpu").model
        for index, stage in enumerate(_STAGES):
            samples = [sum(o["ms"][:3]) if stage == "all" else o["ms"][index] for o in outcomes]
            case = Case("cold", name, part, *size, outcomes[0]["device"], stage=stage)
            peak = max(o["peak"] for o in outcomes) if stage == "all" else None
            timings.append(timing(case, samples, peak))
    return timings


def peak_bytes(model: str, case: Case) -> int:
    """Most memory that a process holds at once which does this case and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        size = case.width, case.height
        arguments = _arguments(model, case.part, case.device, case.threads, size, Path(folder))
        return int(_process(arguments)["peak"])


def _arguments(
    model: str, part: str, device: str, threads: int | None, size: tuple[int, int], folder: Path
) -> list[Any]:
    """What a process is told; the files that it reads are made here."""
    paths = [folder / f"{name}-{size[0]}x{size[1]}.png" for name in ("cover", "secret")]
    for path, picture in zip(paths, cover_and_secret(*size), strict=True):
        if not path.exists():
            write_picture(path, picture)
    if part == "reveal":
        container = folder / f"container-{Path(model).name}-{size[0]}x{size[1]}.png"
        if not container.exists():
            made = runtime.Hider(model, device=device).hide(*cover_and_secret(*size))
            write_picture(container, made)
        paths = [container]
    return [str(model), part, device, threads, *map(str, paths)]


def _process(arguments: list[Any]) -> dict[str, Any]:
    command = [sys.executable, "-c", _PROGRAM, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GateError(f"a fresh process failed: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))
