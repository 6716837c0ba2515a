"""A check that a graph has standard ONNX operators only."""

from __future__ import annotations

import onnx


class UnsupportedOperatorError(ValueError):
    """The converter left an operator in the graph that is not in ONNX."""


def check_operators(graph: onnx.ModelProto) -> None:
    """Raises UnsupportedOperatorError unless every node is in the graph's own ONNX opset.

    tf2onnx leaves operators that it cannot convert as they are, without an error.
    """
    versions = {opset.domain: opset.version for opset in graph.opset_import}
    for node in graph.graph.node:
        version = versions.get("")
        if node.domain not in ("", "ai.onnx") or version is None:
            raise UnsupportedOperatorError(f"{node.op_type} of domain {node.domain!r}: {node.name}")
        if not onnx.defs.has(node.op_type, version, ""):
            raise UnsupportedOperatorError(f"{node.op_type} is not in opset {version}: {node.name}")
