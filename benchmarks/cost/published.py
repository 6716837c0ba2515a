"""Published networks of other methods, with the source of each figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedCost:
    """The cost of another method's networks, counted from its authors' published code.

    Attributes:
        name: Name of the method.
        hide_parameters: Parameters of the hiding network.
        reveal_parameters: Parameters of the revealing network.
        hide_macs: Multiply-accumulates per pixel of the cover, when hiding.
        reveal_macs: Multiply-accumulates per pixel of the cover, when revealing.
        how: How the cost was counted.
        source: Where the code is.
    """

    name: str
    hide_parameters: int
    reveal_parameters: int
    hide_macs: float
    reveal_macs: float
    how: str
    source: str


def _dense_block(inputs: int, outputs: int) -> tuple[int, int]:
    """Parameters, and weights without biases, of five densely connected 3x3 convolutions."""
    widths = [(inputs + 32 * step, 32) for step in range(4)] + [(inputs + 128, outputs)]
    weights = sum(9 * inputs * outputs for inputs, outputs in widths)
    return weights + sum(outputs for _, outputs in widths), weights


def _hinet() -> PublishedCost:
    parameters, weights = _dense_block(12, 12)
    # Three dense blocks in each of 16 coupling blocks, on 12 + 12 Haar bands at half resolution.
    # The same network reveals when it runs backwards.
    blocks = 3 * 16
    macs = blocks * weights / 4
    return PublishedCost(
        "HiNet (ICCV 2021)",
        blocks * parameters,
        blocks * parameters,
        macs,
        macs,
        "16 coupling blocks of three dense blocks, at half resolution; one network for both ways",
        "https://github.com/TomTomTommi/HiNet (hinet.py, invblock.py, rrdb_denselayer.py)",
    )


PUBLISHED = (_hinet(),)
