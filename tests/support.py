"""What several tests need: photographs, and commands run as a user runs them."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import skimage.io

ROOT = Path(__file__).parent.parent


def photograph(name: str, height: int | None = None, width: int | None = None) -> np.ndarray:
    """One of scikit-image's photographs, uint8 (height, width, 3), cut to a size."""
    return np.ascontiguousarray(getattr(skimage.data, name)()[:height, :width])


def save(path: Path, picture: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    skimage.io.imsave(path, picture, check_contrast=False)
    return path


def read(path: Path) -> np.ndarray:
    """Reads by another library than the one under test."""
    return np.asarray(skimage.io.imread(path))


def run_module(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m ...` as a user would."""
    return _run(["-m", *map(str, arguments)], cwd, environment)


def run_python(
    code: str, *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs a few lines of Python in a process of their own."""
    return _run(["-c", code, *map(str, arguments)], cwd, environment)


def run_main(
    main: Callable[[list[str]], int], *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    """Calls what `python -m ...` calls, without the seconds that a process imports Keras for."""
    words = list(map(str, arguments))
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            code = main(words)
        except SystemExit as end:
            code = end.code
    return subprocess.CompletedProcess(words, code, out.getvalue(), errors.getvalue())


def _run(
    arguments: list[str], cwd: Path | None, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def saved_again(picture: np.ndarray, quality: int, scale: float = 1.0) -> bytes:
    """A JPEG file (4:2:0) of a picture, resized or not, as messengers make them."""
    if scale != 1.0:
        size = [round(side * scale) for side in picture.shape[1::-1]]
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, content = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(content)
