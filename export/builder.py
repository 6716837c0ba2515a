"""A short notation for building ONNX graphs."""

from __future__ import annotations

import itertools
from typing import Any, overload

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
IR_VERSION = 9

TYPES = {
    "int16": TensorProto.INT16,
    "bool": TensorProto.BOOL,
    "float": TensorProto.FLOAT,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "uint8": TensorProto.UINT8,
    "uint32": TensorProto.UINT32,
}


class Builder:
    """Collects nodes. Values are referred to by name; subgraphs share names and constants.

    Names are numbered in the order in which they are made, and constants are stored in the order
    in which they are first used. Both are part of the bytes of a graph and of its SHA-256, so a
    change of the order, or of a hint, makes another file.
    """

    def __init__(self, parent: Builder | None = None) -> None:
        self._root: Builder = parent._root if parent else self
        self._nodes: list[onnx.NodeProto] = []
        if parent is None:
            self._counter = itertools.count()
            self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
            self._initializers: list[onnx.TensorProto] = []

    def name(self, hint: str) -> str:
        """A new name that starts with the hint."""
        return f"{hint}_{next(self._root._counter)}"

    def constant(self, value: Any, dtype: str) -> str:
        """A constant tensor; equal constants are stored once."""
        array = np.ascontiguousarray(np.asarray(value, dtype)).reshape(np.shape(value))
        key = (str(array.dtype), array.shape, array.tobytes())
        root = self._root
        if key not in root._constants:
            name = self.name("constant")
            root._constants[key] = name
            root._initializers.append(numpy_helper.from_array(array, name))
        return root._constants[key]

    def i32(self, value: Any) -> str:
        """An int32 constant."""
        return self.constant(value, "int32")

    def i64(self, value: Any) -> str:
        """An int64 constant."""
        return self.constant(value, "int64")

    def f32(self, value: Any) -> str:
        """A float32 constant."""
        return self.constant(value, "float32")

    @overload
    def op(self, kind: str, *inputs: str, outputs: None = None, **attributes: Any) -> str: ...

    @overload
    def op(self, kind: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]: ...

    def op(
        self, kind: str, *inputs: str, outputs: int | None = None, **attributes: Any
    ) -> str | list[str]:
        """Adds a node; returns the name of its output, or a list of names if `outputs` is given."""
        names = [self.name(kind.lower()) for _ in range(outputs or 1)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs is None else names

    def cast(self, x: str, dtype: str) -> str:
        """Cast."""
        return self.op("Cast", x, to=TYPES[dtype])

    def gather(self, table: str, index: str, axis: int = 0) -> str:
        """Gather."""
        return self.op("Gather", table, index, axis=axis)

    def lookup(self, table: str, index: str) -> str:
        """The value in a table for each index: like Gather, in a tenth of its time.

        Args:
            table: A tensor of one axis.
            index: Of any shape; the result has the same shape.
        """
        flat = self.op("GatherElements", table, self.reshape(index, -1), axis=0)
        return self.op("Reshape", flat, self.op("Shape", index))

    def reshape(self, x: str, *sizes: int | str) -> str:
        """Reshape; sizes are numbers or int64 (1,) values."""
        return self.op("Reshape", x, self.vector(*sizes))

    def vector(self, *sizes: int | str) -> str:
        """An int64 vector of numbers and int64 (1,) values."""
        if all(isinstance(size, int) for size in sizes):
            return self.i64(list(sizes))
        parts = [self.i64([size]) if isinstance(size, int) else size for size in sizes]
        return self.op("Concat", *parts, axis=0)

    def slice(
        self, x: str, start: int | str, end: int | str, axis: int, step: int | str = 1
    ) -> str:
        """Slice of one axis."""
        ends = [self.vector(value) for value in (start, end)]
        return self.op("Slice", x, *ends, self.i64([axis]), self.vector(step))

    def subgraph(self) -> Builder:
        """A builder for the body of a Loop or Scan, which can use all values made so far."""
        return Builder(self)

    def body(
        self,
        inputs: list[tuple[str, str]],
        outputs: list[tuple[str, str]],
        scalars: int = 0,
    ) -> onnx.GraphProto:
        """The body of a Loop or Scan; inputs and outputs are (name, type).

        The first `scalars` inputs are declared as scalars, which ONNX Runtime requires of the first
        two of a Loop.
        """
        inputs_info, outputs_info = (
            [
                helper.make_tensor_value_info(name, TYPES[dtype], [] if i < known else None)
                for i, (name, dtype) in enumerate(ends)
            ]
            for ends, known in ((inputs, scalars), (outputs, min(scalars, 1)))
        )
        return helper.make_graph(self._nodes, self.name("body"), inputs_info, outputs_info)

    def model(
        self,
        name: str,
        inputs: list[onnx.ValueInfoProto],
        outputs: list[tuple[str, onnx.ValueInfoProto]],
    ) -> onnx.ModelProto:
        """The model; each output is given as the name of its value and its description."""
        for value, description in outputs:
            self._nodes.append(helper.make_node("Identity", [value], [description.name]))
        graph = helper.make_graph(
            self._nodes,
            name,
            inputs,
            [description for _, description in outputs],
            self._initializers,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def picture(name: str) -> onnx.ValueInfoProto:
    """A uint8 (batch, height, width, 3) input or output."""
    return helper.make_tensor_value_info(name, TYPES["uint8"], ["batch", "height", "width", 3])


def tensor(name: str, dtype: str, shape: list[int | str]) -> onnx.ValueInfoProto:
    """An input or output of another type."""
    return helper.make_tensor_value_info(name, TYPES[dtype], shape)
