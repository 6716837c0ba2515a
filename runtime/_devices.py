"""Which device a network runs on, and the ONNX Runtime session on it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime._errors import DeviceError, ModelError, UsageError

if TYPE_CHECKING:
    import onnxruntime

_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"
_NO_ONNXRUNTIME = (
    "ONNX Runtime is not installed; pip install 'plainsight[cpu]', "
    "or 'plainsight[gpu]' for an NVIDIA card"
)
_CUDA_HELP = (
    "It needs an NVIDIA driver and the GPU build of ONNX Runtime alone: "
    "pip uninstall onnxruntime onnxruntime-gpu, then pip install 'plainsight[gpu]'."
)


@dataclass(frozen=True)
class Device:
    """The device that a session really runs on.

    Attributes:
        name: `cpu` or `cuda:N`.
        why: Why this one, in a few words.
    """

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


def check_device(device: str) -> None:
    """Raises UsageError unless `device` is auto, cpu, cuda or cuda:N."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise UsageError(f"device must be auto, cpu, cuda or cuda:N, got {device!r}")


def open_session(
    graph: bytes, device: str, threads: int | None
) -> tuple[onnxruntime.InferenceSession, Device]:
    """Opens a graph on a device.

    Args:
        graph: A serialised ONNX model.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads within an operator on the CPU; None for one a core of this process.

    Raises:
        UsageError: There is no such kind of device, or `threads` is not positive.
        DeviceError: The device is not to be had, or ONNX Runtime is not installed.
        ModelError: ONNX Runtime cannot load the graph.
    """
    check_device(device)
    if threads is not None and threads < 1:
        raise UsageError(f"threads must be positive, got {threads}")
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise DeviceError(_NO_ONNXRUNTIME) from error

    if device == "cpu":
        return _open(ort, graph, [_CPU], threads), Device("cpu", "asked for")
    offered = _CUDA in ort.get_available_providers()
    if device == "auto" and not offered:
        session = _open(ort, graph, [_CPU], threads)
        return session, Device("cpu", "this ONNX Runtime is built without CUDA")
    if not offered:
        raise DeviceError(f"{device}: this ONNX Runtime is built without CUDA. {_CUDA_HELP}")

    index = int(device.partition(":")[2] or 0)
    # The wheel's own CUDA and cuDNN, unless the system's were loaded before.
    ort.preload_dlls(directory="")
    try:
        cuda = (_CUDA, {"device_id": str(index), "use_tf32": "0"})
        session = _open(ort, graph, [cuda, _CPU], threads)
        # A session whose CUDA cannot be had comes back on the CPU without an exception.
        works = _CUDA in session.get_providers()
    except ModelError:
        works = False
    if works:
        return session, Device(f"cuda:{index}", "asked for" if device != "auto" else "CUDA works")
    if device == "auto":
        return _open(ort, graph, [_CPU], threads), Device("cpu", "CUDA could not be started")
    raise DeviceError(f"{device}: CUDA could not be started on it. {_CUDA_HELP}")


def _open(
    ort: Any, graph: bytes, providers: list[Any], threads: int | None
) -> onnxruntime.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads or _cores()
    # Spinning threads would take the cores from whatever else the program does.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(graph, options, providers=providers)
    except Exception as error:
        raise ModelError(f"ONNX Runtime cannot load the model: {error}") from error


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
