"""The runtime's part of the carrier is what the reference and its graphs are."""

import numpy as np
import pytest

from dct import carrier, ldpc
from dct import search as reference_search
from runtime.carriers.dct import axes, forecast, judging, layout, searching, writing
from runtime.carriers.dct.strengths import STRENGTHS


def test_numbers_are_the_references():
    assert writing.LEAST_SIDE == carrier.LEAST_SIDE
    assert (layout.LEAST_BITS, layout.MOST_BITS) == (ldpc.LEAST_BITS, ldpc.MOST_BITS)
    for name in ("SURE", "LEAST_RATIO", "MOST_RATIO", "MOST_CROPPED"):
        assert getattr(searching, name) == getattr(reference_search, name)


@pytest.mark.parametrize(("bits", "places"), [(96, 500), (900, 1200), (20_481, 60_000)])
def test_the_code_is_cut_as_by_the_reference(bits, places):
    expected, blocks = carrier.payload_code(bits, places)
    assert layout.code_of(bits, places) == layout.Code(expected.information, expected.sent, blocks)


def test_too_many_bits_have_no_code():
    assert layout.code_of(1001, 1200) is None


def test_the_noise_is_found():
    rng = np.random.default_rng(1)
    strength = STRENGTHS[0]
    places = np.broadcast_to(np.arange(strength.places), (400, strength.places))
    spread = (1 - strength.strides) / 2
    for deviation in (0.05, 0.2):
        turns = rng.uniform(-1, 1, places.shape) * spread + rng.normal(0, deviation, places.shape)
        whole = (turns * 256).astype(np.int64) & 255
        bits = rng.integers(0, 2, places.shape)
        known = judging.noise_of(strength, (whole, places)).soft_bits(whole, places)
        unknown = (whole + 128 * bits) & 255
        nothing = np.zeros(0, np.int64)
        guessed = judging.noise_of(strength, (nothing, nothing), (unknown, places))
        soft = guessed.soft_bits(unknown, places) * (1 - 2 * bits)
        said, best = (1 - np.log2(1 + np.exp(-x.astype(float))).mean() for x in (soft, known))
        assert best - 0.03 < said < best + 0.01


def test_places_are_made_exact_unless_cropped():
    place = axes.Location(STRENGTHS[0], axes.Axis(-0.2, 0.5003), axes.Axis(-0.3, 0.4998), 9.0)
    exact = place.of_size((200, 250), (400, 500))
    assert exact.rows == exact.columns == axes.Axis.resized(0.5) and exact.is_resized
    crop = axes.Location(STRENGTHS[0], axes.Axis(-3.0), axes.Axis(), 9.0)
    assert crop.of_size((397, 500), (400, 500)) == crop and not crop.is_resized


def test_more_bits_need_more_information():
    gaps = [forecast.gap(rate, 20_000) + rate for rate in np.linspace(0, 0.8, 33)]
    assert np.all(np.diff(gaps) > 0)
    assert forecast.gap(0.5, 500) > forecast.gap(0.5, 20_000)
