"""The graphs of clear: the same symbols as the reference, bit for bit."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio
from support import ROOT

from codec.codec import Codec
from codec.tables import Tables
from codec.words import USER_BYTES, words_in
from export.clear.carrier import embed, extract
from export.clear.hide import build_hide
from export.clear.reveal import build_reveal

GOLDEN = Path(__file__).parent / "golden"
Pictures = NDArray[np.uint8]
Sessions = tuple[ort.InferenceSession, ort.InferenceSession]


@pytest.fixture(scope="module", params=["optimized", "plain"])
def sessions(tables: Tables, request: pytest.FixtureRequest) -> Sessions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    if request.param == "plain":
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    providers = ["CPUExecutionProvider"]
    hide, reveal = (
        ort.InferenceSession(build(tables).SerializeToString(), options, providers=providers)
        for build in (build_hide, build_reveal)
    )
    return hide, reveal


def check(codec: Codec, sessions: Sessions, cover: Pictures, secret: Pictures, bits: int) -> None:
    """Hides, reveals, and compares with the reference; pictures are (batch, height, width, 3)."""
    random = np.random.default_rng(bits)
    batch, height, width, _ = cover.shape
    pad = random.integers(0, 256, cover.shape).astype(np.uint8)
    header = random.integers(0, 256, (batch, USER_BYTES)).astype(np.uint8)
    common = {"pad": pad, "bits": np.array(bits, np.int64)}
    hide, reveal = sessions
    (container,) = hide.run(
        ["container"], {"cover": cover, "secret": secret, "header": header, **common}
    )
    revealed, header_back, intact = reveal.run(
        ["secret", "header", "intact"], {"container": container, **common}
    )
    assert intact.all()
    np.testing.assert_array_equal(header_back, header)
    expected = embed(cover[0], extract(container[0], pad[0], bits), pad[0], bits)
    np.testing.assert_array_equal(container[0], expected)
    for i in range(batch):
        words = extract(container[i], pad[i], bits)
        tile, user, whole = codec.decode(words, height, width)
        assert whole and user == header[i].tobytes()
        # Encoding again gives the same words: encoder and decoder agree.
        np.testing.assert_array_equal(codec.encode(tile, user, len(words)), words)
        expected = codec.reconstruct(tile, height, width)
        assert np.abs(expected.astype(int) - revealed[i]).max() <= 1
        assert (expected != revealed[i]).mean() < 1e-3


@pytest.mark.parametrize("bits", [1, 2, 3])
@pytest.mark.parametrize("size", [(16, 16), (17, 17), (16, 40), (33, 50), (128, 96)])
def test_photographs_at_any_size(
    codec: Codec, sessions: Sessions, photograph: Pictures, size: tuple[int, int], bits: int
) -> None:
    height, width = size
    cuts = [photograph[y : y + height, y : y + width] for y in (0, 60, 200, 300)]
    check(codec, sessions, np.stack(cuts[:2]), np.stack(cuts[2:]), bits)


@pytest.mark.parametrize("bits", [1, 2, 3])
@pytest.mark.parametrize("size", [(17, 17), (64, 80)])
def test_extreme_pictures(
    codec: Codec, sessions: Sessions, size: tuple[int, int], bits: int
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    edges = ((np.indices(size) // 3).sum(axis=0) % 2 * 255).astype(np.uint8)
    edges = np.repeat(edges[..., None], 3, axis=-1)
    flat = [np.full((*size, 3), level, np.uint8) for level in (0, 255)]
    check(codec, sessions, np.stack([*flat, noise, edges]), np.stack([noise, edges, *flat]), bits)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_as_good_as_the_reference(
    codec: Codec, sessions: Sessions, photograph: Pictures, bits: int
) -> None:
    secret = photograph[:256, 100:356]
    tile = codec.choose(secret, words_in(secret.size, bits))
    expected = peak_signal_noise_ratio(secret, codec.reconstruct(tile, 256, 256))
    hide, reveal = sessions
    common = {"pad": np.zeros_like(secret)[None], "bits": np.array(bits, np.int64)}
    header = np.zeros((1, USER_BYTES), np.uint8)
    pair = {"cover": secret[None], "secret": secret[None]}
    (container,) = hide.run(None, {**pair, "header": header, **common})
    (revealed,) = reveal.run(["secret"], {"container": container, **common})
    assert peak_signal_noise_ratio(secret, revealed[0]) > expected - 0.4


def test_a_damaged_container_is_detected(sessions: Sessions, photograph: Pictures) -> None:
    _, reveal = sessions
    common = {"bits": np.array(2, np.int64)}
    noise = np.random.default_rng(0).integers(0, 256, (3, 80, 64, 3)).astype(np.uint8)
    noise[2] = photograph[:80, :64]
    _, _, intact = reveal.run(None, {"container": noise, "pad": np.zeros_like(noise), **common})
    assert not intact.any()


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_golden_containers_reveal(codec: Codec, sessions: Sessions, bits: int) -> None:
    container, expected = (
        np.asarray(cv2.imread(str(GOLDEN / f"{name}-{bits}.png"), cv2.IMREAD_COLOR_RGB), np.uint8)
        for name in ("container", "revealed")
    )
    height, width, _ = container.shape
    pad = np.zeros_like(container)
    tile, user, intact = codec.decode(extract(container, pad, bits), height, width)
    assert intact and user == bytes(range(USER_BYTES))
    assert np.abs(codec.reconstruct(tile, height, width).astype(int) - expected).max() <= 1
    feed = {"container": container[None], "pad": pad[None], "bits": np.array(bits, np.int64)}
    secret, _, intact = sessions[1].run(None, feed)
    assert intact.all() and np.abs(secret[0].astype(int) - expected).max() <= 1


def test_the_shipped_hide_graph_can_be_built_again(tables: Tables) -> None:
    shipped = onnx.load(ROOT / "models" / "clear" / "hide.onnx").graph
    built = build_hide(tables).graph
    assert list(built.node) == list(shipped.node)
    assert [t.name for t in built.initializer] == [t.name for t in shipped.initializer]
    for one, other in zip(built.initializer, shipped.initializer, strict=True):
        # Cosines and logarithms may differ in their last bit between platforms.
        expected = onnx.numpy_helper.to_array(other)
        np.testing.assert_allclose(onnx.numpy_helper.to_array(one), expected, 1e-5, 1e-6)
