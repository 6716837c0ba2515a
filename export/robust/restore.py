"""The restore graph of `robust`: a picture from AVIF in, what a trained network makes of it out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from keras import ops
from numpy.typing import NDArray

from export.builder import Builder, tensor
from export.candidate import training_record
from export.parity import ParityError, Pictures, session
from training import checkpoint
from training.robust.report import restored
from training.robust.shape import DAMPING, HALF, LEVELS, MOST_QUALITY, SLOPE, WIDTHS
from training.session import load_trained

_MIDDLE = 128.0
_QUALITIES = (5, 30)


def load_restore(run: Path) -> tuple[keras.Model, dict[str, Any], bytes]:
    """The network of a training run, what a manifest says of it, and its weights.

    Raises:
        FileNotFoundError: It is not the folder of a run, or has no checkpoint.
        ValueError: It is a run of another model, or damaged.
    """
    model, settings, steps = load_trained(run, "robust")
    record = training_record(settings, steps)
    record["multiply_accumulates"] = WIDTHS[settings.width].multiply_accumulates
    return model.restore, record, (run / checkpoint.NAME).read_bytes()


def build_restore(network: keras.Model) -> onnx.ModelProto:
    """restore(picture, quality) -> restored; see `training.robust.network`.

    Pictures are uint8 (height, width, 3) of any size: an odd one has its last row or column twice.
    `quality` is a float, in 0 .. 100.
    """
    g = Builder()
    shape = g.op("Shape", "picture")
    size = g.slice(shape, 0, 2, 0)
    odd = g.op("Mod", size, g.i64([HALF]))
    pads = g.op("Concat", g.i64([0, 0, 0]), odd, g.i64([0]), axis=0)
    x = g.op("Pad", g.cast("picture", "float"), pads, mode="edge")
    x = g.op("Unsqueeze", g.op("Transpose", x, perm=[2, 0, 1]), g.i64([0]))
    centred = g.op("Mul", g.op("Sub", x, g.f32(_MIDDLE)), g.f32(1 / LEVELS))
    cells = g.op("SpaceToDepth", centred, blocksize=HALF)
    plane = g.op("Mul", g.slice(cells, 0, 1, 1), g.f32(0.0))
    plane = g.op("Add", plane, g.op("Mul", "quality", g.f32(1 / MOST_QUALITY)))
    y = g.op("Concat", cells, plane, axis=1)
    for layer in network.layers:
        if not isinstance(layer, keras.layers.Conv2D):
            continue
        kernel, bias = (_array(weight) for weight in (layer.kernel, layer.bias))
        if layer.name == "readout":
            kernel, bias = kernel * (LEVELS / DAMPING), bias * (LEVELS / DAMPING)
        kernel = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
        y = g.op("Conv", y, g.f32(kernel), g.f32(bias), pads=[1] * 4)
        if layer.name != "readout":
            y = g.op("LeakyRelu", y, alpha=SLOPE)
    y = g.op("Add", x, g.op("DepthToSpace", y, blocksize=HALF))
    y = g.op("Transpose", g.op("Squeeze", y, g.i64([0])), perm=[1, 2, 0])
    y = g.op("Slice", y, g.i64([0, 0]), size, g.i64([0, 1]))
    y = g.op("Clip", g.op("Round", y), g.f32(0.0), g.f32(255.0))
    inputs = [tensor("picture", "uint8", ["height", "width", 3]), tensor("quality", "float", [])]
    outputs = [(g.cast(y, "uint8"), tensor("restored", "uint8", ["height", "width", 3]))]
    return g.model("restore", inputs, outputs)


def check_restore(graph: bytes, network: keras.Model, photographs: list[Pictures]) -> float:
    """The share of samples in which graph and network differ, by at most one.

    Raises:
        ParityError: They differ by more.
    """
    run = session(graph).run
    worst = 0.0
    for picture in photographs[:2]:
        part = np.ascontiguousarray(picture[:96, :128])
        for quality in _QUALITIES:
            feed = {"picture": part, "quality": np.array(quality, np.float32)}
            (found,) = run(None, feed)
            off = np.abs(found.astype(int) - restored(network, part, quality))
            if off.max() > 1:
                raise ParityError("restore differs from the network that it was made from")
            worst = max(worst, float((off > 0).mean()))
    return worst


def _array(weight: Any) -> NDArray[np.float32]:
    # By way of a tensor: NumPy 2 warns of TensorFlow's variables.
    return np.asarray(ops.convert_to_numpy(ops.copy(weight)), np.float32)
