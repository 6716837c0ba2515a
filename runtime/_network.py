"""One exported network, loaded and ready: a session that threads may share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime._devices import Device, checked_threads, open_session
from runtime._errors import DeviceError, ModelError, UsageError
from runtime._models import Model, load_model

if TYPE_CHECKING:
    import onnxruntime

# How many runs of a coded model there are at a time, on the CPU. Its graphs are many small steps,
# most of them too small for threads to share: two tiles side by side take little longer than one.
# More than four would take more memory than a large picture has to.
_SIDE_BY_SIDE = 4

# What the graphs of the two kinds of model take and give: `direct` ones map pictures to pictures,
# `coded` ones write a code of the secret into the residues of a tile's samples.
_NAMES = {
    ("direct", "hide"): (["cover", "secret"], ["container"]),
    ("direct", "reveal"): (["container"], ["secret"]),
    ("coded", "hide"): (["cover", "secret", "pad", "header", "bits"], ["container"]),
    ("coded", "reveal"): (["container", "pad", "bits"], ["secret", "header", "intact"]),
}


class Network:
    """The hide or the reveal graph of a model.

    Args:
        model: Name of a shipped model, or a folder with one's own.
        part: `hide` or `reveal`.
        device: See `runtime.Hider`.
        threads: See `runtime.Hider`.

    Attributes:
        model: The model.
        device: The device that it runs on.
        side_by_side: How many threads should run it at a time; 1 where one run fills the device.

    Raises:
        UsageError: There is no such kind of device, or `threads` is not positive.
        ModelError: The model is missing, damaged, or not what its manifest says.
        DeviceError: The device is not to be had.
    """

    def __init__(
        self, model: str | Path, part: str, device: str = "auto", threads: int | None = None
    ) -> None:
        self.model: Model = load_model(model)
        self.device: Device
        every = checked_threads(threads)
        runs = min(every, _SIDE_BY_SIDE) if self.model.payloads else 1
        # A run's own thread counts; those besides are shared by all runs.
        session, self.device = open_session(self.model.graph(part), device, every - runs + 1)
        self.side_by_side = runs if self.device.name == "cpu" else 1
        _check_session(session, self.model, part)
        self._session: onnxruntime.InferenceSession | None = session

    def run(self, feed: Mapping[str, Any], *outputs: str) -> list[Any]:
        """Runs the graph on arrays by the names of its inputs; returns the named outputs.

        Raises:
            UsageError: It was closed.
            DeviceError: The device could not do it, for lack of memory or any other reason.
        """
        session = self._session
        if session is None:
            raise UsageError("it was closed, and cannot be used any more")
        try:
            return list(session.run(list(outputs), dict(feed)))
        # ONNX Runtime's exceptions have no base of their own.
        except Exception as error:
            raise DeviceError(f"ONNX Runtime failed on {self.device.name}: {error}") from error

    def close(self) -> None:
        """Lets go of the session."""
        self._session = None


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
    found = tuple(
        [value.name for value in values] for values in (session.get_inputs(), session.get_outputs())
    )
    names = _NAMES["coded" if model.payloads else "direct", part]
    if found != names:
        raise ModelError(f"{where} has inputs and outputs {found}, expected {names}")
