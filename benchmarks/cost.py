"""What the models cost: parameters, multiply-accumulates a pixel, file sizes, from the graphs.

Every operator is counted as it runs, with the shapes that it really has, inside loops as often as
they turn: ONNX Runtime's own profile of one run, without fusion, on two photographs.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.command import guarded, write_json
from benchmarks.latency.pictures import cover_and_secret
from benchmarks.provenance import provenance
from benchmarks.published import COST
from runtime._models import load_model, shipped_models


@dataclass(frozen=True)
class Cost:
    """What one graph costs.

    Attributes:
        name: Of the model.
        part: `hide` or `reveal`.
        bits: Payload it was run at; None where there is no such thing.
        parameters: Numbers of floating point in the file that are more than one value long.
        table_entries: Integers likewise: tables of a code, not weights of a network.
        bytes: Of the file.
        macs: Multiply-accumulates a pixel of the picture, in matrix products and convolutions.
        elements: Values a pixel that all other operators wrote.
        nodes: Operators run, those within loops each time.
    """

    name: str
    part: str
    bits: int | None
    parameters: int
    table_entries: int
    bytes: int
    macs: float
    elements: float
    nodes: int


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks cost", description=__doc__)
    parser.add_argument("--model", nargs="+", help="names or folders (all that are shipped)")
    parser.add_argument("--side", type=int, default=512, help="of the pictures (%(default)s)")
    parser.add_argument("--bits", type=int, default=2, help="payload, where there is one (2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there")
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    models = options.model or shipped_models()
    costs = [cost for model in models for cost in measure(model, options.side, options.bits)]
    result = {
        "benchmark": "cost",
        "side": options.side,
        **provenance(*models),
        "costs": [asdict(cost) for cost in costs],
        "published": [asdict(other) for other in COST],
    }
    print(markdown(result))
    write_json(options.json, result)
    return 0


def measure(model: str | Path, side: int, bits: int) -> list[Cost]:
    """Counts hide and reveal of a model.

    Args:
        model: Name, or folder of one's own.
        side: Of the square pictures, in pixels.
        bits: Payload, for models that have one.
    """
    loaded = load_model(model)
    cover, secret = cover_and_secret(side, side)
    given = {"cover": cover[None], "secret": secret[None], "bits": np.array(bits, np.int64)}
    costs = []
    for part in ("hide", "reveal"):
        graph = loaded.graph(part)
        outputs, count = counted(graph, given)
        given["container"] = outputs.get("container", np.zeros(0))
        weights, entries = stored(graph)
        costs.append(
            Cost(
                *(loaded.name, part, bits if loaded.payloads else None, weights, entries),
                *(len(graph), count.macs / side**2, count.elements / side**2, count.nodes),
            )
        )
    return costs


@dataclass(frozen=True)
class Count:
    """What one run of a graph did; see `Cost`, but not by pixel."""

    macs: int
    elements: int
    nodes: int


def counted(graph: bytes, given: dict[str, Any]) -> tuple[dict[str, Any], Count]:
    """Runs a graph once, and counts.

    Args:
        graph: A serialised ONNX model.
        given: Its inputs by name; those of 8 bits that are missing are filled with zeros.

    Returns:
        Its outputs by name, and the count.

    Raises:
        ValueError: There is an operator that is not counted yet.
    """
    outputs, events = _profile(graph, given)
    macs = elements = 0
    for event in events:
        of_event = _macs(event["op_name"], *_shapes(event))
        macs += of_event
        elements += 0 if of_event else sum(map(math.prod, _shapes(event)[1]))
    return outputs, Count(macs, elements, len(events))


def _profile(graph: bytes, given: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Outputs of one run by name, and what ONNX Runtime noted of each operator."""
    import onnxruntime as ort

    with tempfile.TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "profile")
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        # Weights that are packed beforehand are missing from the profile.
        options.add_session_config_entry("session.disable_prepacking", "1")
        session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        feed = {value.name: _fed(value, given) for value in session.get_inputs()}
        names = [output.name for output in session.get_outputs()]
        outputs = dict(zip(names, session.run(names, feed), strict=True))
        noted = json.loads(Path(session.end_profiling()).read_text())
    return outputs, [
        event["args"] for event in noted if "output_type_shape" in event.get("args", {})
    ]


def _fed(value: Any, given: dict[str, Any]) -> Any:
    if value.name in given:
        return given[value.name]
    # A pad or a header: what is in it changes no count.
    shape = given["cover"].shape if len(value.shape) == 4 else (1, value.shape[1])
    return np.zeros(shape, np.uint8)


def _shapes(event: dict[str, Any]) -> tuple[list[list[int]], list[list[int]]]:
    read, made = (
        [list(next(iter(value.values()))) for value in event[f"{side}_type_shape"]]
        for side in ("input", "output")
    )
    return read, made


def _macs(operator: str, read: list[list[int]], made: list[list[int]]) -> int:
    if operator == "MatMul":
        return math.prod(made[0]) * read[0][-1]
    if operator == "Gemm":
        return math.prod(made[0]) * math.prod(read[0]) // made[0][0]
    if operator == "Conv":
        return math.prod(made[0]) * math.prod(read[1][1:])
    if operator == "ConvTranspose":
        return math.prod(read[0]) * math.prod(read[1][1:])
    if operator in ("Einsum", "LSTM", "GRU", "Attention", "MatMulInteger", "ConvInteger"):
        raise ValueError(f"{operator} is not counted yet")
    return 0


def stored(graph: bytes) -> tuple[int, int]:
    """Numbers of floating point and integers in a file, in its subgraphs too."""
    import onnx

    floats = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE}
    counts = [0, 0]

    def visit(part: Any) -> None:
        tensors = list(part.initializer)
        for node in part.node:
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


def markdown(result: dict[str, Any]) -> str:
    """The costs as a table in Markdown, those of others below."""
    lines = [
        "| | parameters | table entries | file | multiply-accumulates a pixel "
        "| other values written a pixel |",
        "|---|---|---|---|---|---|",
    ]
    for cost in result["costs"]:
        bits = f", {cost['bits']} bit" if cost["bits"] else ""
        lines.append(
            f"| {cost['name']}, {cost['part']}{bits} | {cost['parameters']:,} "
            f"| {cost['table_entries']:,} | {cost['bytes'] / 1e6:.2f} MB | {cost['macs']:,.0f} "
            f"| {cost['elements']:,.0f} |"
        )
    for other in result["published"]:
        for part in ("hide", "reveal"):
            lines.append(
                f"| {other['name']}, {part} * | {other[f'{part}_parameters']:,} | - | - "
                f"| {other[f'{part}_macs']:,.0f} | - |"
            )
    notes = [f"\\* {other['how']}; counted from {other['source']}" for other in result["published"]]
    return "\n".join([*lines, "", *notes])
