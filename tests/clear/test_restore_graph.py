"""The restoring network in the reveal graph computes what it computes in Keras."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from keras import ops
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio
from support import ROOT, run_main, run_module, save

from codec import blocks
from codec.codec import Codec
from codec.tables import Tables
from export.__main__ import main as export
from export.clear.parity import int64
from export.clear.restore import Restore
from export.clear.reveal import build_reveal
from export.clear.trained import weights_of
from training.clear.network import build_restore
from training.clear.shape import RestoreConfig

Pictures = NDArray[np.uint8]


def trained(config: RestoreConfig):
    """A network with weights of the size of those of a trained one, or larger."""
    network = build_restore(config)
    random = np.random.default_rng(7)
    for layer in network.layers:
        drawn = [w + random.normal(0, 0.1, w.shape) for w in layer.get_weights()]
        layer.set_weights(drawn)
    return network, weights_of(network, config)


def session(tables: Tables, network: Restore | None, optimized: bool) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    if not optimized:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    graph = build_reveal(tables, network).SerializeToString()
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("optimized", [True, False])
@pytest.mark.parametrize(
    "config", [RestoreConfig((8,)), RestoreConfig((16, 16)), RestoreConfig((8, 4, 4), reach=1)]
)
def test_the_graph_restores_as_keras_does(
    codec: Codec, tables: Tables, photograph: Pictures, config: RestoreConfig, optimized: bool
) -> None:
    network, weights = trained(config)
    graph, plain = (session(tables, n, optimized) for n in (weights, None))
    for qindex, (height, width) in ((120, (128, 96)), (200, (33, 50)), (60, (16, 16))):
        secrets = [photograph[y : y + height, 60 : 60 + width] for y in (20, 200)]
        coded = [codec.quantize(blocks.transform(s), qindex, adaptive=False) for s in secrets]
        each = [codec.encode(tile) for tile in coded]
        words = np.zeros((2, max(map(len, each))), np.int32)
        for row, own in zip(words, each, strict=True):
            row[: len(own)] = own
        feed = {"words": words, "height": int64(height), "width": int64(width)}
        feed |= {"qindex": int64([qindex] * 2), "adaptive": int64(0)}
        (revealed,), (before,) = (one.run(["secret"], feed) for one in (graph, plain))
        differing = 0.0
        for i, tile in enumerate(coded):
            step = np.full((1, 1, 1, 1), tile.step, np.float32)
            output = network([codec.synthesize(tile)[None], step])
            expected = blocks.to_picture(ops.convert_to_numpy(output)[0], height, width)
            assert np.abs(expected.astype(int) - revealed[i]).max() <= 1
            differing += (expected != revealed[i]).mean() / 2
        assert differing < 1e-3
        assert (revealed != before).mean() > 0.02


def test_a_graph_with_a_trained_network_is_exported(
    tmp_path: Path, training_photographs: Path, photograph: Pictures
) -> None:
    run, tables = tmp_path / "run", ROOT / "models" / "clear" / "tables.npz"
    result = run_module(
        *("training", "--model", "clear", "--width", "tiny", "--crop", "32", "--steps", "3"),
        *("--passes", "1", "--data", training_photographs, "--out", run),
    )
    assert result.returncode == 0, result.stderr
    for index in range(2):
        save(tmp_path / "photographs" / f"{index}.png", photograph[:64, 64 * index :][:, :64])
    result = run_main(
        export,
        *("--model", "clear", tables, "--network", run, "-o", tmp_path / "model"),
        *("--photographs", tmp_path / "photographs"),
    )
    assert result.returncode == 0, result.stderr
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text())
    assert manifest["training"]["network"]["width"] == "tiny"
    assert manifest["scheme"] == "clear" and manifest["options"]["bits"]["choices"] == [1, 2, 3]
    assert not {"payload", "size_multiple", "halo"} & set(manifest)

    other = tmp_path / "other.npz"
    values = dict(np.load(tables))
    np.savez(other, **values)
    command = ("--model", "clear", other, "--network", run, "-o", tmp_path / "never")
    result = run_main(export, *command)
    assert result.returncode == 1
    assert "trained on other tables" in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "never").exists()


def test_the_shipped_network_gains(codec: Codec, tables: Tables, photograph: Pictures) -> None:
    shipped = ort.InferenceSession((ROOT / "models" / "clear" / "reveal.onnx").read_bytes())
    manifest = json.loads((ROOT / "models" / "clear" / "manifest.json").read_text())
    if "network" not in manifest["training"]:
        pytest.skip("the shipped graphs have no network")
    plain = session(tables, None, True)
    # Unlike the photographs that it was trained on: this one was a JPEG with noise of its own.
    secret = photograph[:256, 100:356]
    x = blocks.transform(secret)
    for qindex, least in ((240, -0.05), (200, -0.05), (160, 0.0), (120, 0.05), (60, -0.05)):
        words = codec.encode(codec.quantize(x, qindex, adaptive=False))[None]
        feed = {"words": words, "height": int64(256), "width": int64(256)}
        feed |= {"qindex": int64([qindex]), "adaptive": int64(0)}
        restored, decoded = (one.run(["secret"], feed)[0][0] for one in (shipped, plain))
        gain = peak_signal_noise_ratio(secret, restored) - peak_signal_noise_ratio(secret, decoded)
        assert gain > least, (qindex, gain)
