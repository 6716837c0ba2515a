"""One exported graph, loaded and ready: a session that threads may share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.engine.devices import Device, checked_threads, open_session
from runtime.engine.fork import survive_forks
from runtime.engine.models import Model
from runtime.errors import ClosedError, DeviceError, ModelError

if TYPE_CHECKING:
    import onnxruntime


@dataclass(frozen=True)
class Signature:
    """Names of a graph's inputs and outputs, in order."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Network:
    """A graph of a model.

    Args:
        model: The model.
        graph: Name of the graph, such as `hide`.
        signature: What it takes and gives.
        device: See `runtime.Hider`.
        threads: See `runtime.Hider`.
        side_by_side: How many runs there may be at a time on the CPU. For graphs of many steps too
            small for threads to share: two runs side by side take little longer than one.

    Attributes:
        model: The model.
        device: The device that it runs on.
        side_by_side: How many threads should run it at a time; 1 where one run fills the device.

    Raises:
        UsageError: There is no such kind of device, or `threads` is not positive.
        ModelError: The graph is missing, damaged, or not what the manifest says.
        DeviceError: The device is not available.
    """

    def __init__(
        self,
        model: Model,
        graph: str,
        signature: Signature,
        device: str = "auto",
        threads: int | None = None,
        side_by_side: int = 1,
    ) -> None:
        self.model = model
        self.device: Device
        available = checked_threads(threads)
        runs = min(available, side_by_side)
        # Each run brings its own thread; the others are shared by all runs.
        session, self.device = open_session(model.graph(graph), device, available - runs + 1)
        self.side_by_side = runs if self.device.name == "cpu" else 1
        _check_session(session, model, graph, signature)
        self._session: onnxruntime.InferenceSession | None = session
        self._forked = False
        survive_forks(self)

    def run(self, feed: Mapping[str, Any], *outputs: str) -> list[Any]:
        """Runs the graph on arrays by the names of its inputs; returns the named outputs.

        Raises:
            ClosedError: It was closed, or made before this process was forked.
            DeviceError: The device failed, for lack of memory or any other reason.
        """
        session = self._open_session()
        try:
            return list(session.run(list(outputs), dict(feed)))
        # ONNX Runtime's exceptions have no base of their own.
        except Exception as error:
            raise DeviceError(f"ONNX Runtime failed on {self.device.name}: {error}") from error

    def check_open(self) -> None:
        """Raises ClosedError if it was closed, or made before this process was forked."""
        self._open_session()

    def _open_session(self) -> onnxruntime.InferenceSession:
        session = self._session
        if session is None and self._forked:
            raise ClosedError(
                "it was made before this process was forked, which ONNX Runtime does not survive; "
                "make it after the fork, in the child"
            )
        if session is None:
            raise ClosedError("it was closed and cannot be used any more")
        return session

    def close(self) -> None:
        """Releases the session."""
        self._session = None

    def give_up_session(self) -> onnxruntime.InferenceSession | None:
        """Drops the session in a forked child; returns it."""
        session, self._session, self._forked = self._session, None, True
        return session


def _check_session(
    session: onnxruntime.InferenceSession, model: Model, graph: str, signature: Signature
) -> None:
    """Raises ModelError unless the graph is the one that the manifest describes."""
    carried = session.get_modelmeta().custom_metadata_map
    where = model.folder / f"{graph}.onnx"
    for key, expected in (
        ("part", graph),
        ("model", model.name),
        ("format_version", str(model.manifest["format_version"])),
        ("weights_sha256", str(model.manifest.get("weights_sha256"))),
    ):
        if carried.get(key) != expected:
            raise ModelError(f"{where} says {key} {carried.get(key)!r}, expected {expected!r}")
    actual = Signature(
        *(
            tuple(value.name for value in values)
            for values in (session.get_inputs(), session.get_outputs())
        )
    )
    if actual != signature:
        raise ModelError(f"{where} has {actual}, expected {signature}")
