"""Whether a graph keeps tensors in other files, which would be read from wherever it points.

ONNX files are Protocol Buffers. Only the fields on the way to a tensor are walked (onnx.proto3:
ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto), so that no package for them is
needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_EXTERNAL_DATA, _DATA_LOCATION, _EXTERNAL = 13, 14, 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5

# Of each message: its fields that are messages, and what kind of message they are.
_FIELDS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}


class _Field(NamedTuple):
    number: int
    value: int
    content: memoryview


def has_external_data(graph: bytes) -> bool:
    """Whether any tensor of a serialized model is kept outside it.

    Raises:
        ValueError: It is not a serialized model.
    """
    pending = [("model", memoryview(graph))]
    while pending:
        kind, content = pending.pop()
        for field in _fields(content):
            if kind == "tensor":
                if field.number == _EXTERNAL_DATA or (
                    field.number == _DATA_LOCATION and field.value == _EXTERNAL
                ):
                    return True
            elif inner := _FIELDS[kind].get(field.number):
                pending.append((inner, field.content))
    return False


def _fields(content: memoryview) -> Iterator[_Field]:
    place, empty = 0, content[:0]
    while place < len(content):
        key, place = _varint(content, place)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(content, place)
            yield _Field(number, value, empty)
        elif wire == _BYTES:
            size, place = _varint(content, place)
            if place + size > len(content):
                raise ValueError("a field ends beyond its message")
            yield _Field(number, 0, content[place : place + size])
            place += size
        elif wire in (_FIXED_64, _FIXED_32):
            place += 8 if wire == _FIXED_64 else 4
        else:
            raise ValueError(f"wire type {wire} is not used by ONNX")


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(content) and shift < 64:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("a number does not end")
