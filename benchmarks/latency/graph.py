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

from benchmarks.common.command import GateError
from benchmarks.common.configurations import code_only, default_options
from benchmarks.common.metrics import psnr
from benchmarks.common.photographs import cover_and_secret
from benchmarks.common.recording import Feed, recorded
from benchmarks.latency.calls import Calls, opened
from benchmarks.latency.timing import Case, Effort, Timing, time_in_turn
from runtime.engine.cores import cores
from runtime.engine.models import load_model
from runtime.images.image import Picture

_MOST_LOSS = 0.5
"""In dB of revealed PSNR, against the graph on the CPU."""

_LEAST_OF_ESTIMATES = 40.0
"""In dB: one hundredth."""


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
        alone = [variant for variant in variants if variant.feed != "api"]
        graphs = _Graphs(model, threads, size) if alone else None
        for graph in graphs.names if graphs else ():
            assert graphs is not None
            for variant in alone:
                case = Case("batch", name, graph, *size, device, threads, *astuple(variant))
                try:
                    run = graphs.call(graph, device, variant)
                    outputs = run()
                except Exception as error:
                    rejected.append(f"{_described(case)}: {str(error).strip().splitlines()[0]}")
                    continue
                _check(case, graphs, outputs)
                calls[case] = run
    return time_in_turn(calls, effort), rejected


def _by_api(
    model: str, device: str, threads: int | None, size: tuple[int, int], batch: int
) -> Calls:
    cover, secret = cover_and_secret(*size)
    hider, revealer = opened(model, device, threads)
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
    """All graphs of a model, with the inputs that the runtime gives them for one picture."""

    def __init__(self, model: str | Path, threads: int | None, size: tuple[int, int]) -> None:
        self._model, self._threads = load_model(model), threads
        cover, self.secret = cover_and_secret(*size)
        options = {**default_options(model), **code_only(model)}
        # The last run of each: the one that makes what is kept.
        self._feeds = {
            name: feeds[-1] for name, feeds in recorded(model, cover, self.secret, options).items()
        }
        self.names = list(self._feeds)
        pictures = [v for feed in self._feeds.values() for v in feed.values() if v.ndim == 4]
        if any(picture.shape[2:0:-1] != size for picture in pictures):
            raise ValueError("pictures of this size are worked on in tiles, which are not timed")

    def call(self, name: str, device: str, variant: Variant) -> Callable[[], dict[str, Any]]:
        """A function that runs a graph once and returns its outputs by name."""
        session = self._session(name, device, variant)
        feed = {
            key: np.repeat(value, variant.batch, axis=0) if value.ndim else value
            for key, value in self._feeds[name].items()
        }
        names = [output.name for output in session.get_outputs()]
        if variant.feed == "numpy":
            return lambda: dict(zip(names, session.run(names, feed), strict=True))
        return _bound(session, feed, names, device)

    def plain(self, name: str, feed: Feed | None = None) -> dict[str, Any]:
        """Outputs of one picture on the CPU, with the runtime's inputs or others."""
        session = self._session(name, "cpu", Variant(1, "numpy", None))
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, feed or self._feeds[name]), strict=True))

    def revealed(self, outputs: dict[str, Any]) -> Picture:
        """The secret that the last picture of a batch reveals, after its hide graph."""
        feed = dict(self._feeds["reveal"])
        if "container" in outputs:
            feed["container"] = outputs["container"][-1:]
        else:
            feed["words"] = outputs["words"][None, -int(outputs["counts"][-1]) :]
        return np.asarray(self.plain("reveal", feed)["secret"][0], np.uint8)

    def _session(self, name: str, device: str, variant: Variant) -> Any:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads or cores()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        providers: list[Any] = ["CPUExecutionProvider"]
        if device != "cpu":
            ort.preload_dlls(directory="")
            cuda = {"device_id": device.partition(":")[2] or "0", "use_tf32": "0"}
            if variant.search:
                cuda["cudnn_conv_algo_search"] = variant.search
            if variant.feed == "cudagraph":
                cuda["enable_cuda_graph"] = "1"
            providers.insert(0, ("CUDAExecutionProvider", cuda))
        elif variant.feed == "cudagraph":
            raise ValueError("a CUDA graph needs a CUDA device")
        return ort.InferenceSession(self._model.graph(name), options, providers=providers)


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


def _check(case: Case, graphs: _Graphs, outputs: dict[str, Any]) -> None:
    """Raises GateError unless the outputs are as good as those of the graph on the CPU."""
    arrays = {k: v if isinstance(v, np.ndarray) else v.numpy() for k, v in outputs.items()}
    plain = graphs.plain(case.operation)
    if case.operation == "hide":
        value, least = (psnr(graphs.secret, graphs.revealed(of)) for of in (arrays, plain))
    elif "secret" in plain:
        value = min(psnr(graphs.secret, picture) for picture in arrays["secret"])
        least = psnr(graphs.secret, plain["secret"][0])
    else:
        # Estimates: how far they are off, as a PSNR would say it.
        of = [name for name, values in plain.items() if np.issubdtype(values.dtype, np.floating)]
        off = max(float(np.abs(arrays[name] / plain[name] - 1).max()) for name in of)
        value, least = -20 * np.log10(max(off, 1e-6)), _LEAST_OF_ESTIMATES
    if value < least - _MOST_LOSS:
        raise GateError(
            f"{_described(case)} is wrong: it has {value:.1f} dB, and must have at least "
            f"{least - _MOST_LOSS:.1f} dB"
        )


def _described(case: Case) -> str:
    search = f", {case.search}" if case.search else ""
    return (
        f"{case.model} {case.operation}, batch {case.batch}, {case.feed}{search} on {case.device}"
    )
