"""From Keras networks to ONNX graphs with uint8 NHWC pictures and named dynamic dimensions."""

from __future__ import annotations

from typing import Any

import keras
import onnx
import tensorflow as tf
import tf2onnx
from keras import ops

from export.operators import check_operators
from training.classic.trainer import ClassicTrainer

# The highest opset that tf2onnx writes.
OPSET = 18
DIMS = ("batch", "height", "width")


def _to_float(picture: Any) -> Any:
    return ops.cast(picture, "float32") / 255.0


def _to_uint8(picture: Any) -> Any:
    return ops.cast(ops.round(ops.clip(picture, 0.0, 1.0) * 255.0), "uint8")


def hide_function(model: ClassicTrainer) -> Any:
    """hide(cover, secret) -> {"container"}; every picture uint8 (batch, height, width, 3), RGB."""

    def hide(cover: Any, secret: Any) -> dict[str, Any]:
        features = model.prep(_to_float(secret))
        return {"container": _to_uint8(model.hide([_to_float(cover), features]))}

    return hide


def reveal_function(model: ClassicTrainer) -> Any:
    """reveal(container) -> {"secret"}; both uint8 (batch, height, width, 3), RGB."""

    def reveal(container: Any) -> dict[str, Any]:
        return {"secret": _to_uint8(model.reveal(_to_float(container)))}

    return reveal


def to_onnx(function: Any, inputs: tuple[str, ...]) -> onnx.ModelProto:
    """Converts a function of pictures, and checks the graph.

    Args:
        function: Takes uint8 (batch, height, width, 3) pictures; returns a dict of such pictures,
            whose keys become the names of the outputs.
        inputs: Names of the arguments, in order, which become the names of the inputs.

    Raises:
        RuntimeError: Keras runs on another backend than TensorFlow.
        UnsupportedOperatorError: An operator could not be converted.
        onnx.checker.ValidationError: The graph is not valid ONNX.
    """
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"export needs KERAS_BACKEND=tensorflow, got {keras.backend.backend()}; "
            "a run trained on another backend can be exported with it, too"
        )
    signature = [tf.TensorSpec((None, None, None, 3), tf.uint8, name=name) for name in inputs]
    graph, _ = tf2onnx.convert.from_function(
        tf.function(function, input_signature=signature), input_signature=signature, opset=OPSET
    )
    check_operators(graph)
    for value in (*graph.graph.input, *graph.graph.output):
        dims = value.type.tensor_type.shape.dim
        for dim, name in zip(dims, DIMS, strict=False):
            dim.ClearField("dim_value")
            dim.dim_param = name
        dims[3].dim_value = 3
    # The converter stores shapes of inner tensors with other names for the same dimensions.
    del graph.graph.value_info[:]
    graph = onnx.shape_inference.infer_shapes(
        graph, check_type=True, strict_mode=True, data_prop=True
    )
    del graph.graph.value_info[:]
    onnx.checker.check_model(graph, full_check=True)
    return graph
