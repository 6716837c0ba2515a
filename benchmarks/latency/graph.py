"""Batches of pictures: through the Python interface, and through the graph alone.

The feed `api` is `hide_batch` and `reveal_batch`. The other feeds run the graph without the runtime
around it: `numpy` passes arrays in and out, `iobinding` keeps inputs and outputs on the device, so
that copying is not timed, and `cudagraph` also replays recorded kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import runtime
from benchmarks.common.command import GateError
from benchmarks.common.configurations import default_options
from benchmarks.common.metrics import psnr
from benchmarks.common.photographs import cover_and_secret
from benchmarks.latency.calls import Calls
from benchmarks.latency.timing import Case, Effort, Timing, time_in_turn
from runtime.engine.cores import cores
from runtime.engine.models import load_model
from runtime.images.image import Picture

_MOST_LOSS = 0.5
"""In dB of revealed PSNR, against the graph on the CPU."""


@dataclass(frozen=True)
class Variant:
    """How a graph is run; see `Case` for the attributes."""

    batch: int
    feed: str
    search: str | None


def measure(
    models: list[str],
    device: str,
    size: tuple[int, int],
    threads: int | None,
    variants: list[Variant],
    effort: Effort,
) -> tuple[list[Timing], list[str]]:
    """Times the variants in turn, after checking what each computes.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        size: Width and height in pixels.
        threads: See `runtime.Hider`.
        variants: How the graphs are run.
        effort: How much is measured.

    Returns:
        The timings, and a line for each variant that ONNX Runtime rejects.

    Raises:
        GateError: A variant computes something else.
    """
    calls: Calls = {}
    rejected = []
    for model in models:
        name = load_model(model).name
        for batch in dict.fromkeys(v.batch for v in variants if v.feed == "api"):
            calls |= _by_api(model, device, threads, size, batch)
        plain = _Graphs(model, "cpu", threads, size)
        for operation in ("hide", "reveal"):
            for variant in (v for v in variants if v.feed != "api"):
                case = Case("batch", name, operation, *size, device, threads, *astuple(variant))
                try:
                    run = _Graphs(model, device, threads, size, variant).call(operation)
                    outputs = run()
                except Exception as error:
                    rejected.append(f"{_described(case)}: {str(error).strip().splitlines()[0]}")
                    continue
                _check(case, plain, outputs)
                calls[case] = run
    return time_in_turn(calls, effort), rejected


def _by_api(
    model: str, device: str, threads: int | None, size: tuple[int, int], batch: int
) -> Calls:
    cover, secret = cover_and_secret(*size)
    hider = runtime.Hider(model, device=device, threads=threads)
    revealer = runtime.Revealer(model, device=device, threads=threads)
    container = hider.hide(cover, secret)
    calls: dict[str, Callable[[], Any]] = {
        "hide": lambda: hider.hide_batch([cover] * batch, [secret] * batch),
        "reveal": lambda: revealer.reveal_batch([container] * batch),
    }
    return {
        Case("batch", hider.model, operation, *size, device, threads, batch): call
        for operation, call in calls.items()
    }


class _Graphs:
    """Both graphs of a model, with inputs of one size."""

    def __init__(
        self,
        model: str | Path,
        device: str,
        threads: int | None,
        size: tuple[int, int],
        variant: Variant | None = None,
    ) -> None:
        self._model, self._device, self._threads = load_model(model), device, threads
        self._variant = variant or Variant(1, "numpy", None)
        self.cover, self.secret = cover_and_secret(*size)
        self._pictures = {"cover": self.cover, "secret": self.secret}
        self._options = default_options(model)

    def reveal(self, container: Picture) -> Picture:
        """The secret in one container of a batch."""
        session = self._session("reveal")
        self._pictures["container"] = container
        outputs = session.run(["secret"], self._inputs(session, 1))
        return np.asarray(outputs[0][0], np.uint8)

    def call(self, operation: str) -> Callable[[], dict[str, Any]]:
        """A function that runs a graph once and returns its outputs by name."""
        if operation == "reveal" and "container" not in self._pictures:
            session = self._session("hide", plain=True)
            outputs = session.run(["container"], self._inputs(session, 1))
            self._pictures["container"] = outputs[0][0]
        session = self._session(operation)
        inputs = self._inputs(session, self._variant.batch)
        names = [output.name for output in session.get_outputs()]
        if self._variant.feed == "numpy":
            return lambda: dict(zip(names, session.run(names, inputs), strict=True))
        return _bound(session, inputs, names, self._device)

    def _inputs(self, session: Any, batch: int) -> dict[str, Any]:
        """Pictures by name, options by name, and random bytes for all else."""
        generator = np.random.default_rng(0)
        inputs = {}
        for value in session.get_inputs():
            if value.name in self._options:
                inputs[value.name] = np.array(self._options[value.name], np.int64)
                continue
            if value.name in self._pictures:
                one = self._pictures[value.name]
            else:
                # A keystream for a picture, or a header.
                shape = self.cover.shape if len(value.shape) == 4 else value.shape[1]
                one = generator.integers(0, 256, shape, np.uint8)
            inputs[value.name] = np.ascontiguousarray(np.broadcast_to(one, (batch, *one.shape)))
        return inputs

    def _session(self, operation: str, plain: bool = False) -> Any:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads or cores()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        providers: list[Any] = ["CPUExecutionProvider"]
        if self._device != "cpu" and not plain:
            ort.preload_dlls(directory="")
            cuda = {"device_id": self._device.partition(":")[2] or "0", "use_tf32": "0"}
            if self._variant.search:
                cuda["cudnn_conv_algo_search"] = self._variant.search
            if self._variant.feed == "cudagraph":
                cuda["enable_cuda_graph"] = "1"
            providers.insert(0, ("CUDAExecutionProvider", cuda))
        elif self._variant.feed == "cudagraph" and not plain:
            raise ValueError("a CUDA graph needs a CUDA device")
        return ort.InferenceSession(self._model.graph(operation), options, providers=providers)


def _bound(
    session: Any, inputs: dict[str, Any], names: list[str], device: str
) -> Callable[[], dict[str, Any]]:
    import onnxruntime as ort

    kind, _, index = device.partition(":")
    place = (kind, int(index or 0))
    binding = session.io_binding()
    # Values must not move while the binding is in use: a CUDA graph replays addresses.
    kept = {name: ort.OrtValue.ortvalue_from_numpy(value, *place) for name, value in inputs.items()}
    for name, value in kept.items():
        binding.bind_ortvalue_input(name, value)
    shapes = session.run(names, inputs)
    for name, value in zip(names, shapes, strict=True):
        kept[name] = ort.OrtValue.ortvalue_from_numpy(value, *place)
        binding.bind_ortvalue_output(name, kept[name])

    def run() -> dict[str, Any]:
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()
        return {name: kept[name] for name in names}

    return run


def _check(case: Case, plain: _Graphs, outputs: dict[str, Any]) -> None:
    """Raises GateError unless the pictures are as good as those of the graph on the CPU."""
    arrays = {k: v if isinstance(v, np.ndarray) else v.numpy() for k, v in outputs.items()}
    reference = plain.call("reveal")()["secret"][0]
    least = psnr(plain.secret, reference) - _MOST_LOSS
    if case.operation == "hide":
        revealed = [plain.reveal(arrays["container"][-1])]
    else:
        revealed = list(arrays["secret"])
    for picture in revealed:
        value = psnr(plain.secret, picture)
        if value < least:
            raise GateError(
                f"{_described(case)} is wrong: it reveals {value:.1f} dB, and must reveal at least "
                f"{least:.1f} dB"
            )


def _described(case: Case) -> str:
    search = f", {case.search}" if case.search else ""
    return (
        f"{case.model} {case.operation}, batch {case.batch}, {case.feed}{search} on {case.device}"
    )
