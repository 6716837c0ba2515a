"""The same pictures by `plainsight hide` and by Ray, in turn, on this machine; start-up apart."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import psutil

import runtime
from benchmarks.common.ray_cluster import command_of, ray_cluster
from benchmarks.robustness.corpus import photograph
from runtime.engine.cores import cores

_NAMES = ("astronaut", "coffee", "rocket", "chelsea")
_POLL = 0.05
_TIMEOUT = 3600.0
_SETTLED = 0.1  # of the pictures, that are not counted: models are loaded, pools are full


def measure(pictures: int = 500, times: int = 3, side: int = 384) -> dict[str, Any]:
    """Seconds and processor seconds of both, from a tenth of the pictures to the last."""
    with tempfile.TemporaryDirectory(prefix="cluster-") as name:
        folder = Path(name)
        _make(folder, pictures, side)
        rows: list[dict[str, Any]] = []
        with ray_cluster(folder / "ray", cores()) as ray:
            for number in range(times):
                for way in ("plain", "ray"):
                    out = folder / f"{way}-{number}"
                    rows.append({"by": way, **_time(folder, out, way, ray.address, pictures)})
                    print(rows[-1], file=sys.stderr, flush=True)
            version = ray.version
    middle = {
        (way, what): median(row[what] for row in rows if row["by"] == way)
        for way in ("plain", "ray")
        for what in ("seconds", "processor_seconds")
    }
    return {
        "pictures": pictures,
        "side": side,
        "cores": cores(),
        "ray": version,
        "runs": rows,
        "driver_seconds_per_picture": round(
            median(row["driver_seconds"] for row in rows if row["by"] == "ray") / pictures, 6
        ),
        "ratio_of_seconds": round(middle["ray", "seconds"] / middle["plain", "seconds"], 3),
        "ratio_of_processor_seconds": round(
            middle["ray", "processor_seconds"] / middle["plain", "processor_seconds"], 3
        ),
        "load_average": [round(each, 2) for each in os.getloadavg()],
    }


def _make(folder: Path, pictures: int, side: int) -> None:
    """Covers and secrets of a few photographs, all different."""
    for what, turn in (("covers", 0), ("secrets", 1)):
        (folder / what).mkdir()
        for number in range(pictures):
            picture = np.roll(photograph(_NAMES[(number + turn) % 4], 300, side), number, axis=1)
            cv2.imwrite(str(folder / what / f"{number:04}.jpg"), picture[..., ::-1])


def _time(folder: Path, out: Path, way: str, address: str, pictures: int) -> dict[str, float]:
    module = "runtime.distributed" if way == "ray" else "runtime"
    command = [sys.executable, "-m", module, "hide", str(folder / "covers")]
    command += [str(folder / "secrets"), "-o", str(out), "--device", "cpu", "-q"]
    command += ["--address", address, "--memory", "2"] if way == "ray" else []
    root = str(Path(runtime.__file__).parent.parent)
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": root})

    def made() -> int:
        return sum(1 for _ in out.glob("*.png")) if out.is_dir() else 0

    def working() -> list[psutil.Process]:
        mine = psutil.Process(process.pid)
        if way == "plain":
            return [mine]
        # Ray's own processes name its folder; workers are children of one of them.
        named = [each for each in psutil.process_iter() if str(folder / "ray") in command_of(each)]
        return list({each.pid: each for one in (mine, *named) for each in _family(one)}.values())

    settled = int(pictures * _SETTLED)
    _wait(lambda: made() >= settled, process)
    first, start, before = made(), time.monotonic(), _processor(working())
    driver = before.get(process.pid, 0.0)
    _wait(lambda: made() >= pictures, process)
    seconds, after = time.monotonic() - start, _processor(working())
    if process.wait(_TIMEOUT):
        raise RuntimeError(f"{way} failed with exit code {process.returncode}")
    spent = sum(value - before.get(pid, 0.0) for pid, value in after.items())
    share = (pictures - first) / pictures
    return {
        "pictures": pictures - first,
        "seconds": round(seconds / share, 2),
        "processor_seconds": round(spent / share, 2),
        "driver_seconds": round((after.get(process.pid, driver) - driver) / share, 3),
    }


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _processor(processes: list[psutil.Process]) -> dict[int, float]:
    spent = {}
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        spent[process.pid] = times.user + times.system
    return spent


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _TIMEOUT
    while not ready():
        if process.poll() not in (None, 0) or time.monotonic() > end:
            raise RuntimeError("it ended too early")
        time.sleep(_POLL)
