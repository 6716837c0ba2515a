"""`python -m benchmarks cost`, against counts by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from support import ROOT, run_module

from benchmarks.cost.counting import counted, stored
from benchmarks.cost.published import PUBLISHED


def test_cost_of_classic_matches_its_layers(tmp_path: Path):
    out = tmp_path / "cost.json"
    result = run_module("benchmarks", "cost", "--side", "64", "--json", out)
    assert result.returncode == 0, result.stderr
    costs = {(c["name"], c["part"]): c for c in json.loads(out.read_text())["costs"]}
    hide, reveal = (costs["classic", part] for part in ("hide", "reveal"))
    # The prep, hide and reveal networks of the paper, as in the model card.
    assert hide["parameters"] == 56_725 + 255_052 + 3  # and the factors of three rescalings
    assert reveal["parameters"] == 207_277 + 3
    assert hide["bytes"] == (ROOT / "models" / "classic" / "hide.onnx").stat().st_size
    # Every weight of a convolution is used once per square of 4 pixels; biases are not.
    assert 0.99 < 4 * hide["macs"] / hide["parameters"] < 1
    assert costs["clear", "hide"]["macs"] > 576
    assert costs["clear", "hide"]["macs"] + costs["clear", "reveal"]["macs"] < hide["macs"] / 10


def test_operators_in_a_loop_count_once_per_iteration():
    weights = helper.make_tensor("w", TensorProto.FLOAT, (4, 4), np.eye(4, dtype=np.float32))
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["y"]),
            helper.make_node("Identity", ["on"], ["still"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, ()),
            helper.make_tensor_value_info("on", TensorProto.BOOL, ()),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, (3, 4)),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, ()),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, (3, 4)),
        ],
        [weights],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["turns", "", "start"], ["end"], body=body)],
        "loop",
        [
            helper.make_tensor_value_info("start", TensorProto.FLOAT, (3, 4)),
            helper.make_tensor_value_info("turns", TensorProto.INT64, ()),
        ],
        [helper.make_tensor_value_info("end", TensorProto.FLOAT, (3, 4))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model)
    inputs = {"start": np.ones((3, 4), np.float32), "turns": np.array(7)}
    count = counted(model.SerializeToString(), inputs)
    assert count.macs == 7 * 3 * 4 * 4
    assert stored(model.SerializeToString()) == (16, 0)


def test_the_published_cost_agrees_with_other_papers():
    # 4.05 million, as stated by papers that compare with HiNet.
    assert round(PUBLISHED[0].hide_parameters / 1e6, 2) == 4.05
