"""Export of classic: graphs equal to the networks, and checks that detect when they are not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, run_main, run_module

from export import operators
from export.__main__ import main
from export.classic import convert
from export.classic.parity import check_parity
from export.parity import ParityError
from training.session import load_trained


@pytest.fixture(scope="module")
def networks(tiny_run: Path):
    model, _, _ = load_trained(tiny_run, "classic")
    hide, reveal = convert.hide_function(model), convert.reveal_function(model)
    return (
        lambda *args: hide(*args)["container"].numpy(),
        lambda *args: reveal(*args)["secret"].numpy(),
    )


@pytest.mark.parametrize("part", ["hide", "reveal"])
def test_graphs_are_valid_with_named_inputs_outputs_and_dims(tiny_model: Path, part: str):
    graph = onnx.load(tiny_model / f"{part}.onnx")
    onnx.checker.check_model(graph, full_check=True)
    operators.check_operators(graph)
    names = {"hide": (["cover", "secret"], "container"), "reveal": (["container"], "secret")}
    assert [value.name for value in graph.graph.input] == names[part][0]
    assert [value.name for value in graph.graph.output] == [names[part][1]]
    for value in (*graph.graph.input, *graph.graph.output):
        kind = value.type.tensor_type
        assert kind.elem_type == TensorProto.UINT8
        dims = [dim.dim_param or dim.dim_value for dim in kind.shape.dim]
        assert dims == ["batch", "height", "width", 3]


@pytest.mark.parametrize("shape", [(1, 64, 64), (2, 33, 70), (1, 1, 1), (3, 5, 2)])
@pytest.mark.parametrize("optimized", [False, True])
def test_graphs_compute_what_the_networks_compute(tiny_model, networks, shape, optimized):
    level = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimized else level.ORT_DISABLE_ALL
    count, height, width = shape
    cover = np.stack([photograph("chelsea", height, width)] * count)
    secret = np.stack([photograph("rocket", height, width)] * count)
    feed = {"cover": cover, "secret": secret}
    expected = networks[0](cover, secret)
    made = []
    for part, inputs in (("hide", feed), ("reveal", {"container": expected})):
        session = onnxruntime.InferenceSession(tiny_model / f"{part}.onnx", options)
        made.append(session.run(None, inputs)[0])
    for graph, keras_made in zip(made, (expected, networks[1](expected)), strict=True):
        difference = np.abs(graph.astype(int) - keras_made.astype(int))
        assert graph.dtype == np.uint8 and difference.max() <= 1
        assert np.mean(difference > 0) <= 1e-3


def test_manifest_and_metadata_describe_the_model(tiny_model: Path):
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    assert manifest["model"] == "classic"
    assert manifest["training"]["steps"] == 30
    assert manifest["training"]["photographs"] >= 8
    assert manifest["scheme"] == "classic" and manifest["options"] == {}
    assert {"format_version", "halo", "quality"} <= set(manifest)
    assert not {"payload", "size_multiple"} & set(manifest)
    for part in ("hide", "reveal"):
        content = (tiny_model / f"{part}.onnx").read_bytes()
        said = manifest["files"][f"{part}.onnx"]
        assert said == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        carried = {p.key: p.value for p in onnx.load_from_string(content).metadata_props}
        assert carried["part"] == part
        assert carried["weights_sha256"] == manifest["weights_sha256"]
        assert json.loads(carried["quality"]) == manifest["quality"]
        assert json.loads(carried["training"]) == manifest["training"]


def test_quality_in_the_manifest_is_what_the_graphs_do(tiny_model: Path):
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    assert manifest["quality"]["pairs"] == 4
    cover, secret = photograph("coffee", 400, 451), photograph("chelsea", 300, 451)
    session = onnxruntime.InferenceSession(tiny_model / "hide.onnx")
    feed = {"cover": cover[None, :300], "secret": secret[None]}
    psnr = peak_signal_noise_ratio(feed["cover"][0], session.run(None, feed)[0][0])
    spread = manifest["quality"]["cover_psnr"]
    assert spread["worst"] <= spread["mean"]
    assert abs(psnr - spread["mean"]) < 10


def test_an_operator_that_is_not_in_onnx_is_refused():
    node = helper.make_node("Conv2DBackpropInput", ["x"], ["y"], name="left_over")
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node], "g", [value("x", TensorProto.FLOAT, [1])], [value("y", TensorProto.FLOAT, [1])]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    with pytest.raises(operators.UnsupportedOperatorError, match="left_over"):
        operators.check_operators(model)


def test_graphs_of_other_weights_fail_parity(tiny_model: Path, networks):
    hide, reveal = ((tiny_model / f"{part}.onnx").read_bytes() for part in ("hide", "reveal"))
    photographs = [photograph("astronaut"), photograph("coffee")]
    check_parity(hide, reveal, *networks, photographs)

    changed = onnx.load_from_string(reveal)
    # Of the samples of a square, before they are scaled.
    bias = next(t for t in changed.graph.initializer if list(t.dims) == [12])
    values = onnx.numpy_helper.to_array(bias) + np.float32(10 / 255)
    bias.CopyFrom(onnx.numpy_helper.from_array(values, bias.name))
    with pytest.raises(ParityError, match="reveal"):
        check_parity(hide, changed.SerializeToString(), *networks, photographs)


def test_a_source_that_is_no_run_is_reported_in_one_line(tmp_path: Path):
    result = run_main(main, "--model", "classic", tmp_path, "-o", tmp_path / "model")
    assert result.returncode == 1
    assert "is not the folder of a training run" in result.stderr
    assert not (tmp_path / "model").exists()


def test_export_of_a_damaged_checkpoint_writes_nothing(tmp_path: Path, tiny_run: Path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_bytes((tiny_run / "run.json").read_bytes())
    content = (tiny_run / "checkpoint.weights.h5").read_bytes()
    (run / "checkpoint.weights.h5").write_bytes(content[: len(content) // 2])
    result = run_module("export", "--model", "classic", run, "-o", tmp_path / "model")
    assert result.returncode == 1
    assert "cannot be loaded" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "model").exists()


def test_the_model_has_to_be_named(tmp_path: Path, tiny_run: Path):
    result = run_main(main, tiny_run, "-o", tmp_path / "model")
    assert result.returncode == 2
    assert "--model" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model", "clear"), "error: "),
        (("--model", "classic", "--network", "run"), "--network is not an option of"),
    ],
)
def test_sources_and_options_of_another_model_are_refused(
    tmp_path: Path, tiny_run: Path, arguments: tuple[str, ...], message: str
):
    result = run_main(main, tiny_run, *arguments, "-o", tmp_path / "model")
    assert result.returncode == 1
    assert message in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "model").exists()
