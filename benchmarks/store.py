"""Finished parts of a long measurement, kept so that an interrupted run goes on from there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import runtime
from benchmarks.command import whole_file
from runtime._models import load_model


class Store:
    """Keeps results by what they depend on.

    Args:
        folder: Where to keep them; None to keep nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, depends_on: Any, make: Callable[[], Any]) -> Any:
        """The kept result, or the one made now.

        Args:
            depends_on: Plain values; everything that would make another result.
            make: Makes the result, of plain values.
        """
        if self._folder is None:
            return make()
        key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()
        path = self._folder / f"{key[:24]}.json"
        if path.is_file():
            return json.loads(path.read_text())
        # Through JSON both times, so that a kept result is the same as a new one.
        text = json.dumps(make())
        with whole_file(path) as partial:
            partial.write_text(text)
        return json.loads(text)


def files_digest(files: Iterable[Path]) -> str:
    """A digest of the files' contents, in their order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def model_digest(model: str) -> str:
    """A digest of everything that a model's containers depend on: its graphs and the runtime."""
    sources = sorted(Path(runtime.__file__).parent.glob("*.py"))
    return f"{files_digest(sources)} {json.dumps(load_model(model).manifest['files'])}"
