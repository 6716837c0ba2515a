"""The carrier, from bits to a picture and back, at all sizes and on all kinds of covers."""

import cv2
import numpy as np
import pytest

from dct import carrier, search
from dct.blocks import blocks_of, luma, waves_of
from runtime.carriers.dct import layout
from runtime.carriers.dct.strengths import STRENGTHS

NORMAL, STRONG, MAX = STRENGTHS

PUBLIC, SEALED = layout.OPEN_BITS, layout.SEALED_BITS


def photograph(height, width, seed=0):
    """Something with large and small features."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for size, amount in ((3, 60), (12, 40), (40, 20)):
        part = rng.normal(size=(size, size, 3))
        total += amount * cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(total + 128, 0, 255).astype(np.uint8)


def hidden(cover, strength, bits, seed=0):
    rng = np.random.default_rng(seed)
    rows, columns = blocks_of(*cover.shape[:2])
    parts = [rng.integers(0, 2, n, dtype=np.uint8) for n in (PUBLIC, SEALED, bits)]
    dithers = [
        rng.integers(0, 256, (blocks, strength.places), dtype=np.uint8)
        for blocks in (layout.REGION**2, rows * columns)
    ]
    return carrier.write(cover, strength, *parts, *dithers), parts, dithers


def revealed(picture, cover, parts, dithers):
    plane = luma(picture)
    place = search.find(plane, everywhere=False)
    assert place is not None
    region = carrier.read_region(plane, place)
    public, region = carrier.read_open(region)
    np.testing.assert_array_equal(public, parts[0])
    sealed, region = carrier.read_sealed(region, dithers[0])
    np.testing.assert_array_equal(sealed, parts[1])
    height, width = cover.shape[:2]
    region = carrier.with_size(region, plane.shape, height, width)
    soft = carrier.read_soft(plane, region, height, width, dithers[1])
    payload, valid = carrier.read_payload(soft, len(parts[2]))
    assert valid.all()
    np.testing.assert_array_equal(payload, parts[2])


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda s: s.name)
@pytest.mark.parametrize("size", [(128, 128), (131, 257), (300, 175)])
def test_bits_come_back_at_any_size(size, strength):
    cover = photograph(*size)
    picture, parts, dithers = hidden(cover, strength, 96)
    assert picture.shape == cover.shape
    rows, columns = (16 * n for n in blocks_of(*size))
    np.testing.assert_array_equal(picture[rows:], cover[rows:])
    np.testing.assert_array_equal(picture[:, columns:], cover[:, columns:])
    revealed(picture, cover, parts, dithers)


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda s: s.name)
@pytest.mark.parametrize("kind", ["black", "white", "grey", "checks", "colours"])
def test_bits_come_back_on_extreme_covers(kind, strength):
    cover = {
        "black": lambda: np.zeros((208, 208, 3), np.uint8),
        "white": lambda: np.full((208, 208, 3), 255, np.uint8),
        "grey": lambda: np.full((208, 208, 3), 128, np.uint8),
        "checks": lambda: np.tile(
            np.kron([[0, 255], [255, 0]], np.ones((8, 8)))[..., None].astype(np.uint8), (13, 13, 3)
        ),
        "colours": lambda: np.broadcast_to(np.uint8([255, 0, 130]), (208, 208, 3)).copy(),
    }[kind]()
    picture, parts, dithers = hidden(cover, strength, 96 if kind == "checks" else 400)
    revealed(picture, cover, parts, dithers)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strength", "quality", "scale"),
    [(NORMAL, 75, 1.0), (STRONG, 50, 1.0), (STRONG, 85, 0.75), (MAX, 85, 0.5), (MAX, 70, 0.78)],
    ids=lambda x: getattr(x, "name", str(x)),
)
def test_bits_come_through_jpeg(strength, quality, scale):
    cover = photograph(400, 480)
    places = carrier.capacity(400, 480, strength)
    picture, parts, dithers = hidden(cover, strength, places // 4)
    if scale != 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, file = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    picture = cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1]
    if scale != 1.0:
        # The search takes seconds; tests of the model search.
        axes = [search.Axis.resized(n / m) for n, m in zip(picture.shape, (400, 480), strict=False)]
        assert search.score(luma(picture), *axes).score > 2 * search.SURE
        return
    revealed(picture, cover, parts, dithers)


@pytest.mark.slow
def test_a_crop_is_found():
    cover = photograph(300, 300)
    picture, *_ = hidden(cover, NORMAL, 96)
    place = search.find(luma(picture[3:, 7:]))
    assert place is not None
    assert place.strength is NORMAL
    assert abs(place.rows.start + 3) < 0.3
    assert abs(place.columns.start + 7) < 0.3


@pytest.mark.slow
def test_nothing_is_found_where_nothing_is():
    for seed in range(20):
        assert search.find(luma(photograph(256, 256, seed)), everywhere=False) is None


def test_too_small_or_too_much_is_refused():
    with pytest.raises(ValueError):
        hidden(photograph(127, 400), NORMAL, 96)
    with pytest.raises(ValueError):
        hidden(photograph(128, 128), MAX, 5000)


@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda s: s.name)
def test_waves_are_orthonormal_and_leave_brightness_alone(strength):
    np.testing.assert_allclose(
        waves_of(strength).T @ waves_of(strength), np.eye(strength.places), atol=1e-5
    )
    np.testing.assert_allclose(waves_of(strength).sum(axis=0), 0, atol=1e-4)


@pytest.mark.parametrize("count", [2, 3, 17, 1024, 1025, 99_991])
def test_the_permutation_is_one(count):
    np.testing.assert_array_equal(np.sort(layout.permutation(count)), np.arange(count))


def test_the_permutation_is_this_one():
    assert layout.permutation(12).tolist() == [0, 3, 4, 9, 7, 8, 1, 6, 2, 5, 10, 11]
    assert int(layout.permutation(1_000_000)[:1000].sum()) == 495249628


def test_neighbours_go_far_apart():
    order = layout.permutation(100_000)
    assert np.abs(np.diff(order)).mean() > 25_000
    assert abs(np.corrcoef(order[:-1], order[1:])[0, 1]) < 0.05


@pytest.mark.parametrize("size", [(8, 8), (9, 20), (40, 40)])
@pytest.mark.parametrize("strength", STRENGTHS, ids=lambda s: s.name)
def test_each_place_carries_one_thing(size, strength):
    rows, columns = size
    used = np.zeros((rows, columns, strength.places), int)
    for block, place in (layout.pilots(rows, columns), *layout.description()):
        some = layout.exist((block, place), rows, columns)
        row, column = np.divmod(block[some], layout.REGION)
        np.add.at(used, (row, column, place[some]), 1)
    used.reshape(-1)[layout.payload_places(rows, columns, strength.number)] += 1
    assert (used == 1).all()
