"""What others published, with the source of each figure; nothing is here that was not looked up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """A published pair of mean PSNRs, in dB.

    Attributes:
        name: Of the method.
        cover_psnr: Container against cover.
        revealed_psnr: Revealed secret against secret.
        eight_bits: Whether the container went through 8 bits, and what else it went through.
        source: Where it is published.
    """

    name: str
    cover_psnr: float
    revealed_psnr: float
    eight_bits: str
    source: str


@dataclass(frozen=True)
class Cost:
    """What another's networks cost, counted from the code that its authors published.

    Attributes:
        name: Of the method.
        hide_parameters: Of the network that hides.
        reveal_parameters: Of the one that reveals.
        hide_macs: Multiply-accumulates a pixel of the cover, of hiding.
        reveal_macs: Of revealing.
        how: How that was counted.
        source: The code.
    """

    name: str
    hide_parameters: int
    reveal_parameters: int
    hide_macs: float
    reveal_macs: float
    how: str
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


def _dense_block(inputs: int, outputs: int) -> tuple[int, int]:
    """Parameters, and weights alone, of five 3x3 convolutions that each see all before them."""
    widths = [(inputs + 32 * step, 32) for step in range(4)] + [(inputs + 128, outputs)]
    weights = sum(9 * read * made for read, made in widths)
    return weights + sum(made for _, made in widths), weights


def _hinet() -> Cost:
    parameters, weights = _dense_block(12, 12)
    # Three dense blocks in each of 16 coupling blocks, on 12 + 12 Haar bands at half the
    # resolution; the same network, run backwards, reveals.
    blocks = 3 * 16
    macs = blocks * weights / 4
    return Cost(
        "HiNet (ICCV 2021)",
        blocks * parameters,
        blocks * parameters,
        macs,
        macs,
        "16 coupling blocks of three dense blocks, at half resolution; one network for both ways",
        "https://github.com/TomTomTommi/HiNet (hinet.py, invblock.py, rrdb_denselayer.py)",
    )


COST = (_hinet(),)

UNROUNDED = (
    "HiNet's own test (test.py of its repository) reveals from the container as the network made "
    "it, in floating point, and saves pictures only to look at: figures taken so do not go through "
    "8 bits, and are not in the plot."
)
