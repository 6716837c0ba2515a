"""What is said of a model beside its graphs: manifest.json, and metadata inside each graph."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

import onnx

from training.files import write_atomically

FORMAT_VERSION = 1
TOOLS = ("keras", "tensorflow", "tf2onnx", "onnx", "onnxruntime")


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def describe(
    name: str,
    *,
    payload: list[int] | None,
    halo: dict[str, int] | None,
    training: dict[str, Any],
    weights_sha256: str,
    quality: dict[str, Any],
    parity: dict[str, Any],
) -> dict[str, Any]:
    """The part of the manifest that both graphs carry as well.

    Args:
        name: Name of the model.
        payload: Bits a sample that it can carry, for a model that writes a code into residues.
        halo: For a model that maps pictures to pictures, for `hide` and `reveal`: how many pixels
            each looks beyond the one that it writes, which is what tiles must overlap by.
        training: How the weights were made.
        weights_sha256: Of the checkpoint; it ties the two graphs together.
        quality: See `export.quality`.
        parity: See `export.parity`.
    """
    return {
        "model": name,
        "format_version": FORMAT_VERSION,
        "size_multiple": 1,
        "payload": payload,
        "halo": halo,
        "weights_sha256": weights_sha256,
        "training": training,
        "quality": quality,
        "parity": parity,
        "tools": {tool: importlib.metadata.version(_distribution(tool)) for tool in TOOLS},
    }


def _distribution(tool: str) -> str:
    if tool != "tensorflow":
        return tool
    installed = {d.metadata["Name"] for d in importlib.metadata.distributions()}
    return "tensorflow" if "tensorflow" in installed else "tensorflow-cpu"


def with_metadata(graph: onnx.ModelProto, part: str, description: dict[str, Any]) -> bytes:
    """The serialized graph with the description as its `metadata_props`."""
    marked = onnx.ModelProto()
    marked.CopyFrom(graph)
    marked.producer_name = "plainsight"
    marked.graph.name = part
    for key, value in {"part": part, **description}.items():
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        marked.metadata_props.add(key=key, value=text)
    return bytes(marked.SerializeToString(deterministic=True))


def write(out: Path, description: dict[str, Any], graphs: dict[str, onnx.ModelProto]) -> None:
    """Writes the graphs, marked with the description, and manifest.json into a model's folder."""
    marked = {part: with_metadata(graph, part, description) for part, graph in graphs.items()}
    for part, graph in marked.items():
        write_atomically(out / f"{part}.onnx", graph)
    files = {
        f"{part}.onnx": {"sha256": sha256(graph), "bytes": len(graph)}
        for part, graph in marked.items()
    }
    text = json.dumps({**description, "files": files}, indent=2) + "\n"
    # Last, so that a model interrupted half-way is one that the runtime refuses, not a mixture.
    write_atomically(out / "manifest.json", text.encode())
