"""Models on disk: where they are, what their manifest says, and whether their files are intact."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.engine.external_data import has_external_data
from runtime.errors import ModelError

DEFAULT = "clear"

_PACKAGE = Path(__file__).parent.parent
# In a wheel the models are inside the package; in a checkout they are beside it.
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")


@dataclass(frozen=True)
class Model:
    """A model folder whose manifest has been read.

    Attributes:
        name: Such as `classic`.
        scheme: Name of the way of hiding, one of those in `runtime.schemes`.
        format_version: Version of that scheme's format.
        folder: Where its files are.
        manifest: The manifest as it stands.
    """

    name: str
    scheme: str
    format_version: int
    folder: Path
    manifest: Mapping[str, Any]

    def graph(self, name: str) -> bytes:
        """The content of an ONNX file, checked against the manifest.

        Args:
            name: Such as `hide`, for the file `hide.onnx`.

        Raises:
            ModelError: The file is missing, is not the one that the manifest names, or keeps
                tensors in other files.
        """
        path = self.folder / f"{name}.onnx"
        expected = self.sha256(name)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}") from error
        actual = hashlib.sha256(content).hexdigest()
        if actual != expected:
            raise ModelError(
                f"{path} is damaged or belongs to another model: its SHA-256 is {actual[:16]}…, "
                f"the manifest says {expected[:16]}…. Install or export the model again."
            )
        try:
            external = has_external_data(content)
        except ValueError as error:
            raise ModelError(f"{path} is not an ONNX file: {error}") from error
        if external:
            raise ModelError(
                f"{path} keeps tensors in other files, which is refused: export it with all its "
                "tensors inside"
            )
        return content

    def sha256(self, name: str) -> str:
        """SHA-256 of a graph's file, as the manifest says.

        Raises:
            ModelError: The manifest does not name it.
        """
        try:
            return str(self.manifest["files"][f"{name}.onnx"]["sha256"])
        except (KeyError, TypeError) as error:
            raise ModelError(
                f"{self.folder / 'manifest.json'} is not a valid manifest: no {name}.onnx in files"
            ) from error


def shipped_folders() -> list[Path]:
    """Folders of the models that came with this package, in the order of their names."""
    folders = {
        path.parent.name: path.parent
        for place in reversed(_PLACES)
        for path in place.glob("*/manifest.json")
    }
    return [folders[name] for name in sorted(folders)]


def shipped_models() -> list[str]:
    """Names of the models that came with this package."""
    return [folder.name for folder in shipped_folders()]


def load_model(model: str | Path) -> Model:
    """Finds a model by name, or one's own by its folder, and reads its manifest.

    Args:
        model: Name of a shipped model, or a folder with the graphs and manifest.json.

    Raises:
        ModelError: There is no such model, or its manifest cannot be used.
    """
    folder = _find(model)
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version = int(manifest["format_version"])
        name, scheme = str(manifest["model"]), str(manifest["scheme"])
        dict(manifest["files"])
        dict(manifest["options"])
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not a valid manifest: {error!r}") from error
    return Model(name, scheme, version, folder, manifest)


def _find(model: str | Path) -> Path:
    # A bare name is a shipped model even if the current folder has a subfolder of that name.
    if isinstance(model, str) and Path(model).name == model:
        for place in _PLACES:
            if (place / model / "manifest.json").is_file():
                return place / model
    folder = Path(model)
    if (folder / "manifest.json").is_file():
        return folder
    if folder.is_dir():
        raise ModelError(f"{folder} is not a model: it has no manifest.json")
    raise ModelError(
        f"there is no model {str(model)!r}: neither one of those shipped "
        f"({', '.join(shipped_models()) or 'none'}) nor a folder"
    )
