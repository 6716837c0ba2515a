"""The restoring network of clear, its dataset, and its training as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import keras
import numpy as np
import pytest
from support import ROOT, photograph, read, run_main, run_module, run_python

from codec import blocks
from codec.codec import Codec
from codec.tables import Tables
from training import loop
from training.__main__ import main
from training.clear.dataset import DatasetSpec, decoded_at, open_dataset, qindex_for
from training.clear.network import build_restore
from training.clear.shape import WIDTHS, RestoreConfig
from training.clear.trainer import ClearTrainer
from training.optimizer import compile_for_training
from training.photographs import PhotographCache, find_photographs

TABLES = ROOT / "models" / "clear" / "tables.npz"
TINY = ("--model", "clear", "--width", "tiny", "--crop", "64", "--batch", "4", "--passes", "1")


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec(Tables.load(TABLES))


def shaken(config: RestoreConfig, seed: int = 1) -> keras.Model:
    """A network that does something: its readout is not zero."""
    network = build_restore(config)
    random = np.random.default_rng(seed)
    readout = network.get_layer("readout")
    readout.set_weights([random.normal(0, 3, w.shape) for w in readout.get_weights()])
    return network


def steps(*values: float) -> np.ndarray:
    return np.array(values, np.float32).reshape(-1, 1, 1, 1)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_synthesized_floats_round_to_the_reconstruction(codec: Codec, bits: int):
    secret = photograph("coffee", 83, 70)
    (tile,) = codec.choose([secret], secret.size * bits // 16, adaptive=False)
    decoded = codec.synthesize(tile)
    assert decoded.shape == (96, 80, 3)
    expected = codec.reconstruct(tile, 83, 70)
    assert np.array_equal(blocks.to_picture(decoded, 83, 70), expected)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_estimated_quantizer_indices_are_near_the_exact_ones(codec: Codec, bits: int):
    secret = photograph("astronaut", 256, 256)
    (tile,) = codec.choose([secret], secret.size * bits // 16, adaptive=False)
    qindex = qindex_for(blocks.transform(secret), float(bits))
    assert abs(qindex - tile.qindex) <= 0.6 * blocks.QINDICES_PER_OCTAVE


@pytest.mark.parametrize("width", sorted(WIDTHS))
def test_an_untrained_network_changes_nothing(codec: Codec, width: str):
    secret = photograph("chelsea", 64, 96)
    decoded = decoded_at(codec, secret, 160)
    made = build_restore(WIDTHS[width])([decoded[None], steps(8.0)])
    assert np.array_equal(keras.ops.convert_to_numpy(made)[0], decoded)


@pytest.mark.parametrize("step", [0.5, 4.0, 30.0])
def test_no_sample_is_changed_by_more_than_half_a_step(step: float):
    picture = photograph("rocket", 64, 64)[None].astype(np.float32)
    made = keras.ops.convert_to_numpy(shaken(WIDTHS["16-16"])([picture, steps(step)]))
    largest = np.abs(made - picture).max()
    assert 0.1 * step < largest <= 0.5 * step + 1e-4


def test_brightness_does_not_matter():
    picture = np.random.default_rng(0).uniform(50, 90, (1, 32, 32, 3)).astype(np.float32)
    network = shaken(WIDTHS["tiny"])
    corrections = [
        keras.ops.convert_to_numpy(network([p, steps(6.0)])) - p for p in (picture, picture + 100)
    ]
    assert np.abs(corrections[0]).max() > 0.1
    assert np.allclose(*corrections, atol=1e-3)


@pytest.mark.parametrize("config", [WIDTHS["tiny"], RestoreConfig((4,)), RestoreConfig((4,), 1)])
def test_the_network_looks_no_further_than_its_radius(config: RestoreConfig):
    random = np.random.default_rng(0)
    picture = random.uniform(0, 255, (1, 48, 48, 3)).astype(np.float32)
    changed = picture.copy()
    changed[0, 16:24, 16:24] += random.uniform(-60, 60, (8, 8, 3))
    network = shaken(config)
    first, second = (
        keras.ops.convert_to_numpy(network([p, steps(20.0)])) - p for p in (picture, changed)
    )
    reached = np.argwhere(np.abs(first - second)[0].max(axis=-1) > 1e-3)
    # The network writes whole blocks.
    around = -(-config.radius // 8)
    assert reached.min() >= 16 - 8 * around and reached.max() < 24 + 8 * around
    assert reached.min() < 16 and reached.max() >= 24


def test_multiply_accumulates_are_counted():
    # 2x2 pixels are 12 inputs, filters have 9 cells, and the readout writes a block of 16 cells.
    assert WIDTHS["32"].multiply_accumulates == 12 * 9 * 32 / 4 + 16 * 32 * 192 / 64
    deep = WIDTHS["32-32"].multiply_accumulates
    assert deep == (12 + 32) * 9 * 32 / 4 + 16 * 64 * 192 / 64


def test_a_dataset_is_coded_once_and_follows_from_its_spec(
    tmp_path: Path, codec: Codec, training_photographs: Path
):
    files = tuple(find_photographs(training_photographs))[:3]
    names = tuple(file.name for file in files)

    def dataset(folder: str, seed: int):
        spec = DatasetSpec(names, "", 48, 2, seed)
        return open_dataset(tmp_path / folder, codec, spec, files, PhotographCache(), batch=4)

    first, other = dataset("one", 0), dataset("two", 0)
    assert len(first.step) >= 2 * len(files)
    for name in ("secret", "decoded", "step"):
        assert np.array_equal(first.make(3)[name], other.make(3)[name])
        assert not np.array_equal(first.make(3)[name], first.make(4)[name])
    made = (tmp_path / "one" / "decoded.bin").stat().st_mtime_ns
    dataset("one", 0)
    assert (tmp_path / "one" / "decoded.bin").stat().st_mtime_ns == made
    assert not np.array_equal(dataset("one", 1).make(3)["secret"], first.make(3)["secret"])
    batch = first.make(0)
    error = (batch["decoded"] - batch["secret"]) / batch["step"]
    # A uniform quantizer has 0.29; zeros have more, and some coefficients are always zero.
    assert 0.05 < error.std() < 0.35


def test_crops_must_be_whole_macroblocks(tmp_path: Path, training_photographs: Path):
    result = run_module(
        *("training", "--data", training_photographs, "--out", tmp_path / "run"),
        *(*TINY, "--crop", "40"),
    )
    assert result.returncode == 2
    assert "multiple of 16" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--beta", "0.5"), "--beta is not an option of --model clear"),
        (("--width", "paper"), "--width must be one of"),
        (("--tables", "no-such-file"), "no-such-file is not a file"),
    ],
)
def test_options_of_another_model_are_refused(
    tmp_path: Path, training_photographs: Path, arguments: tuple[str, ...], said: str
):
    command = (*TINY, "--data", training_photographs, "--out", tmp_path / "run")
    result = run_main(main, *command, *arguments)
    assert result.returncode == 2
    assert said in result.stderr


def train(data: Path, out: Path, *more: str | Path):
    return run_module("training", *TINY, "--data", data, "--out", out, "--log-every", "1", *more)


def losses(run: Path) -> dict[int, float]:
    with (run / "log.csv").open() as file:
        return {int(row["step"]): float(row["loss"]) for row in csv.DictReader(file)}


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path, training_photographs: Path):
    whole, parts, cache = (tmp_path / name for name in ("whole", "parts", "cache"))
    shared = ("--steps", "6", "--dataset-cache", cache)
    result = train(training_photographs, whole, *shared)
    assert result.returncode == 0, result.stderr
    assert "1 bit" in result.stdout and "dB" in result.stdout
    assert (whole / "checkpoint.weights.h5").stat().st_size > 0
    assert read(whole / "curve.png").shape[1] > 500
    pairs = len(json.loads((whole / "run.json").read_text())["validation"])
    assert read(whole / "panel.png").shape[:2] == (min(pairs, 3) * 196 - 4, 5 * 196 - 4)
    with (whole / "log.csv").open() as file:
        last = list(csv.DictReader(file))[-1]
    levels = [float(last[f"validation_revealed_psnr_{bits}"]) for bits in (1, 2, 3)]
    assert 25 < levels[0] < levels[1] < levels[2]

    assert train(training_photographs, parts, *shared, "--minutes", "1e-9").returncode == 0
    assert list(losses(parts)) == [1]
    assert train(training_photographs, parts, *shared, "--resume").returncode == 0
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-5)

    tables = tmp_path / "other.npz"
    np.savez(tables, **dict(np.load(TABLES)))
    assert tables.read_bytes() != TABLES.read_bytes()
    command = (*TINY, "--data", training_photographs, "--out", parts, *shared)
    result = run_main(main, *command, "--resume", "--tables", tables)
    assert result.returncode == 2 and "tables was" in result.stderr


_ONE_STEP = """
import json
import keras, numpy as np
from training import loop
from training.optimizer import compile_for_training
from training.clear.shape import WIDTHS
from training.clear.trainer import ClearTrainer
model = ClearTrainer(WIDTHS["tiny"], 0)
model.build({"decoded": (1, 16, 16, 3), "step": (1, 1, 1, 1)})
compile_for_training(model, 1e-2, 10)
random = np.random.default_rng(0)
model.set_weights([random.normal(0, 0.1, w.shape) for w in model.get_weights()])
secret = random.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
batch = {
    "secret": secret,
    "decoded": (secret + random.normal(0, 3, secret.shape)).astype(np.float32),
    "step": np.full((2, 1, 1, 1), 8, np.float32),
}
before = [np.array(w) for w in model.get_weights()]
losses = [loop.one_step(model, batch)["loss"] for _ in range(3)]
moved = any(not np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
print(json.dumps({"backend": keras.backend.backend(), "losses": losses, "moved": moved}))
"""


def test_a_training_step_runs_alike_on_each_backend():
    losses = []
    for backend in ("tensorflow", "jax"):
        result = run_python(_ONE_STEP, KERAS_BACKEND=backend)
        assert result.returncode == 0, result.stderr
        said = json.loads(result.stdout.splitlines()[-1])
        assert said["backend"] == backend
        assert said["moved"]
        assert said["losses"][-1] < said["losses"][0]
        losses.append(said["losses"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_training_improves_on_the_codec(codec: Codec):
    secret = photograph("astronaut")[:192, 100:292]
    qindex = qindex_for(blocks.transform(secret), 1.0)
    batch = {
        "secret": secret[None],
        "decoded": decoded_at(codec, secret, qindex)[None],
        "step": steps(blocks.step_sizes()[qindex]),
    }
    model = ClearTrainer(WIDTHS["32"], 0)
    model.build({"decoded": (1, 16, 16, 3), "step": (1, 1, 1, 1)})
    compile_for_training(model, 1e-3, 60)
    gains = [loop.one_step(model, batch)["gain"] for _ in range(60)]
    assert gains[0] == 0
    assert gains[-1] > 0.1
