"""Published quality of other methods, with the source of each figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """A published pair of mean PSNRs, in dB.

    Attributes:
        name: Name of the method.
        cover_psnr: Container against cover.
        revealed_psnr: Revealed secret against secret.
        conditions: Whether containers were rounded to 8 bits, and what else was done to them.
        source: Where it is published.
    """

    name: str
    cover_psnr: float
    revealed_psnr: float
    conditions: str
    source: str


QUALITY = (
    Quality(
        "PRIS",
        34.28,
        32.96,
        "rounded to 8 bits, and the mean of five attacks on it",
        "Yang, Xu, Liu, Ma: PRIS: Practical robust invertible network for image steganography, "
        "Engineering Applications of Artificial Intelligence 133, 2024, "
        "https://yanghangai.github.io/publication/2024-04-01-pris",
    ),
)
