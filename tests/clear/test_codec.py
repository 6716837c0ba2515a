"""The reference codec: symbols come back exactly, and every picture fits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

from codec import blocks, rans, states
from codec import classes as c
from codec import modes as m
from codec import tables as t
from codec.codec import Codec
from codec.quantize import AC, CodedTile
from codec.tables import Tables

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


@given(st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_states_are_packed(tables: Tables, lanes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    own = np.exp2(random.uniform(15, 31, lanes)).astype(np.int32)
    own[:2] = (rans.LOW, (1 << 31) - 1)[:lanes]
    lower, packer, stream = states.pack(tables, own)
    decoder = rans.Decoder(tables, packer, np.append(stream, [1, 2, 3]).astype(np.int32))
    np.testing.assert_array_equal(states.unpack(tables, lower, decoder), own)
    assert decoder.taken == len(stream)
    if lanes >= 128:
        assert 16 * (lanes + len(stream)) + 32 * len(packer) < 30 * lanes


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
    merged = random.integers(0, 2, (rows, columns)).astype(np.int32)
    dc = random.integers(-3000, 3000, (3, 4, rows, columns)).astype(np.int32)
    dc[0] = np.abs(dc[0])
    relative = scales[3:, modes] - qindex + m.RELATIVE_OFFSET
    supports = c.SUPPORTS[m.relative_class()[0][relative]]
    ac = np.rint(random.uniform(-1, 1, supports.shape) ** 5 * supports).astype(np.int32)
    assert ac.shape == (AC, 4, rows, columns)
    tile = CodedTile(qindex, adaptive, merged, modes, dc, ac)
    words = codec.encode(tile)
    assert len(words) == codec.size(tile) and words.min() >= 0 and words.max() < 1 << 16
    padded = np.append(words, random.integers(0, 1 << 16, 9)).astype(np.int32)
    decoded = codec.decode(padded, rows * 16, columns * 16, qindex, large)
    assert decoded.qindex == qindex
    for name in ("adaptive", "merged", "modes", "dc", "ac"):
        np.testing.assert_array_equal(getattr(decoded, name), getattr(tile, name), name)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", [noise, white, checkers])
def test_every_picture_comes_back(codec: Codec, make: object, size: tuple[int, int]) -> None:
    secret = make(size)  # type: ignore[operator]
    for qindex, adaptive in ((0, True), (100, False), (511, True)):
        tile = codec.quantize(blocks.transform(secret), qindex, adaptive)
        decoded = codec.decode(codec.encode(tile), *size, qindex, adaptive)
        np.testing.assert_array_equal(decoded.ac, tile.ac)
        np.testing.assert_array_equal(decoded.dc, tile.dc)
        if make is white and qindex == 0:
            assert np.array_equal(codec.reconstruct(decoded, *size), secret)


def test_tiles_share_a_budget_and_an_index(codec: Codec, photograph: NDArray[np.uint8]) -> None:
    secret = photograph[:96, :192]
    tiles = [secret[:, :96], secret[:, 96:]]
    psnrs = []
    for bits in (1, 2, 3):
        words = secret.size * bits // 16
        coded = codec.choose(tiles, words, adaptive=False)
        taken = sum(map(codec.size, coded))
        assert 0.95 * words < taken <= words and coded[0].qindex == coded[1].qindex
        both = [codec.reconstruct(tile, 96, 96) for tile in coded]
        psnrs.append(peak_signal_noise_ratio(secret, np.concatenate(both, axis=1)))
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


@given(st.binary(max_size=400), st.integers(1, 40), st.integers(0, 511), st.booleans())
@settings(max_examples=30)
def test_any_words_are_decoded(
    codec: Codec, content: bytes, width: int, qindex: int, adaptive: bool
) -> None:
    words = np.frombuffer(content[: len(content) // 2 * 2], ">u2").astype(np.int32)
    tile = codec.decode(words, 20, width, qindex, adaptive)
    assert codec.reconstruct(tile, 20, width).shape == (20, width, 3)
