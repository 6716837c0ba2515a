"""Intermediate results of a long measurement, kept so that an interrupted run can continue."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import runtime
from runtime.batch.files import write_whole
from runtime.engine.models import load_model


class Store:
    """Keeps values by a key that names everything they depend on.

    Args:
        folder: Where to keep them; None to keep nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, depends_on: Any, compute: Callable[[], Any]) -> Any:
        """The kept value, or a new one.

        Args:
            depends_on: JSON values: everything that would change the value.
            compute: Returns the value, made of JSON values.
        """
        if self._folder is None:
            return compute()
        key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()
        path = self._folder / f"{key[:24]}.json"
        if path.is_file():
            return json.loads(path.read_text())
        # Through JSON both times, so that a kept value is the same as a new one.
        text = json.dumps(compute())
        write_whole(path, text.encode(), overwrite=True)
        return json.loads(text)


def files_digest(files: Iterable[Path]) -> str:
    """A digest of the contents of files, in the given order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def sources_digest(*modules: ModuleType) -> str:
    """A digest of the source files of modules."""
    return files_digest(Path(inspect.getfile(module)) for module in modules)


def model_digest(model: str) -> str:
    """A digest of everything that a model's containers depend on: its graphs and the runtime."""
    sources = sorted(Path(runtime.__file__).parent.rglob("*.py"))
    return f"{files_digest(sources)} {json.dumps(load_model(model).manifest['files'])}"
