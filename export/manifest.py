"""What is said of a model beside its graphs: manifest.json, and metadata inside each graph."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

import onnx

from runtime import schemes
from training.files import write_atomically

TOOLS = ("keras", "tensorflow", "tf2onnx", "onnx", "onnxruntime")


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def describe(
    name: str,
    scheme: str,
    format_version: int,
    *,
    halo: dict[str, int] | None,
    training: dict[str, Any],
    weights_sha256: str,
    quality: dict[str, Any],
    parity: dict[str, Any],
) -> dict[str, Any]:
    """The part of the manifest that each graph has as metadata, too.

    Args:
        name: Name of the model.
        scheme: Name of the scheme that hides with it, which declares the options.
        format_version: Version of the scheme's format.
        halo: For networks that map pictures to pictures: radius of the receptive field of `hide`
            and `reveal`, in pixels, by which tiles have to overlap.
        training: How the weights were made.
        weights_sha256: SHA-256 of what the graphs were built from, which ties them together.
        quality: Quality on photographs.
        parity: Differences between the graphs and their reference.
    """
    return {
        "model": name,
        "scheme": scheme,
        "format_version": format_version,
        "options": schemes.describe(scheme),
        **({} if halo is None else {"halo": halo}),
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
    """Writes the graphs, with the description as metadata, and manifest.json into a folder."""
    marked = {part: with_metadata(graph, part, description) for part, graph in graphs.items()}
    for part, graph in marked.items():
        write_atomically(out / f"{part}.onnx", graph)
    files = {
        f"{part}.onnx": {"sha256": sha256(graph), "bytes": len(graph)}
        for part, graph in marked.items()
    }
    text = json.dumps({**description, "files": files}, indent=2) + "\n"
    # Last, so that the runtime refuses a model that was interrupted halfway.
    write_atomically(out / "manifest.json", text.encode())
