"""What the benchmarks' commands share: how errors are told, and files written whole."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import runtime


class GateError(Exception):
    """What was measured does not do what it should, so its figures are not worth writing."""


def guarded(command: Callable[[], int]) -> int:
    """Runs a command; its errors become a line on stderr and an exit code."""
    try:
        return command()
    except runtime.DeviceError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except (runtime.PlainsightError, GateError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        asked = os.environ.get("KERAS_BACKEND")
        help_ = "pip install -e '.[bench]'" if error.name != asked else "KERAS_BACKEND asks for it"
        print(f"error: {error.name} is not installed; {help_}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path`, with its suffix, that takes its place if all goes well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{secrets.token_hex(4)}-{path.name}")
    try:
        yield partial
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path | None, result: dict[str, Any]) -> None:
    """Writes a result, if there is a path to write it to, and says so."""
    if path is None:
        return
    with whole_file(path) as partial:
        partial.write_text(json.dumps(result, indent=1) + "\n")
    written(path)


def written(path: Path) -> None:
    """Says that a file was written."""
    print(f"written to {path}", file=sys.stderr)


def read_json(path: Path) -> dict[str, Any]:
    """Reads a result.

    Raises:
        ValueError: It is not one.
    """
    try:
        found = json.loads(path.read_text())
        str(found["benchmark"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is not a benchmark's result") from error
    return dict(found)
