"""Batches of pictures: by the Python interface, and by the graph alone, fed in several ways.

`api` is `hide_batch` and `reveal_batch`. The others leave out the runtime around the graph: `numpy`
hands arrays over and gets arrays back, `iobinding` has inputs and outputs on the device already, so
that copying them is not timed, and `cudagraph` also replays recorded kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import runtime
from benchmarks.command import GateError
from benchmarks.latency.pictures import cover_and_secret
from benchmarks.latency.timing import Case, Effort, Timing, time_in_turn
from benchmarks.provenance import cores
from benchmarks.quality import psnr
from runtime._models import load_model

_MOST_LOSS = 0.5


@dataclass(frozen=True)
class Variant:
    """A way of running a graph; see `Case`."""

    feed: str
    search: str | None
    batch: int


def measure(
    models: list[str],
    device: str,
    size: tuple[int, int],
    threads: int | None,
    variants: list[Variant],
    effort: Effort,
) -> tuple[list[Timing], list[str]]:
    """Times the variants in turn, each proven right first.

    Returns:
        The timings, and a line for each variant that ONNX Runtime refuses.

    Raises:
        GateError: A variant computes something else.
    """
    calls: dict[Case, Callable[[], Any]] = {}
    refused = []
    for model in models:
        name = load_model(model).name
        for batch in dict.fromkeys(v.batch for v in variants if v.feed == "api"):
            calls |= _by_api(model, device, threads, size, batch)
        plain = _Graphs(model, "cpu", threads, size)
        for part in ("hide", "reveal"):
            for variant in (v for v in variants if v.feed != "api"):
                case = Case(
                    *("batch", name, part, *size, device, threads),
                    *(variant.batch, variant.feed, variant.search),
                )
                try:
                    run = _Graphs(model, device, threads, size, variant).call(part)
                    outputs = run()
                except Exception as error:
                    refused.append(f"{_words(case)}: {str(error).strip().splitlines()[0]}")
                    continue
                _prove(case, plain, outputs)
                calls[case] = run
    return time_in_turn(calls, effort), refused


def _by_api(
    model: str, device: str, threads: int | None, size: tuple[int, int], batch: int
) -> dict[Case, Callable[[], Any]]:
    cover, secret = cover_and_secret(*size)
    hider = runtime.Hider(model, device=device, threads=threads)
    revealer = runtime.Revealer(model, device=device, threads=threads)
    container = hider.hide(cover, secret)
    calls: dict[str, Callable[[], Any]] = {
        "hide": lambda: hider.hide_batch([cover] * batch, [secret] * batch),
        "reveal": lambda: revealer.reveal_batch([container] * batch),
    }
    return {
        Case("batch", hider.model, part, *size, device, threads, batch): call
        for part, call in calls.items()
    }


class _Graphs:
    """Both graphs of a model with their inputs, at one size."""

    def __init__(
        self,
        model: str | Path,
        device: str,
        threads: int | None,
        size: tuple[int, int],
        variant: Variant | None = None,
    ) -> None:
        self._model, self._device, self._threads = load_model(model), device, threads
        self._variant = variant or Variant("numpy", None, 1)
        self.cover, self.secret = cover_and_secret(*size)
        self._given: dict[str, Any] = {"cover": self.cover, "secret": self.secret}

    def reveal(self, container: Any) -> Any:
        """The secret by the plain graph, of one container of a batch."""
        session = self._session("reveal")
        self._given["container"] = container
        outputs = session.run(["secret"], self._inputs(session, 1))
        return outputs[0][0]

    def call(self, part: str) -> Callable[[], dict[str, Any]]:
        """A function that runs a graph once and returns its outputs by name."""
        if part == "reveal" and "container" not in self._given:
            session = _Graphs._session(self, "hide", plain=True)
            made = session.run(["container"], self._inputs(session, 1))
            self._given["container"] = made[0][0]
        session = self._session(part)
        inputs = self._inputs(session, self._variant.batch)
        names = [output.name for output in session.get_outputs()]
        if self._variant.feed == "numpy":
            return lambda: dict(zip(names, session.run(names, inputs), strict=True))
        return _bound(session, inputs, names, self._device)

    def _inputs(self, session: Any, batch: int) -> dict[str, Any]:
        """Pictures by name; a random pad; random header bytes; two bits a sample."""
        generator = np.random.default_rng(0)
        found = {}
        for value in session.get_inputs():
            if value.name in self._given:
                one = self._given[value.name]
            elif len(value.shape) == 4:
                one = generator.integers(0, 256, self.cover.shape, np.uint8)
            elif len(value.shape) == 2:
                one = generator.integers(0, 256, value.shape[1], np.uint8)
            else:
                found[value.name] = np.array(2, np.int64)
                continue
            found[value.name] = np.ascontiguousarray(np.broadcast_to(one, (batch, *one.shape)))
        return found

    def _session(self, part: str, plain: bool = False) -> Any:
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
        return ort.InferenceSession(self._model.graph(part), options, providers=providers)


def _bound(
    session: Any, inputs: dict[str, Any], names: list[str], device: str
) -> Callable[[], dict[str, Any]]:
    import onnxruntime as ort

    kind, _, index = device.partition(":")
    place = (kind, int(index or 0))
    binding = session.io_binding()
    # Values stay where they are for as long as the binding runs: a CUDA graph replays addresses.
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


def _prove(case: Case, plain: _Graphs, outputs: dict[str, Any]) -> None:
    """Raises GateError unless every picture of the batch is as good as the plain graph's."""
    arrays = {k: v if isinstance(v, np.ndarray) else v.numpy() for k, v in outputs.items()}
    reference = plain.call("reveal")()["secret"][0]
    least = psnr(plain.secret, reference) - _MOST_LOSS
    made = arrays["container" if case.part == "hide" else "secret"]
    for picture in made if case.part == "reveal" else made[-1:]:
        revealed = plain.reveal(picture) if case.part == "hide" else picture
        found = psnr(plain.secret, revealed)
        if found < least:
            raise GateError(
                f"{_words(case)} is not right: {found:.1f} dB revealed, {least:.1f} at least"
            )


def _words(case: Case) -> str:
    search = f", {case.search}" if case.search else ""
    return f"{case.model} {case.part}, batch {case.batch}, {case.feed}{search} on {case.device}"
