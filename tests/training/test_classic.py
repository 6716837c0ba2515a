"""The classic networks, their objective and their folded initialization."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from skimage.metrics import peak_signal_noise_ratio
from support import photograph, run_python

from training.channel import to_8_bits
from training.classic.folding import initialize_folded, segments_for
from training.classic.networks import build_hide, build_prep, build_reveal
from training.classic.shape import WIDTHS
from training.classic.squares import SIDE, from_squares, to_squares
from training.classic.start import initialize_mirrored
from training.classic.trainer import ClassicTrainer, _soften
from training.loop import one_step
from training.optimizer import Muon, averaged, compile_for_training


def build(width: str, beta: float = 0.75, noise: float = 0.0) -> ClassicTrainer:
    model = ClassicTrainer(WIDTHS[width], beta, noise, seed=0)
    model.build({"cover": (1, 16, 16, 3), "secret": (1, 16, 16, 3)})
    return model


@pytest.mark.parametrize(
    ("width", "prep", "hide", "reveal"),
    [
        # Calculated by hand from the published descriptions.
        ("paper", 50_110, 243_163, 195_388),
        ("upstream", 758_250, 1_133_703, 758_703),
    ],
)
def test_networks_have_the_published_number_of_parameters(width, prep, hide, reveal):
    config = WIDTHS[width]
    assert build_prep(config).count_params() == prep
    assert build_hide(config).count_params() == hide
    assert build_reveal(config).count_params() == reveal


def test_networks_of_squares_differ_in_their_first_and_last_layers_only():
    config = WIDTHS["paper"]
    first = 9 * (9 * 50 + 16 * 10 + 25 * 5)  # 12 channels in place of 3
    last = 9 * (3 * 3 * 65 + 1)
    expected = (50_110 + first, 243_163 + first + last, 195_388 + first + last)
    built = [build(config, learned_change=True) for build in (build_prep, build_hide, build_reveal)]
    assert tuple(network.count_params() for network in built) == expected


@pytest.mark.parametrize("width", ["paper", "upstream", "tiny"])
def test_networks_have_the_stated_receptive_field(width):
    config = WIDTHS[width]
    reveal = build_reveal(config)
    radius = config.reveal_radius
    side = 2 * radius + 5
    picture = np.full((1, side, side, 3), 0.5, "float32")
    changed = picture.copy()
    changed[0, 0, 0] = 1.0
    difference = np.abs(reveal.predict_on_batch(changed) - reveal.predict_on_batch(picture))[0]
    reached = np.argwhere(difference.max(axis=-1) > 0)
    assert 0 < reached.max() <= radius


@pytest.mark.parametrize(("height", "width"), [(8, 6), (7, 5), (1, 1), (4, 9)])
def test_squares_become_the_picture_again(height, width):
    picture = np.random.default_rng(0).random((2, height, width, 3), "float32")
    squares = to_squares(keras.ops.convert_to_tensor(picture))
    assert squares.shape == (2, -(-height // SIDE), -(-width // SIDE), 3 * SIDE**2)
    assert np.array_equal(keras.ops.convert_to_numpy(from_squares(squares, picture)), picture)


def test_a_part_with_its_halo_becomes_what_it_is_in_the_picture():
    model = ClassicTrainer(WIDTHS["tiny"], 0.75, 0.0, 0, learned_change=True)
    pair = {
        "cover": np.stack([photograph("astronaut", 71, 48)]),
        "secret": np.stack([photograph("coffee", 71, 48)]),
    }
    model.predict_on_batch(pair)  # creates the weights
    random = np.random.default_rng(0)
    model.set_weights([random.normal(0, 0.1, w.shape) for w in model.get_weights()])
    whole = model.predict_on_batch(pair)
    start, halo = 30, model.halo["hide"]
    part = {name: pictures[:, start - halo :] for name, pictures in pair.items()}
    container = model.predict_on_batch(part)["container"][:, halo:]
    assert np.abs(container - whole["container"][:, start:]).max() < 1e-5
    assert np.abs(whole["container"] * 255 - pair["cover"]).max() > 2
    halo = model.halo["reveal"]
    revealed = model.reveal.predict_on_batch(whole["container"][:, start - halo :])[:, halo:]
    assert np.allclose(revealed, whole["revealed"][:, start:], atol=1e-5)


def test_container_is_on_8_bit_levels_and_in_range():
    model = build("tiny")
    cover = np.stack([photograph("astronaut", 40, 40)])
    made = model.predict_on_batch({"cover": cover, "secret": cover[:, ::-1]})
    levels = made["container"] * 255
    assert levels.min() >= 0 and levels.max() <= 255
    assert np.abs(levels - np.rint(levels)).max() < 1e-3


def test_8_bit_channel_rounds_and_clips():
    values = np.array([-0.2, 0.0, 0.5 / 255 + 1e-4, 0.7, 1.3], "float32")
    written = keras.ops.convert_to_numpy(to_8_bits(values)) * 255
    assert np.allclose(written, [0, 0, 1, round(0.7 * 255), 255], atol=1e-4)


def test_loss_is_the_weighted_sum_of_the_two_errors():
    model = build("tiny", beta=0.3)
    cover = np.stack([photograph("coffee", 32, 32)])
    secret = np.stack([photograph("rocket", 32, 32)])
    model.compile("adam")
    logs = model.test_on_batch({"cover": cover, "secret": secret}, return_dict=True)
    assert logs["loss"] == pytest.approx(logs["cover_mse"] + 0.3 * logs["secret_mse"], rel=1e-5)
    made = model.predict_on_batch({"cover": cover, "secret": secret})
    assert logs["cover_mse"] == pytest.approx(
        np.mean((cover / 255 - made["container"]) ** 2), rel=1e-4
    )


def test_noise_is_added_in_training_only():
    model = build("tiny", noise=20.0)
    batch = {"cover": np.full((1, 16, 16, 3), 90, "uint8"), "secret": np.zeros((1, 16, 16, 3))}
    calm = [keras.ops.convert_to_numpy(model(batch)["revealed"]) for _ in range(2)]
    noisy = keras.ops.convert_to_numpy(model(batch, training=True)["revealed"])
    assert np.array_equal(*calm)
    assert not np.allclose(calm[0], noisy)


def values_of(weight) -> np.ndarray:
    return np.array(keras.ops.convert_to_numpy(keras.ops.copy(weight)))


def test_a_learned_change_starts_near_the_cover():
    model = ClassicTrainer(WIDTHS["tiny"], 0.75, 0.0, 0, learned_change=True)
    pair = {
        "cover": np.stack([photograph("astronaut", 48, 48)]),
        "secret": np.stack([photograph("coffee", 48, 48)]),
    }
    made = model.predict_on_batch(pair)
    assert np.abs(made["container"] * 255 - pair["cover"]).max() <= 3
    assert 0.2 < made["revealed"].mean() < 0.8


def test_mirrored_filters_let_a_signal_through():
    model = ClassicTrainer(WIDTHS["paper"], 0.75, 0.0, 0, learned_change=True)
    initialize_mirrored(model.prep, model.hide, model.reveal, WIDTHS["paper"], seed=0)
    pair = {
        "cover": np.stack([photograph("astronaut", 48, 48)]),
        "secret": np.stack([photograph("coffee", 48, 48)]),
    }
    made = model.predict_on_batch(pair)
    assert np.abs(made["container"] * 255 - pair["cover"]).max() <= 20
    # What is revealed is nearly a linear map of the container, square by square.
    seen, revealed = (
        keras.ops.convert_to_numpy(to_squares(made[name])).reshape(-1, 12)
        for name in ("container", "revealed")
    )
    inputs = np.c_[seen, np.ones(len(seen))]
    rest = revealed - inputs @ np.linalg.lstsq(inputs, revealed, rcond=None)[0]
    assert rest.var() < 0.05 * revealed.var()
    other = ClassicTrainer(WIDTHS["paper"], 0.75, 0.0, 0, learned_change=True)
    initialize_mirrored(other.prep, other.hide, other.reveal, WIDTHS["paper"], seed=1)
    assert not np.allclose(other.predict_on_batch(pair)["revealed"], made["revealed"], atol=0.02)


def test_muon_moves_filters_equally_in_all_directions():
    layer = keras.layers.Conv2D(6, 3)
    layer.build((1, 8, 8, 5))
    optimizer = Muon(0.1)
    optimizer.build(layer.trainable_variables)
    before = [values_of(v) for v in layer.trainable_variables]
    random = np.random.default_rng(0)
    # One direction dominates the gradient a hundredfold.
    large = np.outer(random.normal(size=45), random.normal(size=6)) * 100
    gradient = (large + random.normal(size=(45, 6))).reshape(3, 3, 5, 6).astype("float32")
    bias = np.ones(6, "float32")
    optimizer.apply([keras.ops.convert_to_tensor(g) for g in (gradient, bias)])
    moved, bias_moved = (
        values_of(v) - b for v, b in zip(layer.trainable_variables, before, strict=True)
    )
    values = np.linalg.svd(moved.reshape(45, 6), compute_uv=False) / (0.1 * 0.2 * 6**0.5)
    assert values.max() < 1.3 and values[0] > 0.6
    assert np.median(values) > 0.2
    assert bias_moved == pytest.approx(-0.2 * 0.1 * bias, rel=1e-3)  # a fifth of a step of Adam


def test_each_stage_has_a_rate_of_its_own():
    model = ClassicTrainer(WIDTHS["tiny"], 0.75, 0.0, 0, learned_change=True)
    compile_for_training(model, 1e-3, 10_000, optimizer="muon", first_steps=4000, first_lr=8e-3)
    steps = (0, 300, 3999, 4000, 4300, 9999)
    rates = [float(model.optimizer._learning_rate(step)) for step in steps]
    assert rates == pytest.approx([1.6e-4, 8e-3, 1.6e-4, 2e-5, 1e-3, 2e-5], rel=0.01)


def test_single_squares_are_computed_as_the_convolutions_do():
    model = ClassicTrainer(WIDTHS["upstream"], 0.75, 0.0, 0, learned_change=True)
    initialize_mirrored(model.prep, model.hide, model.reveal, WIDTHS["upstream"], seed=0)
    cover, secret = np.random.default_rng(0).integers(0, 256, (2, 5, 2, 2, 3)).astype("uint8")
    made = model({"cover": cover, "secret": secret})
    hidden = model.hide(
        [
            keras.ops.convert_to_tensor(cover / 255.0, "float32"),
            model.prep(keras.ops.convert_to_tensor(secret / 255.0, "float32")),
        ]
    )
    levels = np.rint(keras.ops.convert_to_numpy(hidden).clip(0, 1) * 255)
    container = keras.ops.convert_to_numpy(made["container"])
    assert np.abs(container * 255 - levels).max() < 1e-2
    revealed = keras.ops.convert_to_numpy(model.reveal(made["container"]))
    assert np.allclose(keras.ops.convert_to_numpy(made["revealed"]), revealed, atol=1e-4)


def test_no_pixel_moves_the_others_by_a_large_gradient():
    containers = keras.Variable(np.full((1, 1, 2, 3), 0.5, "float32"))
    wanted = np.array([1e-3, 1e3], "float32").reshape(1, 1, 2, 1)
    with tf.GradientTape() as tape:
        loss = keras.ops.mean(wanted * _soften(containers.value))
    gradient = np.array(tape.gradient(loss, containers.value)) * 6
    assert gradient[0, 0, 0] == pytest.approx(1e-3, rel=1e-3)
    # Half the gradient, times the number of samples, is at most 0.3 in all.
    assert np.linalg.norm(gradient[0, 0, 1] / 2) == pytest.approx(0.3, rel=1e-3)


def test_beta_goes_from_its_start_to_its_end():
    model = ClassicTrainer(
        WIDTHS["tiny"], 0.75, 0.0, 0, learned_change=True, beta_start=3.0, beta_steps=4
    )
    pair = {
        "cover": np.stack([photograph("astronaut", 16, 16)]),
        "secret": np.stack([photograph("coffee", 16, 16)]),
    }
    model.build(dict.fromkeys(pair, (1, 16, 16, 3)))
    compile_for_training(model, 1e-6, 10)
    seen = []
    for _ in range(6):
        logs = one_step(model, pair)
        seen.append((logs["loss"] - logs["cover_mse"]) / logs["secret_mse"])
    assert seen == pytest.approx([3.0, 3 / 2**0.5, 1.5, 1.5 / 2**0.5, 0.75, 0.75], rel=1e-3)


def test_averaged_weights_are_measured_and_the_others_come_back():
    model = ClassicTrainer(WIDTHS["tiny"], 0.75, 0.0, 0, learned_change=True)
    pair = {
        "cover": np.stack([photograph("astronaut", 16, 16)]),
        "secret": np.stack([photograph("coffee", 16, 16)]),
    }
    model.build(dict.fromkeys(pair, (1, 16, 16, 3)))
    compile_for_training(model, 1e-2, 10, clip=0.5, average=0.5)
    history = [[values_of(w) for w in model.trainable_variables]]
    for _ in range(3):
        one_step(model, pair)
        history.append([values_of(w) for w in model.trainable_variables])
    # Keras starts the average at the weights after the first step.
    expected = history[1]
    for weights in history[2:]:
        expected = [0.5 * a + 0.5 * w for a, w in zip(expected, weights, strict=True)]
    with averaged(model):
        inside = [values_of(w) for w in model.trainable_variables]
    after = [values_of(w) for w in model.trainable_variables]
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(inside, expected, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(after, history[-1], strict=True))
    assert not np.allclose(inside[0], after[0])


@pytest.mark.parametrize("width", ["paper", "upstream"])
def test_folded_initialization_hides_and_reveals_before_any_training(width):
    model = build(width)
    segments = segments_for(0.75)
    initialize_folded(model.prep, model.hide, model.reveal, WIDTHS[width], segments)
    pair = {
        "cover": np.stack([photograph("astronaut", 96, 96)]),
        "secret": np.stack([photograph("coffee", 96, 96)]),
    }
    made = model.predict_on_batch(pair)
    levels = 255 / (segments[0] * segments[1])
    container = np.rint(made["container"] * 255).astype("uint8")
    revealed = np.rint(np.clip(made["revealed"], 0, 1) * 255).astype("uint8")
    # As derived in training.classic.folding, less 2 dB: pictures are not uniform noise.
    assert (
        peak_signal_noise_ratio(pair["cover"], container)
        > 20 * np.log10(255 / (levels / 6**0.5)) - 2
    )
    assert peak_signal_noise_ratio(pair["secret"], revealed) > 20 * np.log10(levels * 12**0.5) - 2


def test_folded_initialization_refuses_networks_that_are_too_narrow():
    model = build("tiny")
    with pytest.raises(ValueError, match="needs"):
        initialize_folded(model.prep, model.hide, model.reveal, WIDTHS["tiny"], (4, 5))


_STEPS = """
import json
import keras, numpy as np
from training import loop
from training.optimizer import compile_for_training
from training.classic.shape import WIDTHS
from training.classic.trainer import ClassicTrainer, _soften
def built(noise):
    model = ClassicTrainer(WIDTHS["tiny"], 0.75, noise, 0)
    model.build({"cover": (1, 16, 16, 3), "secret": (1, 16, 16, 3)})
    compile_for_training(model, 1e-2, 10)
    return model
random = np.random.default_rng(0)
model = built(1.0)
batch = {n: random.integers(0, 256, (2, 16, 16, 3), dtype=np.uint8) for n in ("cover", "secret")}
before = [np.array(w) for w in model.get_weights()]
losses = [loop.one_step(model, batch)["loss"] for _ in range(3)]
moved = any(not np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
# Backends draw different initial weights and noise from the same seed.
same = built(0.0)
same.set_weights([random.normal(0, 0.1, w.shape) for w in same.get_weights()])
alike = loop.one_step(same, batch)["loss"]
said = {"backend": keras.backend.backend(), "losses": losses, "moved": moved, "alike": alike}
print(json.dumps(said))
"""
BACKENDS = ("tensorflow", "jax")


@pytest.fixture(scope="module")
def trained() -> dict[str, dict]:
    """The report of each backend on its first steps."""
    found = {}
    for backend in BACKENDS:
        result = run_python(_STEPS, KERAS_BACKEND=backend)
        assert result.returncode == 0, result.stderr
        found[backend] = json.loads(result.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_training_step_runs_on_each_backend(trained, backend):
    said = trained[backend]
    assert said["backend"] == backend
    assert said["moved"]
    assert np.isfinite(said["losses"]).all()


def test_the_backends_agree_on_the_loss_of_the_same_weights(trained):
    losses = [trained[backend]["alike"] for backend in BACKENDS]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)
