"""The stream of the learned code: 16-bit words, with a header and a checksum.

Word 0 is the quantizer index, word 1 the checksum, words 2 to 31 the caller's 60 bytes.
"""

from __future__ import annotations

import numpy as np

from codec.blocks import Ints

WORD_BITS = 16
HEADER_WORDS = 32
USER_BYTES = 60
CHECK_PRIME = 65521
CHECK_FACTOR = 40503


def words_in(samples: int, bits: int) -> int:
    """Words that fit into so many samples at `bits` bits per sample.

    Each of the `bits` planes holds whole words only.
    """
    return bits * (samples // WORD_BITS)


def checksum(words: Ints) -> int:
    """The content of word 1: a weighted sum of word 0 and of the words after the header.

    The sum is modulo a prime. The caller's bytes are left out, so that they can be written later.
    """
    # Weights depend on the position because a plain sum misses the most common damage: a sample
    # changed by one level sets a bit in one plane and clears it in another, at the same position.
    place = np.arange(1, len(words) + 1, dtype=np.int64)
    weights = 1 + CHECK_FACTOR * place**2 % (CHECK_PRIME - 1)
    weights[1:HEADER_WORDS] = 0
    return int((weights * words).sum() % CHECK_PRIME)
