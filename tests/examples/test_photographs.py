"""The example script that writes sample photographs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support import ROOT, read


def test_photographs_are_written(tmp_path: Path):
    script = ROOT / "examples" / "photographs.py"
    command = [sys.executable, script, tmp_path / "photos"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    for part in ("covers", "secrets"):
        files = list((tmp_path / "photos" / part).glob("*.png"))
        assert len(files) == 3
        assert all(read(path).ndim == 3 for path in files)
