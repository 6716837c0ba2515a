"""Peak memory of processes that hide and reveal one large picture, as a file and as code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from benchmarks.common.command import GateError
from benchmarks.common.photographs import shown
from runtime import write_picture

_WIDTH, _HEIGHT = 6000, 4000
_PROGRAM = r"""
import json, sys
from pathlib import Path
from runtime.__main__ import main
code = main(sys.argv[1:])
status = Path("/proc/self/status").read_text()
print(json.dumps({"code": code, "peak": 1024 * int(status.partition("VmHWM:")[2].split()[0])}))
"""


def measure(files: Sequence[Path], work: Path) -> dict[str, Any]:
    """Runs the commands on 24 megapixels made of photographs, on Linux.

    Args:
        files: Photographs.
        work: A folder for temporary files.

    Raises:
        GateError: A command fails.
    """
    work.mkdir(parents=True, exist_ok=True)
    cover, secret = work / "cover.png", work / "secret.jpg"
    picture = _paved(files)
    PIL.Image.fromarray(picture).save(secret, quality=90)
    write_picture(cover, picture[::-1, ::-1].copy())
    processes = []
    for payload, exact in (("file", "always"), ("code", "never")):
        container, out = work / f"{payload}.png", work / f"{payload}-revealed"
        hide = ("hide", cover, secret, "-o", container, "--exact", exact)
        for name, arguments in (("hide", hide), ("reveal", ("reveal", container, "-o", out))):
            peak = _peak(*map(str, arguments))
            processes.append({"part": name, "payload": payload, "peak_bytes": peak})
    return {"width": _WIDTH, "height": _HEIGHT, "processes": processes}


def _paved(files: Sequence[Path]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Photographs side by side, row below row, as they are, until 24 megapixels are covered."""
    rows: list[Any] = []
    number = height = 0
    while height < _HEIGHT:
        row: list[Any] = []
        while sum(picture.shape[1] for picture in row) < _WIDTH:
            row.append(shown(files[number % len(files)]))
            number += 1
        low = min(len(picture) for picture in row)
        rows.append(np.concatenate([picture[:low] for picture in row], axis=1)[:, :_WIDTH])
        height += low
    return np.ascontiguousarray(np.concatenate(rows)[:_HEIGHT])


def _peak(*arguments: str) -> int:
    command = [sys.executable, "-c", _PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise GateError(f"{arguments[0]} failed: {done.stderr[-500:]}") from error
    if report["code"]:
        raise GateError(f"{arguments[0]} failed: {done.stderr[-500:]}")
    return int(report["peak"])
