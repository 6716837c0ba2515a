"""Which device a network runs on, and the ONNX Runtime session on it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.engine.cores import cores
from runtime.errors import DeviceError, ModelError, UsageError

if TYPE_CHECKING:
    import onnxruntime

_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"
# Each takes about half a megabyte; more than a few times the cores only slow things down.
_MOST_THREADS = 64
_NO_ONNXRUNTIME = (
    "ONNX Runtime is not installed; pip install 'plainsight-onnx[cpu]', "
    "or 'plainsight-onnx[gpu]' for an NVIDIA card"
)
_CUDA_HELP = (
    "It needs an NVIDIA driver and the GPU build of ONNX Runtime alone: "
    "pip uninstall onnxruntime onnxruntime-gpu, then pip install 'plainsight-onnx[gpu]'."
)


_BOTH = (
    "both onnxruntime and onnxruntime-gpu are installed, and one has overwritten parts of the "
    "other: pip uninstall onnxruntime onnxruntime-gpu, then install one of them, as "
    "'plainsight-onnx[cpu]' or 'plainsight-onnx[gpu]'"
)


@dataclass(frozen=True)
class Device:
    """The device that a session runs on.

    Attributes:
        name: `cpu` or `cuda:N`.
        why: Why this one, as a short phrase.
    """

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


def check_device(device: str) -> None:
    """Raises UsageError unless `device` is auto, cpu, cuda or cuda:N."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise UsageError(f"device must be auto, cpu, cuda or cuda:N, got {device!r}")


def broken_install() -> str | None:
    """What is wrong with the installed ONNX Runtime, if its packages show it."""
    # Here, as it takes a tenth of the time that importing this package takes.
    import importlib.metadata

    for name in ("onnxruntime", "onnxruntime-gpu"):
        try:
            importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return None
    return _BOTH


def available_providers() -> list[str]:
    """Execution providers that ONNX Runtime was built with, whether they work or not.

    Raises:
        DeviceError: ONNX Runtime is not installed.
    """
    return list(_onnxruntime().get_available_providers())


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise DeviceError(_NO_ONNXRUNTIME) from error
    return onnxruntime


def checked_threads(threads: int | None) -> int:
    """Threads to use on the CPU: one per core of this process if None.

    Raises:
        UsageError: `threads` is not a whole number, not positive, or far beyond the cores.
    """
    if threads is None:
        return cores()
    if isinstance(threads, bool) or not isinstance(threads, int):
        raise UsageError(f"threads must be a whole number, got {threads!r}")
    if threads < 1:
        raise UsageError(f"threads must be positive, got {threads}")
    most = max(_MOST_THREADS, 4 * (os.cpu_count() or 1))
    if threads > most:
        raise UsageError(f"threads must be at most {most} on this machine, got {threads}")
    return threads


def open_session(
    graph: bytes, device: str, threads: int
) -> tuple[onnxruntime.InferenceSession, Device]:
    """Opens a graph on a device.

    Args:
        graph: A serialised ONNX model.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads within an operator on the CPU.

    Raises:
        UsageError: `device` is none of these.
        DeviceError: The device is not available, or ONNX Runtime is not installed.
        ModelError: ONNX Runtime cannot load the graph.
    """
    check_device(device)
    ort = _onnxruntime()
    broken = broken_install()
    if broken and device.startswith("cuda"):
        raise DeviceError(f"{device}: {broken}")
    if device == "cpu":
        return _open(ort, graph, [_CPU], threads), Device("cpu", "as requested")
    offered = _CUDA in ort.get_available_providers()
    if device == "auto" and not offered:
        session = _open(ort, graph, [_CPU], threads)
        return session, Device("cpu", broken or "this ONNX Runtime is built without CUDA")
    if not offered:
        raise DeviceError(f"{device}: this ONNX Runtime is built without CUDA. {_CUDA_HELP}")

    index = int(device.partition(":")[2] or 0)
    # The wheel's own CUDA and cuDNN, unless the system's are already loaded.
    ort.preload_dlls(directory="")
    try:
        cuda = (_CUDA, {"device_id": str(index), "use_tf32": "0"})
        session = _open(ort, graph, [cuda, _CPU], threads)
        # A session that cannot have CUDA falls back to the CPU without an exception.
        works = _CUDA in session.get_providers()
    except ModelError:
        works = False
    if works:
        return session, Device(
            f"cuda:{index}", "as requested" if device != "auto" else "CUDA works"
        )
    if device == "auto":
        return _open(ort, graph, [_CPU], threads), Device(
            "cpu", broken or "CUDA could not be started"
        )
    raise DeviceError(f"{device}: CUDA could not be started on it. {_CUDA_HELP}")


def _open(
    ort: Any, graph: bytes, providers: list[Any], threads: int
) -> onnxruntime.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # Spinning threads would take cores from the rest of the program.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(graph, options, providers=providers)
    except Exception as error:
        raise ModelError(f"ONNX Runtime cannot load the model: {error}") from error
