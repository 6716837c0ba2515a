"""The reference codec: symbols come back exactly, and every picture fits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

from codec import blocks, rans
from codec import classes as c
from codec import modes as m
from codec import tables as t
from codec.codec import Codec
from codec.quantize import AC, CodedTile
from codec.tables import Tables
from codec.words import words_in
from export.clear.carrier import embed, extract

SIZES = [(16, 16), (17, 17), (16, 33), (31, 47), (64, 64)]


def noise(size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)


def white(size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.full((*size, 3), 255, np.uint8)


def checkers(size: tuple[int, int]) -> NDArray[np.uint8]:
    return ((np.indices(size).sum(axis=0) % 2)[..., None] * [255, 0, 255]).astype(np.uint8)


@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_rans_gives_back_symbols_and_first_states(
    tables: Tables, steps: int, lanes: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    distributions = random.integers(0, len(tables.firsts), (steps, lanes))
    slots = random.integers(0, t.TOTAL_FREQUENCY, (steps, lanes))
    indices = tables.symbol_of_slot[distributions, slots]
    start = random.integers(rans.LOW, 2 * rans.LOW, lanes).astype(np.int32)
    state, stream = rans.encode(tables, indices.astype(np.int32), start)
    assert state.min() >= rans.LOW and len(stream) <= steps * lanes
    decoder = rans.Decoder(tables, state, stream)
    for row, expected in zip(distributions, indices, strict=True):
        np.testing.assert_array_equal(decoder.step(row), expected)
    np.testing.assert_array_equal(decoder.state, start)


def test_distributions_are_complete(tables: Tables) -> None:
    ends = np.append(tables.firsts, len(tables.frequencies))
    for first, end in itertools.pairwise(ends):
        frequencies = tables.frequencies[first:end]
        assert frequencies.sum() == t.TOTAL_FREQUENCY and frequencies.min() >= 1


@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, blocks.QINDICES - 1),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=30)
def test_any_coded_tile_comes_back(
    codec: Codec, rows: int, columns: int, qindex: int, large: bool, seed: int
) -> None:
    tables = codec.tables
    random = np.random.default_rng(seed)
    adaptive, scales = None, tables.scales
    if large:
        units = random.integers(0, (m.HIGHEST_SCALE - m.LOWEST_SCALE) // m.ADAPTIVE_UNIT + 1, 192)
        adaptive = (units * m.ADAPTIVE_UNIT + m.LOWEST_SCALE).astype(np.int32)
        scales = tables.all_scales(adaptive)
    modes = random.integers(0, scales.shape[1], (4, rows, columns)).astype(np.int32)
    dc = random.integers(-3000, 3000, (3, 4, rows, columns)).astype(np.int32)
    dc[0] = np.abs(dc[0])
    relative = scales[3:, modes] - qindex + m.RELATIVE_OFFSET
    supports = c.SUPPORTS[m.relative_class()[0][relative]]
    ac = np.rint(random.uniform(-1, 1, supports.shape) ** 5 * supports).astype(np.int32)
    assert ac.shape == (AC, 4, rows, columns)
    tile = CodedTile(qindex, adaptive, modes, dc, ac)
    words = codec.encode(tile, bytes(range(60)), 20_000 if large else m.ADAPTIVE_LEAST_WORDS - 1)
    decoded, user, intact = codec.decode(words, rows * 16, columns * 16)
    assert intact and user == bytes(range(60)) and decoded.qindex == qindex
    for name in ("adaptive", "modes", "dc", "ac"):
        np.testing.assert_array_equal(getattr(decoded, name), getattr(tile, name), name)


@pytest.mark.parametrize("bits", [1, 2, 3])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", [noise, white, checkers])
def test_every_picture_fits_and_comes_back(
    codec: Codec, make: object, size: tuple[int, int], bits: int
) -> None:
    secret = make(size)  # type: ignore[operator]
    capacity = words_in(secret.size, bits)
    tile = codec.choose(secret, capacity)
    pad = np.random.default_rng(1).integers(0, 1 << bits, secret.shape).astype(np.uint8)
    for level in (0, 128, 255):
        cover = np.full_like(secret, level)
        words = codec.encode(tile, bytes(60), capacity)
        container = embed(cover, words, pad, bits)
        np.testing.assert_array_equal(extract(container, pad, bits), words)
        decoded, _, intact = codec.decode(extract(container, pad, bits), *size)
        assert intact
        np.testing.assert_array_equal(decoded.ac, tile.ac)
    if make is white and size != (17, 17):
        assert np.array_equal(codec.reconstruct(tile, *size), secret)


def test_a_photograph_is_coded_well(codec: Codec, photograph: NDArray[np.uint8]) -> None:
    secret = photograph[:256, :256]
    psnrs = []
    for bits in (1, 2, 3):
        tile = codec.choose(secret, words_in(secret.size, bits))
        psnrs.append(peak_signal_noise_ratio(secret, codec.reconstruct(tile, 256, 256)))
    assert psnrs[0] > 38 and psnrs[1] > 46 and psnrs[2] > 52


def test_fine_grain_uses_adaptive_modes(codec: Codec) -> None:
    random = np.random.default_rng(0)
    spectrum = np.exp(-np.hypot(*np.meshgrid(*[np.fft.fftfreq(192)] * 2)) * 3)
    waves = np.fft.fft2(random.normal(size=(3, 192, 192))) * spectrum
    grain = np.clip(np.fft.ifft2(waves).real * 120 + 128, 0, 255).astype(np.uint8)
    x = blocks.transform(grain.transpose(1, 2, 0))
    tile = codec.quantize(x, 130, adaptive=True)
    assert (tile.modes >= codec.tables.modes).mean() > 0.5
    assert codec.size(tile) < 0.98 * codec.size(codec.quantize(x, 130, adaptive=False))


def test_a_damaged_stream_is_detected(codec: Codec, photograph: NDArray[np.uint8]) -> None:
    secret = photograph[:48, :48]
    capacity = words_in(secret.size, 2)
    words = codec.encode(codec.choose(secret, capacity), bytes(60), capacity)
    words[40] ^= 4
    assert not codec.decode(words, 48, 48)[2]
    random = np.random.default_rng(0).integers(0, 1 << 16, capacity).astype(np.int32)
    codec.reconstruct(codec.decode(random, 48, 48)[0], 48, 48)
