"""One exported network, loaded and ready: a session that threads may share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runtime._devices import Device, open_session
from runtime._errors import ModelError
from runtime._models import Model, load_model
from runtime._pictures import Picture
from runtime._tiles import run_in_tiles

if TYPE_CHECKING:
    import onnxruntime

_INPUTS = {"hide": ["cover", "secret"], "reveal": ["container"]}
_OUTPUTS = {"hide": ["container"], "reveal": ["secret"]}


class Network:
    """The hide or the reveal graph of a model.

    Args:
        model: Name of a shipped model, or a folder with one's own.
        part: `hide` or `reveal`.
        device: See `runtime.Hider`.
        threads: See `runtime.Hider`.

    Raises:
        ModelError: The model is missing, damaged, or not what its manifest says.
        DeviceError: The device is not to be had.
    """

    def __init__(
        self, model: str | Path, part: str, device: str = "auto", threads: int | None = None
    ) -> None:
        self.model: Model = load_model(model)
        self.device: Device
        self._part = part
        self._halo = self.model.halo(part)
        self._session, self.device = open_session(self.model.graph(part), device, threads)
        _check_session(self._session, self.model, part)

    def run(self, *pictures: Picture) -> Picture:
        """Runs the network on pictures of one size, (height, width, 3), in its inputs' order."""
        return run_in_tiles(self._run_tile, pictures, self._halo)

    def _run_tile(self, *pictures: Picture) -> Picture:
        batches = (np.ascontiguousarray(picture)[None] for picture in pictures)
        feed = dict(zip(_INPUTS[self._part], batches, strict=True))
        (made,) = self._session.run(_OUTPUTS[self._part], feed)
        return np.asarray(made[0], np.uint8)


def _check_session(session: onnxruntime.InferenceSession, model: Model, part: str) -> None:
    """Raises ModelError unless the graph is the part that the manifest says it is."""
    carried = session.get_modelmeta().custom_metadata_map
    where = model.folder / f"{part}.onnx"
    for key, expected in (
        ("part", part),
        ("model", model.name),
        ("format_version", str(model.manifest["format_version"])),
        ("weights_sha256", str(model.manifest.get("weights_sha256"))),
    ):
        if carried.get(key) != expected:
            raise ModelError(f"{where} says {key} {carried.get(key)!r}, expected {expected!r}")
    inputs = [value.name for value in session.get_inputs()]
    outputs = [value.name for value in session.get_outputs()]
    if inputs != _INPUTS[part] or outputs != _OUTPUTS[part]:
        raise ModelError(
            f"{where} has inputs {inputs} and outputs {outputs}, "
            f"expected {_INPUTS[part]} and {_OUTPUTS[part]}"
        )
