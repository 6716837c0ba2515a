"""Models on disk: where they are, what their manifest says, and whether the files are whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime._errors import ModelError

FORMAT_VERSION = 1
DEFAULT = "clear"

_PACKAGE = Path(__file__).parent
# In a wheel the models are inside the package; in a checkout they are beside it.
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")


@dataclass(frozen=True)
class Model:
    """A model folder whose manifest has been read.

    Attributes:
        name: Such as `classic`.
        folder: Where its files are.
        manifest: The manifest as it stands.
    """

    name: str
    folder: Path
    manifest: dict[str, Any]

    @property
    def payloads(self) -> tuple[int, ...]:
        """Bits a sample that it can carry; empty for a model that maps pictures to pictures."""
        return tuple(self.manifest["payload"] or ())

    @property
    def code(self) -> bytes:
        """Two bytes that tell the fitted code of this model from another's, for containers."""
        return bytes.fromhex(str(self.manifest["weights_sha256"])[:4])

    def halo(self, part: str) -> int:
        """Pixels that a network which maps pictures to pictures looks beyond the one it writes."""
        return int(self.manifest["halo"][part])

    def graph(self, part: str) -> bytes:
        """The ONNX file of `hide` or `reveal`, as the manifest knows it.

        Raises:
            ModelError: The file is missing, or is not the one of the manifest.
        """
        path = self.folder / f"{part}.onnx"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}") from error
        found = hashlib.sha256(content).hexdigest()
        expected = self.manifest["files"][path.name]["sha256"]
        if found != expected:
            raise ModelError(
                f"{path} is damaged or not of this model: its SHA-256 is {found[:16]}…, "
                f"the manifest says {expected[:16]}…. Install or export the model again."
            )
        return content


def shipped_models() -> list[str]:
    """Names of the models that came with this package."""
    return sorted({path.parent.name for place in _PLACES for path in place.glob("*/manifest.json")})


def load_model(model: str | Path) -> Model:
    """Finds a model by name, or one's own by its folder, and reads its manifest.

    Args:
        model: Name of a shipped model, or a folder with hide.onnx, reveal.onnx, manifest.json.

    Raises:
        ModelError: There is no such model, or its manifest cannot be used.
    """
    folder = _find(model)
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["format_version"]
        name = str(manifest["model"])
        tuple(int(bits) for bits in manifest["payload"] or ())
        bytes.fromhex(manifest["weights_sha256"][:4])
        for part in ("hide", "reveal"):
            if not manifest["payload"]:
                int(manifest["halo"][part])
            str(manifest["files"][f"{part}.onnx"]["sha256"])
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not a model's manifest: {error!r}") from error
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{path} has format version {version}, this plainsight reads {FORMAT_VERSION}; "
            "install the plainsight that the model was made for"
        )
    return Model(name, folder, manifest)


def _find(model: str | Path) -> Path:
    # A bare name is a shipped model even where a folder of that name happens to be at hand.
    if isinstance(model, str) and Path(model).name == model:
        for place in _PLACES:
            if (place / model / "manifest.json").is_file():
                return place / model
    folder = Path(model)
    if (folder / "manifest.json").is_file():
        return folder
    if folder.is_dir():
        raise ModelError(f"{folder} is not a model: there is no manifest.json in it")
    raise ModelError(
        f"there is no model {str(model)!r}: neither one of those shipped "
        f"({', '.join(shipped_models()) or 'none'}) nor a folder"
    )
