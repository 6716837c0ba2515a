"""The payload `code`: it fills budgets, comes back, and survives any content."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio
from support import photograph as photograph_named

from runtime.engine.network import Network
from runtime.errors import AlteredError, PictureError, TooLargeError
from runtime.images.grid import tiles_of
from runtime.payloads import code
from runtime.payloads.code_bytes import header_size, parse

Picture = NDArray[np.uint8]
Networks = dict[str, Network]
MOST = 10**7


def encoded(networks: Networks, secret: Picture, budget: int) -> code.Encoded:
    return code.encode(networks["hide"], networks["estimate"], secret, budget)


def decoded(networks: Networks, content: bytes, *lost: tuple[int, int]) -> code.Decoded:
    return code.decode(networks["reveal"], content, lost, MOST)


@pytest.mark.parametrize("bits", [0.3, 1, 2, 3])
def test_budgets_are_filled(networks: Networks, photograph: Picture, bits: float) -> None:
    for secret in (photograph, photograph[:200, :133], photograph_named("coffee")):
        budget = int(secret.size * bits) // 8
        made = encoded(networks, secret, budget)
        # Small pictures share runs, and so the price of bits.
        least = 0.975 if secret.size > 400_000 else 0.95
        assert least * budget < len(made.content) <= budget
        assert made.coded_size == secret.shape[:2]
        back = decoded(networks, made.content)
        assert back.picture.shape == secret.shape and back.damaged == 0
        assert back.tiles == len(tiles_of(*secret.shape[:2]))
        psnr = peak_signal_noise_ratio(secret, back.picture)
        assert made.psnr == pytest.approx(psnr, abs=1.5)
        said = code.estimate_psnr(networks["estimate"], secret, budget)
        assert said.psnr == pytest.approx(psnr, abs=1.5)
        assert said.size <= budget and said.coded_size == made.coded_size


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (33, 2), (16, 16), (40, 600)])
def test_secrets_of_any_size(
    networks: Networks, photograph: Picture, size: tuple[int, int]
) -> None:
    secret = cv2.resize(photograph, size[::-1], interpolation=cv2.INTER_AREA)
    budget = max(600, secret.size // 4)
    made = encoded(networks, secret, budget)
    assert len(made.content) <= budget
    back = decoded(networks, made.content)
    assert back.picture.shape == secret.shape
    assert ((back.picture.astype(int) - secret) ** 2).mean() < 6


def test_noise_and_flat_pictures_fit(networks: Networks) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (80, 90, 3), np.uint8)
    for secret in (noise, np.zeros_like(noise), np.full_like(noise, 255)):
        for bits in (0.3, 2, 4):
            budget = int(secret.size * bits) // 8
            made = encoded(networks, secret, budget)
            assert len(made.content) <= budget
            back = decoded(networks, made.content).picture
            if secret is not noise:
                assert np.array_equal(back, secret)


def test_a_large_secret_is_reduced_for_a_small_budget(networks: Networks) -> None:
    secret = cv2.resize(photograph_named("coffee"), (1200, 800), interpolation=cv2.INTER_CUBIC)
    budget = secret.size // 8 // 12
    made = encoded(networks, secret, budget)
    assert 0.9 * budget < len(made.content) <= budget
    assert made.coded_size[0] < 700
    back = decoded(networks, made.content)
    assert back.coded_size == made.coded_size and back.picture.shape == secret.shape
    psnr = peak_signal_noise_ratio(secret, back.picture)
    assert psnr > 32 and made.psnr == pytest.approx(psnr, abs=1.5)


def test_what_cannot_fit_says_what_it_needs(networks: Networks, photograph: Picture) -> None:
    for budget in (0, 10, 20):
        with pytest.raises(PictureError, match=r"needs \d+ bytes"):
            encoded(networks, photograph[:40, :40], budget)


def test_several_secrets_are_coded_as_each_is(networks: Networks, photograph: Picture) -> None:
    secrets = [photograph[y : y + 96, y : y + 64] for y in (0, 50, 100, 150)]
    secrets.append(photograph[:500])
    budgets = [s.size // 4 for s in secrets]
    every = code.encode_all(networks["hide"], networks["estimate"], secrets, budgets)
    contents = [made.content for made in every]
    pictures = code.decode_all(networks["reveal"], contents, [[]] * 5, MOST)
    for secret, budget, made, back in zip(secrets, budgets, every, pictures, strict=True):
        alone = encoded(networks, secret, budget)
        assert len(alone.content) == pytest.approx(len(made.content), rel=0.02)
        assert np.array_equal(decoded(networks, made.content).picture, back.picture)
        assert peak_signal_noise_ratio(secret, back.picture) > 45


def test_lost_tiles_are_grey(networks: Networks) -> None:
    secret = photograph_named("coffee")
    content = encoded(networks, secret, secret.size // 4).content
    header = parse(content, MOST)
    first, second = tiles_of(*secret.shape[:2])
    start = header_size(2) + 2 * header.counts[0]
    damaged = content[:start] + bytes(20) + content[start + 20 :]
    back = decoded(networks, damaged, (start, start + 20))
    assert (back.damaged, back.tiles) == (1, 2)
    assert (back.picture[second.rows, second.columns] == code.GREY).all()
    whole = decoded(networks, content).picture[first.rows, first.columns]
    assert np.array_equal(back.picture[first.rows, first.columns], whole)
    for place in (0, 14, header_size(2) - 1):
        with pytest.raises(AlteredError):
            decoded(networks, content, (place, place + 1))


def test_a_secret_of_too_many_pixels_is_refused(networks: Networks, photograph: Picture) -> None:
    content = encoded(networks, photograph[:64, :64], 3000).content
    with pytest.raises(TooLargeError, match="64 x 64"):
        code.decode(networks["reveal"], content, [], 64 * 64 - 1)


@pytest.fixture(scope="module")
def small(networks: Networks, photograph: Picture) -> bytes:
    return encoded(networks, photograph[:20, :33], 700).content


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=6), st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_content_gives_a_picture_or_an_error(
    networks: Networks, small: bytes, changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    changed = bytearray(small[: data.draw(st.integers(0, len(small)))])
    for place, value in changes:
        if place < len(changed):
            changed[place] = value
    try:
        back = decoded(networks, bytes(changed))
    except (AlteredError, TooLargeError):
        return
    assert back.picture.shape[0] * back.picture.shape[1] <= MOST


@given(st.binary(max_size=200))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_content_is_refused(networks: Networks, content: bytes) -> None:
    with pytest.raises((AlteredError, TooLargeError)):
        decoded(networks, content)
