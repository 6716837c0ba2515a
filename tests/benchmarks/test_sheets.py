"""`python -m benchmarks sheet` and `panel`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from support import photograph, read, run_module

from benchmarks.common.photographs import centre


def test_sheet(tmp_path: Path):
    out = tmp_path / "sheet.png"
    result = run_module("benchmarks", "sheet", "-o", out, "--model", "clear", "--side", "64")
    assert result.returncode == 0, result.stderr
    height, width, _ = read(out).shape
    assert (height, width) == (4 * (64 + 34) + 6, 8 * 70 + 6)
    # The first picture is the cover itself, pixel by pixel.
    first = read(out)[34 : 34 + 64, 6 : 6 + 64, :3]
    assert np.array_equal(first, centre(photograph("astronaut"), 64))


def test_panel(photographs: Path, tmp_path: Path):
    out = tmp_path / "panel.png"
    result = run_module(
        "benchmarks",
        "panel",
        photographs / "covers",
        photographs / "secrets",
        "-o",
        out,
        "--side",
        "48",
        "--rows",
        "2",
    )
    assert result.returncode == 0, result.stderr
    assert read(out).shape == (2 * 52 - 4, 5 * 52 - 4, 3)
