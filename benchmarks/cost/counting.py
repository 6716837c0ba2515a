"""Counts what a graph does when it runs, and what its file stores."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Count:
    """What one run of a graph did.

    Attributes:
        macs: Multiply-accumulates in matrix products and convolutions.
        elements: Values that all other operators wrote.
        nodes: Operators run; those in loops count once per iteration.
    """

    macs: int
    elements: int
    nodes: int


def counted(graph: bytes, inputs: Mapping[str, Any]) -> Count:
    """Runs a graph once, and counts.

    Args:
        graph: A serialised ONNX model.
        inputs: Its inputs by name.

    Raises:
        ValueError: An operator cannot be counted yet.
    """
    events = _profile(graph, inputs)
    macs = elements = 0
    for event in events:
        of_event = _macs(event["op_name"], *_shapes(event))
        macs += of_event
        elements += 0 if of_event else sum(map(math.prod, _shapes(event)[1]))
    return Count(macs, elements, len(events))


def _profile(graph: bytes, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """ONNX Runtime's record of each operator in one run."""
    import onnxruntime as ort

    with tempfile.TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        # Without this, prepacked weights are missing from the profile.
        options.add_session_config_entry("session.disable_prepacking", "1")
        session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        session.run(None, dict(inputs))
        profile = json.loads(Path(session.end_profiling()).read_text())
    return [event["args"] for event in profile if "output_type_shape" in event.get("args", {})]


def _shapes(event: dict[str, Any]) -> tuple[list[list[int]], list[list[int]]]:
    read, written = (
        [list(next(iter(value.values()))) for value in event[f"{side}_type_shape"]]
        for side in ("input", "output")
    )
    return read, written


def _macs(operator: str, read: list[list[int]], written: list[list[int]]) -> int:
    if operator == "MatMul":
        return math.prod(written[0]) * read[0][-1]
    if operator == "Gemm":
        return math.prod(written[0]) * math.prod(read[0]) // written[0][0]
    if operator == "Conv":
        return math.prod(written[0]) * math.prod(read[1][1:])
    if operator == "ConvTranspose":
        return math.prod(read[0]) * math.prod(read[1][1:])
    if operator in ("Einsum", "LSTM", "GRU", "Attention", "MatMulInteger", "ConvInteger"):
        raise ValueError(f"{operator} cannot be counted yet")
    return 0


def stored(graph: bytes) -> tuple[int, int]:
    """Counts the floating-point numbers and the integers in a file, subgraphs included."""
    import onnx

    floats = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE}
    counts = [0, 0]

    def visit(subgraph: Any) -> None:
        tensors = list(subgraph.initializer)
        for node in subgraph.node:
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    visit(attribute.g)
                elif attribute.type == onnx.AttributeProto.TENSOR:
                    tensors.append(attribute.t)
        for tensor in tensors:
            size = math.prod(tensor.dims)
            if size > 1:
                counts[tensor.data_type not in floats] += size

    visit(onnx.load_from_string(graph).graph)
    return counts[0], counts[1]
