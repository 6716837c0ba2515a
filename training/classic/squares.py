"""Squares of pixels as one position each (space to depth), and back.

A convolution does the same at each position, so what a network can write into a picture does not
depend on where it writes. A code that puts a secret between the frequencies of a cover needs to
know: a carrier such as a checkerboard has another sign on every other pixel. With a square as one
position, its pixels have filters of their own, and even linear networks can learn such a code.
"""

from __future__ import annotations

from typing import Any

from keras import layers, ops

SIDE = 2
"""Side of a square in pixels."""

Shape = tuple[int | None, ...]


def to_squares(picture: Any) -> Any:
    """Space to depth.

    Args:
        picture: (batch, height, width, channels). Where a side is odd, the pixels before the last
            come after it once more: a carrier has the same sign there.

    Returns:
        (batch, ceil(height / SIDE), ceil(width / SIDE), SIDE * SIDE * channels): within a square
        by row, then column, then channel.
    """
    batch, height, width, channels = _sizes(picture)
    rows, columns = (height + SIDE - 1) // SIDE, (width + SIDE - 1) // SIDE
    picture = ops.concatenate([picture, picture[:, -2:][:, :1]], axis=1)
    picture = ops.concatenate([picture, picture[:, :, -2:][:, :, :1]], axis=2)
    picture = picture[:, : rows * SIDE, : columns * SIDE]
    squares = ops.reshape(picture, (batch, rows, SIDE, columns, SIDE, channels))
    squares = ops.transpose(squares, (0, 1, 3, 2, 4, 5))
    return ops.reshape(squares, (batch, rows, columns, SIDE * SIDE * channels))


def from_squares(squares: Any, like: Any) -> Any:
    """The inverse of `to_squares`.

    Args:
        squares: As `to_squares` returns them.
        like: A picture, (batch, height, width, any), whose height and width the result has.
    """
    _, height, width, _ = _sizes(like)
    batch, rows, columns, depth = _sizes(squares)
    channels = depth // SIDE**2
    squares = ops.reshape(squares, (batch, rows, columns, SIDE, SIDE, channels))
    squares = ops.transpose(squares, (0, 1, 3, 2, 4, 5))
    picture = ops.reshape(squares, (batch, rows * SIDE, columns * SIDE, channels))
    return picture[:, :height, :width]


class ToSquares(layers.Layer):  # type: ignore[misc]
    """`to_squares` as a layer."""

    def call(self, picture: Any) -> Any:
        """Called by Keras."""
        return to_squares(picture)

    def compute_output_shape(self, shape: Shape) -> Shape:
        """Called by Keras."""
        batch, height, width, channels = shape
        sides = (None if side is None else -(-side // SIDE) for side in (height, width))
        return (batch, *sides, SIDE**2 * (channels or 0))


class FromSquares(layers.Layer):  # type: ignore[misc]
    """`from_squares` as a layer; the second input is the picture whose size the result has."""

    def call(self, inputs: tuple[Any, Any]) -> Any:
        """Called by Keras."""
        return from_squares(*inputs)

    def compute_output_shape(self, shapes: tuple[Shape, Shape]) -> Shape:
        """Called by Keras."""
        squares, like = shapes
        return (*like[:3], (squares[3] or 0) // SIDE**2)


def _sizes(x: Any) -> tuple[Any, ...]:
    batch, height, width, _ = ops.shape(x)
    return batch, height, width, x.shape[3]
