"""Peak memory of one worker against the megapixels of a cover and its secret."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.robustness.corpus import photograph
from runtime import Hider, Revealer
from runtime.images.image import Picture

MEGAPIXELS = (1, 24, 100)
_SECRETS = {"one of its size": 1.0, "a small one": 0.0}
_KINDS = tuple((action, secret) for action in ("hide", "reveal") for secret in _SECRETS)


def measure(megapixels: tuple[int, ...] = MEGAPIXELS) -> dict[str, Any]:
    """Peak memory in MiB and seconds, a process for each size, with one thread."""
    rows = []
    for action, secret in _KINDS:
        for size in megapixels:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.cluster.memory", action, secret, str(size)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            rows.append(json.loads(done.stdout))
            print(rows[-1], file=sys.stderr, flush=True)
    return {"rows": rows}


def _picture(megapixels: float, name: str) -> bytes:
    """A JPEG file of a photograph that is enlarged, with noise so that it is not smooth."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    return cv2.imencode(".jpg", pixels(height, height * 4 // 3, name))[1].tobytes()


def pixels(height: int, width: int, name: str) -> Picture:
    """A photograph of any size, with noise so that it is not smooth."""
    enlarged = cv2.resize(photograph(name), (width, height), interpolation=cv2.INTER_LINEAR)
    random = np.random.default_rng(1)
    for top in range(0, height, 256):
        rows = enlarged[top : top + 256]
        noise = random.integers(-12, 13, rows.shape, np.int16)
        rows[:] = np.clip(rows + noise, 0, 255)
    return enlarged  # type: ignore[return-value]


def _inside(action: str, secret: str, megapixels: int) -> dict[str, Any]:
    """One picture in this process."""
    cover = _picture(megapixels, "rocket")
    hidden = _picture(max(0.25, megapixels * _SECRETS[secret]), "coffee")
    if action == "hide":
        with Hider(device="cpu", threads=1) as hider:
            start = time.perf_counter()
            hider.hide(cover, hidden)
    else:
        with Hider(device="cpu", threads=1) as hider:
            container = hider.hide(cover, hidden)
        # In a process of its own, since hiding takes more memory.
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.cluster.memory", "reveal-only"],
            input=container,
            stdout=subprocess.PIPE,
            check=True,
        )
        return {**json.loads(done.stdout), "secret": secret, "megapixels": megapixels}
    return {**_peak(action, start), "secret": secret, "megapixels": megapixels}


def _peak(action: str, start: float) -> dict[str, Any]:
    # Not getrusage's, which counts what the parent had when it started this process.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return {
        "action": action,
        "seconds": round(time.perf_counter() - start, 2),
        "peak_mib": round(peak),
    }


def _reveal_only() -> dict[str, Any]:
    container = sys.stdin.buffer.read()
    with Revealer(device="cpu", threads=1) as revealer:
        start = time.perf_counter()
        revealer.reveal(container)
    return _peak("reveal", start)


if __name__ == "__main__":
    if sys.argv[1:] == ["reveal-only"]:
        print(json.dumps(_reveal_only()))
    else:
        print(json.dumps(_inside(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
