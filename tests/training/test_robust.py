"""The restoring network of robust: its examples, its training as a user runs it, and its graph."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest
from support import ROOT, photograph, run_module

import runtime
from export.robust.restore import build_restore as build_graph
from runtime.engine.models import load_model
from runtime.engine.network import Network
from runtime.images.metrics import psnr
from runtime.payloads import compact
from runtime.payloads.restoring import RESTORE, restored
from training.photographs import PhotographCache, find_photographs
from training.robust import report
from training.robust.dataset import DatasetSpec, open_dataset, saved
from training.robust.network import build_restore
from training.robust.shape import WIDTHS, RestoreConfig

TINY = WIDTHS["tiny"]


def shaken(config: RestoreConfig = TINY) -> keras.Model:
    """A network that does something: its readout is not zero."""
    network = build_restore(config)
    random = np.random.default_rng(1)
    readout = network.get_layer("readout")
    readout.set_weights([random.normal(0, 0.3, w.shape) for w in readout.get_weights()])
    return network


def test_an_untrained_network_changes_nothing():
    picture = photograph("coffee", 48, 64)
    np.testing.assert_array_equal(report.restored(build_restore(TINY), picture, 20), picture)


def test_the_network_costs_what_it_may():
    assert WIDTHS["32x7"].multiply_accumulates < 20_000
    convolutions = [w for w in build_restore(WIDTHS["32x7"]).weights if len(w.shape) == 4]
    per_cell = sum(int(np.prod(kernel.shape)) for kernel in convolutions)
    assert WIDTHS["32x7"].multiply_accumulates == per_cell / 4


def test_avif_loses_more_at_lower_quality():
    picture = photograph("chelsea", 64, 96)
    found = [psnr(picture, saved(picture, quality)) for quality in (0, 20, 50)]
    assert found == sorted(found) and found[0] > 20


def test_examples_are_made_once_and_follow_from_their_spec(tmp_path, training_photographs):
    files = tuple(find_photographs(training_photographs))[:2]
    spec = DatasetSpec(tuple(file.name for file in files), 2, 7)
    arguments = tmp_path / "d", spec, files, PhotographCache(), 64, 3
    dataset = open_dataset(*arguments)
    again = open_dataset(*arguments)
    assert len(dataset.quality) == 4
    batch, same = dataset.make(5), again.make(5)
    assert batch["secret"].shape == batch["coded"].shape == (3, 64, 64, 3)
    for name, array in batch.items():
        np.testing.assert_array_equal(array, same[name])
    for secret, coded in zip(batch["secret"], batch["coded"], strict=True):
        assert 15 < psnr(secret, coded) < 60


@pytest.mark.parametrize("size", [(48, 64), (301, 35)])
def test_the_graph_does_what_the_network_does_in_strips_too(size):
    network = shaken()
    session = onnxruntime.InferenceSession(build_graph(network).SerializeToString())
    picture = photograph("rocket", *size)

    class Opened:
        side_by_side = 2

        def run(self, feed, *outputs):
            return session.run(list(outputs), feed)

    found = restored(Opened(), picture, 30)
    odd = [(0, side % 2) for side in size]
    even = np.pad(picture, (*odd, (0, 0)), mode="edge")
    expected = report.restored(network, even, 30)[: size[0], : size[1]]
    difference = np.abs(found.astype(int) - expected)
    assert difference.max() <= 1 and (difference > 0).mean() < 1e-3
    assert np.abs(expected.astype(int) - picture).max() > 3


def test_a_run_is_trained_exported_and_used(tmp_path: Path, training_photographs: Path):
    run, model = tmp_path / "run", tmp_path / "model"
    options = "--width", "tiny", "--crop", "32", "--batch", "2", "--steps", "4", "--saves", "1"
    trained = run_module(
        *("training", "--model", "robust", "--data", training_photographs, "--out", run, *options)
    )
    assert trained.returncode == 0, trained.stderr
    assert "validation gain" in trained.stdout
    dct = ROOT / "dct"
    made = run_module("export", "--model", "robust", dct, "--restore", run, "-o", model)
    assert made.returncode == 0, made.stderr
    manifest = json.loads((model / "manifest.json").read_text())
    assert "restore.onnx" in manifest["files"]
    assert manifest["training"]["restore"]["steps"] == 4
    network = Network(load_model(model), "restore", RESTORE, "cpu", 1)
    secret = photograph("coffee", 90, 120)
    coded = compact.encode(secret, 900, network)
    assert coded is not None
    back, _ = compact.decode_compact(coded.content, secret.size, network)
    assert psnr(secret, back) == pytest.approx(coded.psnr)
    container = runtime.Hider(model, device="cpu").hide(photograph("astronaut", 256, 256), secret)
    assert runtime.Revealer(model, device="cpu").reveal(container).shape == secret.shape
    # What was hidden without a network is revealed with one, and the other way round.
    assert runtime.Revealer("robust", device="cpu").reveal(container).shape == secret.shape
