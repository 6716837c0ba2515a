"""The rows of a quality result: what one configuration or baseline does with a group of pairs.

A secret that comes back exactly has no PSNR: exact ones are counted, and left out of means. Which
those are differs from row to row, so rows are compared by *the others*: the pairs whose secret the
default model does not bring back exactly at the same payload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from runtime.engine.models import DEFAULT

CODE_ONLY = "code only"
"""The variant of a model that is kept from carrying a secret exactly."""


@dataclass(frozen=True)
class Figures:
    """What came of one pair. PSNR in dB and SSIM (at most 1), over RGB.

    Attributes:
        exact: Whether the secret came back exactly.
        cover_psnr: Container against cover; None if the secret does not fit.
        cover_ssim: The same; None as well for large pictures.
        revealed_psnr: Revealed against secret, at its own size; None if it is exact or missing.
        revealed_ssim: The same, 1 if it is exact; None as well for large pictures.
        reduced: Share of the secret's pixels that were coded; None if all, or if that is not known.
    """

    exact: bool
    cover_psnr: float | None
    cover_ssim: float | None
    revealed_psnr: float | None
    revealed_ssim: float | None
    reduced: float | None = None


NOTHING = Figures(False, None, None, None, None)
"""The secret does not fit."""


@dataclass(frozen=True)
class Row:
    """One configuration or baseline, over all pairs of a group.

    The names of the attributes are the keys of the result file. Means and the worst are over those
    pairs that have a figure; None if none has.

    Attributes:
        name: Name of the model, or what the baseline hides.
        variant: `code only` if the model must not carry secrets exactly; else None.
        bits: Most bits per sample; None if there is no such option.
        ours: Whether it is a model.
        exact: Number of secrets that came back exactly.
        fits: Number of secrets that fit.
        cover_psnr: Mean.
        cover_psnr_worst: The worst pair.
        cover_ssim: Mean.
        revealed_psnr: Mean, exact ones left out.
        revealed_psnr_worst: The worst pair.
        revealed_ssim: Mean, exact ones counted as 1.
        each: The figures of each pair, by name, in the order of the pairs.
    """

    name: str
    variant: str | None
    bits: int | None
    ours: bool
    exact: int
    fits: int
    cover_psnr: float | None
    cover_psnr_worst: float | None
    cover_ssim: float | None
    revealed_psnr: float | None
    revealed_psnr_worst: float | None
    revealed_ssim: float | None
    each: dict[str, list[Any]]


def row_of(
    name: str, variant: str | None, bits: int | None, ours: bool, figures: Sequence[Figures]
) -> Row:
    """Summarizes the figures of all pairs."""
    each = {key: [asdict(of_pair)[key] for of_pair in figures] for key in asdict(NOTHING)}
    return Row(
        name,
        variant,
        bits,
        ours,
        exact=sum(each["exact"]),
        fits=sum(value is not None for value in each["cover_psnr"]),
        cover_psnr=mean(each["cover_psnr"]),
        cover_psnr_worst=worst(each["cover_psnr"]),
        cover_ssim=mean(each["cover_ssim"]),
        revealed_psnr=mean(each["revealed_psnr"]),
        revealed_psnr_worst=worst(each["revealed_psnr"]),
        revealed_ssim=mean(each["revealed_ssim"]),
        each=each,
    )


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of those that are known; None if none is."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def worst(values: Sequence[float | None]) -> float | None:
    """The least of those that are known; None if none is."""
    return min((value for value in values if value is not None), default=None)


def group_of(result: dict[str, Any], name: str) -> dict[str, Any] | None:
    """A group of a quality result by its name; None if it was not measured."""
    return next((group for group in result["groups"] if group["name"] == name), None)


def group_by(result: dict[str, Any], name: str) -> dict[str, Any]:
    """The same.

    Raises:
        ValueError: It was not measured.
    """
    group = group_of(result, name)
    if group is None:
        raise ValueError(f"the quality result has no group {name!r}")
    return group


def row_by(
    group: dict[str, Any], name: str, bits: int | None, variant: str | None = None
) -> dict[str, Any] | None:
    """A row of a group in a result file; None if it is not there."""
    for row in group["rows"]:
        if (row["name"], row["bits"], row["variant"]) == (name, bits, variant):
            return dict(row)
    return None


def others(group: dict[str, Any], bits: int | None) -> list[int]:
    """Numbers of the pairs that the default model does not bring back exactly at a payload."""
    own = row_by(group, DEFAULT, bits)
    return [
        number
        for number in range(len(group["pairs"]))
        if own is None or not own["each"]["exact"][number]
    ]


def revealed_of(row: dict[str, Any], pairs: Sequence[int]) -> list[float | None]:
    """The PSNR of what is revealed of these pairs, in dB."""
    return [row["each"]["revealed_psnr"][number] for number in pairs]
