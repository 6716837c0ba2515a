"""What is said of a payload: to users, in results, and in what a cover could hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["file", "repacked", "pixels", "code", "compact"]

FILES: tuple[Kind, ...] = ("file", "repacked")
"""Kinds that bring back the secret's own file."""


@dataclass(frozen=True)
class Payload:
    """What a container carries, or could.

    Attributes:
        kind: `file`, the secret's own file; `repacked`, that file in fewer bytes; `pixels`, a
            lossless file of its pixels; `code`, a learned code of them; `compact`, a small AVIF
            picture.
        size: Bytes that are carried.
        capacity: Bytes that the cover holds at most, with the options at hand.
        bits_per_pixel: Bits that a pixel of the container carries, on average.
        coded_size: Height and width at which the secret is coded; None where that is its own size.
        psnr: About what the revealed secret will have, in dB against the secret; None if it is
            exact, or if that is not known.
    """

    kind: Kind
    size: int
    capacity: int
    bits_per_pixel: float
    coded_size: tuple[int, int] | None = None
    psnr: float | None = None

    @property
    def exact(self) -> bool:
        """Whether the secret comes back bit for bit: its file, or its pixels."""
        return self.is_file or self.kind == "pixels"

    @property
    def is_file(self) -> bool:
        """Whether the secret's own file comes back, byte for byte."""
        return self.kind in FILES
