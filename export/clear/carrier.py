"""Reference of how format 1 of `clear` carries words in pixels, for the checks of the graphs.

Words are spread over the samples as *symbols* of 1 to 3 bits. A pad is XORed with the symbols, and
the symbols of the three samples of a pixel make its residue.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from codec.blocks import Ints, Pictures
from codec.words import WORD_BITS
from export.clear.changes import with_residues
from runtime.carriers.residues import residues_of

SAMPLES = 3  # per pixel


def symbols_of_words(words: Ints, samples: int, bits: int) -> Pictures:
    """Spreads words over samples; uint8 (samples,) in 0 .. 2**bits - 1.

    The first samples // 16 words go into the lowest bits of the samples, most significant bit
    first, the next into the second lowest bits, and so on. So a header at the front is in the
    lowest bits of the first samples for any `bits`. The last samples % 16 symbols are 0.
    """
    planes = words.reshape(bits, -1, 1) >> np.arange(WORD_BITS - 1, -1, -1) & 1
    symbols = np.zeros(samples, np.uint8)
    flat = planes.reshape(bits, -1)
    symbols[: flat.shape[1]] = (flat << np.arange(bits)[:, None]).sum(axis=0)
    return symbols


def words_of_symbols(symbols: Pictures, bits: int) -> Ints:
    """The inverse of `symbols_of_words`, int32 (words,)."""
    used = symbols[: len(symbols) // WORD_BITS * WORD_BITS]
    used_words = used.astype(np.int32).reshape(1, -1, WORD_BITS)
    planes = used_words >> np.arange(bits)[:, None, None] & 1
    words = (planes << np.arange(WORD_BITS - 1, -1, -1)).sum(axis=-1)
    return np.asarray(words.ravel(), np.int32)


def residues_of_symbols(symbols: Pictures, bits: int) -> NDArray[np.uint16]:
    """Residues for the symbols of the samples, uint16 (...) of uint8 (..., 3).

    Bit p of the symbol of sample k is bit 3 p + k of the residue.
    """
    total = np.zeros(symbols.shape[:-1], np.uint16)
    for plane, sample in itertools.product(range(bits), range(SAMPLES)):
        bit = symbols[..., sample].astype(np.uint16) >> plane & 1
        total |= bit << SAMPLES * plane + sample
    return total


def symbol_table(bits: int) -> Pictures:
    """The symbols of the three samples for each residue, uint8 (8**bits, 3)."""
    residues = np.arange(1 << SAMPLES * bits)[:, None]
    samples = np.arange(SAMPLES)
    planes = [(residues >> SAMPLES * plane + samples & 1) << plane for plane in range(bits)]
    return np.asarray(np.bitwise_or.reduce(planes), np.uint8)


def embed(cover: Pictures, words: Ints, pad: Pictures, bits: int) -> Pictures:
    """Writes words into a cover as the hide graph does.

    Args:
        cover: uint8 (height, width, 3).
        words: int32, as many as `words_in` says.
        pad: uint8 like the cover; its lowest `bits` bits are XORed with the symbols.
        bits: Bits per sample.
    """
    symbols = symbols_of_words(words, cover.size, bits).reshape(cover.shape)
    masked = (symbols ^ pad) & np.uint8((1 << bits) - 1)
    return with_residues(cover, residues_of_symbols(masked, bits), bits)


def extract(container: Pictures, pad: Pictures, bits: int) -> Ints:
    """Reads the words that `embed` wrote."""
    masked = symbol_table(bits)[residues_of(container, bits)]
    symbols = (masked ^ pad) & np.uint8((1 << bits) - 1)
    return words_of_symbols(symbols.ravel(), bits)
