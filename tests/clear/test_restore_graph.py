"""The restoring network inside the reveal graph does what it does in Keras."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from keras import ops
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio
from support import ROOT, run_module, save

from export.clear.restore import Restore
from export.clear.reveal import build_reveal
from export.clear.trained import weights_of
from codec import blocks
from codec.codec import Codec, embed
from training.clear.decoded import decode, step_of
from training.clear.network import build_restore
from training.clear.shape import RestoreConfig
from codec.tables import Tables

Pictures = NDArray[np.uint8]


def trained(config: RestoreConfig):
    """A network whose every weight is of the size of a trained one's, or larger."""
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
    for bits, (height, width) in ((1, (128, 96)), (2, (33, 50)), (3, (16, 16))):
        secrets = [photograph[y : y + height, 60 : 60 + width] for y in (20, 200)]
        words = blocks.words_in(secrets[0].size, bits)
        codes = [codec.choose(secret, words) for secret in secrets]
        pad = np.zeros_like(secrets[0])
        header = bytes(range(blocks.USER_BYTES))
        containers = [embed(pad, codec.encode(code, header, words), pad, bits) for code in codes]
        feed = {
            "container": np.stack(containers),
            "pad": np.stack([pad, pad]),
            "bits": np.array(bits, np.int64),
        }
        revealed, found, intact = graph.run(["secret", "header", "intact"], feed)
        before, same, _ = plain.run(["secret", "header", "intact"], feed)
        assert intact.all()
        np.testing.assert_array_equal(found, same)
        differing = 0.0
        for i, code in enumerate(codes):
            step = np.full((1, 1, 1, 1), step_of(code), np.float32)
            made = ops.convert_to_numpy(network([decode(codec, code)[None], step]))[0]
            expected = blocks.to_picture(made, height, width)
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
    result = run_module(
        *("export.clear", tables, "--network", run, "-o", tmp_path / "model"),
        *("--photographs", tmp_path / "photographs"),
    )
    assert result.returncode == 0, result.stderr
    assert '"width": "tiny"' in (tmp_path / "model" / "manifest.json").read_text()

    other = tmp_path / "other.npz"
    values = dict(np.load(tables))
    np.savez(other, **values)
    result = run_module("export.clear", other, "--network", run, "-o", tmp_path / "never", cwd=ROOT)
    assert result.returncode == 1
    assert "trained on other tables" in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "never").exists()


def test_the_shipped_network_gains_at_one_bit(tables: Tables, photograph: Pictures) -> None:
    folder = ROOT / "models" / "clear"
    hide = ort.InferenceSession((folder / "hide.onnx").read_bytes())
    shipped = ort.InferenceSession((folder / "reveal.onnx").read_bytes())
    plain = session(tables, None, True)
    # Not of the kind that it was trained on: this one was a JPEG with its own noise once.
    cover, secret = photograph[-256:, :256], photograph[:256, 100:356]
    for bits, least in ((1, 0.05), (2, 0.0), (3, -0.05)):
        feed = {"pad": np.zeros_like(cover)[None], "bits": np.array(bits, np.int64)}
        header = np.zeros((1, blocks.USER_BYTES), np.uint8)
        pair = {"cover": cover[None], "secret": secret[None], "header": header}
        (container,) = hide.run(["container"], {**pair, **feed})
        restored, decoded = (
            one.run(["secret"], {"container": container, **feed})[0][0] for one in (shipped, plain)
        )
        gain = peak_signal_noise_ratio(secret, restored) - peak_signal_noise_ratio(secret, decoded)
        assert gain > least, (bits, gain)
