"""Result files: JSON objects with the name of their benchmark, written atomically."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from runtime.batch.files import write_whole

Result = dict[str, Any]
"""The values of one result file."""

Results = dict[str, Result]
"""Results by the name of their file, without its extension."""


def write_file(path: Path, content: bytes) -> None:
    """Writes a file atomically, replaces an existing one, and says so on stderr."""
    write_whole(path, content, overwrite=True)
    print(f"wrote {path}", file=sys.stderr)


def write_result(path: Path | None, result: Result) -> None:
    """Writes a result, if there is a path to write it to."""
    if path is not None:
        write_file(path, (json.dumps(result, indent=1) + "\n").encode())


def read_result(path: Path) -> Result:
    """Reads a result.

    Raises:
        ValueError: The file is not a benchmark result.
    """
    try:
        result = json.loads(path.read_text())
        str(result["benchmark"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is not a benchmark result") from error
    return dict(result)


def read_results(folder: Path) -> Results:
    """All results directly in a folder."""
    return {path.stem: read_result(path) for path in sorted(folder.glob("*.json"))}
