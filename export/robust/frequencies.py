"""Luma, blocks, waves and resampling, as parts of the graphs of `robust`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dct.blocks import LUMA, PIXELS, waves_of
from dct.resampling import WIDTH
from export.builder import Builder
from runtime.carriers.dct.strengths import BLOCK, STRENGTHS

END = 1 << 30


@dataclass(frozen=True)
class Chosen:
    """Names of the values of the strength that was asked for.

    Attributes:
        waves: float (256, places).
        steps: float (places,).
        strides: float (places,).
    """

    waves: str
    steps: str
    strides: str


def chosen(g: Builder, strength: str) -> Chosen:
    """What belongs to a strength, by its number, an int64 scalar."""
    ends = np.cumsum([0, *(s.places for s in STRENGTHS)])
    number = g.reshape(strength, 1)
    start = g.gather(g.i64(ends), number)
    end = g.gather(g.i64(ends[1:]), number)
    tables = (
        np.concatenate([waves_of(s) for s in STRENGTHS], axis=1),
        np.concatenate([s.steps for s in STRENGTHS]),
        np.concatenate([s.strides for s in STRENGTHS]),
    )
    return Chosen(*(g.slice(g.f32(table), start, end, table.ndim - 1) for table in tables))


def size_of(g: Builder, x: str, axis: int) -> str:
    """One size of a value, int64 (1,)."""
    return g.slice(g.op("Shape", x), axis, axis + 1, 0)


def luma(g: Builder, samples: str) -> str:
    """Luma, float (height, width), of float (height, width, 3)."""
    return g.op("Squeeze", g.op("MatMul", samples, g.f32(LUMA[:, None])), g.i64([2]))


def cut(g: Builder, plane: str, rows: str, columns: str) -> str:
    """Blocks, float (rows * columns, 256), of a plane of just their size."""
    parts = g.reshape(plane, rows, BLOCK, columns, BLOCK)
    return g.reshape(g.op("Transpose", parts, perm=[0, 2, 1, 3]), -1, PIXELS)


def join(g: Builder, blocks: str, rows: str, columns: str) -> str:
    """The inverse of `cut`."""
    parts = g.op("Transpose", g.reshape(blocks, rows, columns, BLOCK, BLOCK), perm=[0, 2, 1, 3])
    pixels = g.i64([BLOCK])
    return g.reshape(parts, g.op("Mul", rows, pixels), g.op("Mul", columns, pixels))


def weights(g: Builder, axis: str, count: str, size: str, *, fine: bool) -> str:
    """`dct.resampling.weights`, float (count, size).

    Args:
        g: Builder.
        axis: Start and ratio, float (2,).
        count: Pixels at hiding, int64 (1,).
        size: Pixels of the file, int64 (1,).
        fine: Whether the kernel is the wide one.
    """
    start, ratio = g.slice(axis, 0, 1, 0), g.slice(axis, 1, 2, 0)

    def numbers(of: str) -> str:
        whole = g.op("Range", g.i64(0), g.op("Squeeze", of, g.i64([0])), g.i64(1))
        return g.cast(whole, "float")

    place = g.op("Add", g.op("Mul", numbers(count), ratio), start)
    distance = g.op("Sub", g.op("Unsqueeze", place, g.i64([1])), numbers(size))
    distance = g.op("Abs", distance)
    x = g.op("Div", distance, g.op("Max", ratio, g.f32([1.0])))
    kernel = _lanczos(g, x) if fine else _cubic(g, x)
    total = g.op("ReduceSum", kernel, g.i64([1]), keepdims=1)
    some = g.op("Greater", g.op("Abs", total), g.f32(0.1))
    return g.op("Div", kernel, g.op("Where", some, total, g.f32(1.0)))


def _lanczos(g: Builder, x: str) -> str:
    # Not quite zero, where a sinc would be 0 / 0; and zero at the end, where the window is.
    x = g.op("Clip", x, g.f32(1e-3), g.f32(WIDTH))
    angle = g.op("Mul", x, g.f32(np.pi))
    slow = g.op("Mul", x, g.f32(np.pi / WIDTH))
    waves = g.op("Mul", g.op("Sin", angle), g.op("Sin", slow))
    return g.op("Div", waves, g.op("Mul", angle, slow))


def _cubic(g: Builder, x: str) -> str:
    # Each part of the kernel by itself, as Where takes longer: near to 1, and near to 2.
    x = g.op("Min", x, g.f32(2.0))
    low = g.op("Min", x, g.f32(1.0))
    near = g.op("Sub", g.op("Mul", low, g.f32(1.5)), g.f32(2.5))
    near = g.op("Add", g.op("Mul", g.op("Mul", near, low), low), g.f32(1.0))
    high = g.op("Max", x, g.f32(1.0))
    far = g.op("Add", g.op("Mul", high, g.f32(-0.5)), g.f32(2.5))
    far = g.op("Sub", g.op("Mul", far, high), g.f32(4.0))
    far = g.op("Add", g.op("Mul", far, high), g.f32(2.0))
    # Both are zero at 1, and `far` is zero at 2.
    return g.op("Add", near, far)


def resample(
    g: Builder, plane: str, rows: str, columns: str, height: str, width: str, *, fine: bool
) -> str:
    """The first (height, width) pixels at hiding, float, of a luma plane."""
    down = weights(g, rows, height, size_of(g, plane, 0), fine=fine)
    along = weights(g, columns, width, size_of(g, plane, 1), fine=fine)
    wide = g.op("MatMul", down, plane)
    return g.op("MatMul", wide, g.op("Transpose", along, perm=[1, 0]))


def closeness(g: Builder, read: str, phases: str, steps: str) -> str:
    """`dct.lattice.closeness`; phases are float, in turns."""
    turns = g.op("Sub", g.op("Div", read, steps), phases)
    turns = g.op("Sub", turns, g.op("Round", turns))
    return g.op("Cos", g.op("Mul", turns, g.f32(2 * np.pi)))
