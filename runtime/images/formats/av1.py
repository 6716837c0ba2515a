"""The size in an AV1 stream's own header, which is what the decoder goes by (AV1, 5.5)."""

from __future__ import annotations

import struct

_SEQUENCE_HEADER = 1
_SIZE_BYTES = 8


def frame_size(stream: bytes) -> tuple[int, int]:
    """Largest width and height that frames may have, from the sequence headers.

    Raises:
        struct.error, IndexError: The stream is damaged, or has no sequence header.
    """
    place, sizes = 0, []
    while place < len(stream):
        head = stream[place]
        place += 2 if head & 4 else 1
        size = len(stream) - place
        if head & 2:
            size, place = _leb128(stream, place)
        if (head >> 3) & 15 == _SEQUENCE_HEADER:
            sizes.append(_read_sequence_header(_Bits(stream[place : place + size])))
        place += size
    if not sizes:
        raise struct.error("it has no sequence header")
    return max(sizes, key=lambda size: size[0] * size[1])


def _leb128(stream: bytes, place: int) -> tuple[int, int]:
    value = 0
    for number in range(_SIZE_BYTES):
        byte = stream[place + number]
        value |= (byte & 127) << 7 * number
        if not byte & 128:
            return value, place + number + 1
    raise struct.error("a size has too many bytes")


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data[:256], "big")
        self._left = 8 * min(len(data), 256)

    def __call__(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise struct.error("it ends within its sequence header")
        return (self._value >> self._left) & ((1 << count) - 1)

    def variable(self) -> None:
        zeros = 0
        while not self(1):
            zeros += 1
        if zeros < 32:
            self(zeros)


def _read_sequence_header(bits: _Bits) -> tuple[int, int]:
    bits(3 + 1)  # profile, still picture
    if bits(1):  # reduced header
        bits(5)
    else:
        has_model = False
        delay_size = 0
        if bits(1):  # timing
            bits(32)
            bits(32)
            if bits(1):
                bits.variable()
            has_model = bool(bits(1))
            if has_model:
                delay_size = bits(5) + 1
                bits(32 + 5 + 5)
        has_delay = bits(1)
        for _ in range(bits(5) + 1):
            bits(12)
            if bits(5) > 7:
                bits(1)
            if has_model and bits(1):
                bits(2 * delay_size + 1)
            if has_delay and bits(1):
                bits(4)
    width_bits, height_bits = bits(4) + 1, bits(4) + 1
    return bits(width_bits) + 1, bits(height_bits) + 1
