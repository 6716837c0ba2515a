"""The table of models that can be exported."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from training.options import Option
from training.quiet import load_keras

if TYPE_CHECKING:  # it imports ONNX Runtime, for which --help should not wait
    from export.candidate import Candidate


class Module(Protocol):
    """A model's module."""

    def build(self, source: Path, values: dict[str, Any]) -> Candidate:
        """Builds the graphs.

        Args:
            source: The positional argument of the command.
            values: Values of the model's options by name.

        Raises:
            OSError: A file is missing or cannot be read.
            ValueError: The source is not of this model, or damaged.
        """


@dataclass(frozen=True)
class Declaration:
    """What the command knows of a model.

    Attributes:
        source: What the positional argument is, for `--help`.
        scheme: The scheme that hides with the model, see `runtime.schemes`.
        format_version: Version of that scheme's format, for the manifest.
        options: Options that no other model has.
        module: Name of the module with the model's `build`.
        trained: Whether it is always made from a training run, and so needs Keras.
    """

    source: str
    scheme: str
    format_version: int
    options: tuple[Option, ...]
    module: str
    trained: bool = False

    def load(self) -> Module:
        """Imports the module, which takes seconds."""
        if self.trained:
            load_keras()
        return cast(Module, importlib.import_module(self.module))


MODELS = {
    "classic": Declaration(
        source="folder of a training run",
        scheme="classic",
        format_version=1,
        options=(),
        module="export.classic.model",
        trained=True,
    ),
    "clear": Declaration(
        source="the codec's tables, a file written by training.clear.fit",
        scheme="clear",
        format_version=2,
        options=(
            Option(
                "network",
                "folder of the restoring network's training run",
                None,
                "none",
                parse=Path,
            ),
        ),
        module="export.clear.model",
    ),
    "quiet": Declaration(
        source="the filters of the costs, export/quiet/hill.json",
        scheme="quiet",
        format_version=1,
        options=(),
        module="export.quiet.model",
    ),
    "robust": Declaration(
        source="the folder dct, whose constants the graphs are made from",
        scheme="robust",
        format_version=1,
        options=(
            Option("restore", "folder of a training run of robust", None, "none", parse=Path),
        ),
        module="export.robust.model",
    ),
}
