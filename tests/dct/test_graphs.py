"""The graphs of `robust` do what the reference does."""

import cv2
import numpy as np
import onnxruntime as ort
import pytest

from dct import lattice, ldpc, search
from dct.blocks import blocks_of, luma
from dct.resampling import Axis, resample
from export.robust.code import build_decode, build_encode
from export.robust.find import build_find
from export.robust.hide import build_hide
from export.robust.read import build_read
from runtime.carriers.dct.strengths import STRENGTHS


def opened(build):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(
        build().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


@pytest.fixture(scope="module")
def sessions():
    builds = {
        "hide": build_hide,
        "read": build_read,
        "find": build_find,
        "encode": build_encode,
        "decode": build_decode,
    }
    return {name: opened(build) for name, build in builds.items()}


def cover_of(height, width):
    rng = np.random.default_rng(height)
    small = rng.integers(0, 256, (9, 9, 3)).astype(np.float32)
    wide = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(wide * 1.3 - 40, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda s: s.name)
@pytest.mark.parametrize("size", [(128, 128), (151, 170)])
def test_hide(sessions, size, strength):
    cover = cover_of(*size)
    rows, columns = blocks_of(*size)
    rng = np.random.default_rng(1)
    phases = rng.integers(0, 256, (rows * columns, strength.places), dtype=np.uint8)
    expected = lattice.embed(cover, phases, strength)
    feed = {"cover": cover, "phases": phases, "strength": np.array(strength.number)}
    (found,) = sessions["hide"].run(None, feed)
    difference = np.abs(found.astype(int) - expected)
    # Floats may be rounded to either side.
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda s: s.name)
@pytest.mark.parametrize("ratio", [1.0, 0.6, 1.7])
def test_read(sessions, ratio, strength):
    picture = cover_of(round(160 * ratio), round(208 * ratio))
    axis = Axis() if ratio == 1.0 else Axis.resized(ratio)
    plane = resample(luma(picture), axis, axis, 160, 208, fine=True)
    rng = np.random.default_rng(2)
    dither = rng.integers(0, 256, (10, 13, strength.places), dtype=np.uint8)
    gains = rng.uniform(0.8, 1.1, strength.places).astype(np.float32)
    place = np.array([axis.start, axis.ratio], np.float32)
    feed = {
        "picture": picture,
        "dither": dither,
        "rows": place,
        "columns": place,
        "gains": gains,
        "strength": np.array(strength.number),
    }
    read, near = sessions["read"].run(None, feed)
    expected = lattice.coefficients(plane, strength)
    np.testing.assert_allclose(read.reshape(expected.shape), expected, atol=5e-3)
    flat = dither.reshape(expected.shape)
    expected = lattice.closeness(expected, flat, strength.steps * gains)
    np.testing.assert_allclose(near.reshape(expected.shape), expected, atol=5e-3)


def test_find(sessions):
    picture = cover_of(300, 260)
    candidates = [
        (Axis(), Axis()),
        (Axis.resized(0.9), Axis.resized(1.2)),
        (Axis(-3.0), Axis(-7.0)),
    ]
    numbers = [[a.start, a.ratio, b.start, b.ratio] for a, b in candidates]
    feed = {
        "picture": picture,
        "candidates": np.array(numbers, np.float32),
        "side": np.array(search.SIDE),
    }
    (scores,) = sessions["find"].run(None, feed)
    expected = [search.score(luma(picture), *axes).score for axes in candidates]
    np.testing.assert_allclose(scores.max(axis=1).clip(0), expected, atol=2e-2)


@pytest.mark.parametrize(
    ("information", "sent", "blocks"),
    [(96, 120, 1), (224, 1207, 1), (168, 905, 2), (777, 9000, 3), (5120, 8000, 2)],
)
@pytest.mark.parametrize("quality", [0.7, 1.3])
def test_code(sessions, information, sent, blocks, quality):
    code = ldpc.Code(information, sent)
    rng = np.random.default_rng(sent)
    bits = rng.integers(0, 2, (blocks, information), dtype=np.uint8)
    word = ldpc.encode(code, bits)
    (found,) = sessions["encode"].run(None, {"information": bits, "length": np.array(sent)})
    np.testing.assert_array_equal(found, word)
    # Near the limit of the code, on either side.
    ratio = quality * 8 * information / sent
    soft = ratio / 2 * (1 - 2.0 * word) + np.sqrt(ratio) * rng.standard_normal(word.shape)
    soft = soft.astype(np.float32)
    expected, valid = ldpc.decode(code, soft)
    found, found_valid, iterations = sessions["decode"].run(
        None, {"soft": soft, "bits": np.array(information)}
    )
    np.testing.assert_array_equal(found_valid, valid)
    np.testing.assert_array_equal(found[valid], expected[valid])
    assert 0 <= iterations <= ldpc.ITERATIONS
