"""Numbers of a few bits each, one after another, from the highest bit of each byte on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

# Bits that a number and those before it in its first byte take at most, in whole bytes.
_WORD = 40


class BitWriter:
    """Collects bits."""

    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._left, self._count = 0, 0  # bits of a byte that is not full

    def add(self, values: Int64, counts: Int64) -> None:
        """Adds the `counts` lowest bits of each of the `values`, which has no others."""
        values = np.concatenate([[self._left], values])
        counts = np.concatenate([[self._count], counts])
        ends = np.cumsum(counts)
        starts = ends - counts
        total = int(ends[-1])
        words = values << (_WORD - counts - (starts & 7))
        sums = np.zeros((total >> 3) + 1 + _WORD // 8)
        for number in range(_WORD // 8):
            byte = words >> (_WORD - 8 - 8 * number) & 0xFF
            # No two numbers share a bit, so that sums are the bytes.
            sums += np.bincount((starts >> 3) + number, byte, len(sums))
        full = total >> 3
        self._done.append(sums[:full].astype(np.uint8).tobytes())
        self._count = total & 7
        self._left = int(sums[full]) >> (8 - self._count)

    def finish(self, fill: int) -> bytes:
        """All bytes, the last one filled with ones or zeros."""
        if self._count:
            free = 8 - self._count
            self._done.append(bytes([self._left << free | ((1 << free) - 1) * fill]))
            self._count = 0
        return b"".join(self._done)
