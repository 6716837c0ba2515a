"""Training options of `robust`: of the network that restores what AVIF left out."""

from __future__ import annotations

from pathlib import Path

from training.options import Chosen, Declaration, Option, Values, count
from training.robust.shape import HALF, WIDTHS

_LARGEST_CROP = 256


def _choose(values: Values) -> Chosen:
    crop = values["crop"]
    if crop % HALF or not 16 <= crop <= _LARGEST_CROP:
        raise ValueError(f"--crop must be even, from 16 to {_LARGEST_CROP}, got {crop}")
    cache: Path = values["example_cache"] or values["out"] / "dataset"
    return Chosen(
        "identity", {"saves": values["saves"]}, cache, clip=1.0, average=0.998, optimizer="muon"
    )


DECLARATION = Declaration(
    widths=tuple(WIDTHS),
    width="32x7",
    crop=96,
    steps=30_000,
    lr=1e-2,
    options=(
        Option(
            "example-cache",
            "folder of saved examples; several runs may share it",
            None,
            "OUT/dataset",
            parse=Path,
        ),
        Option("saves", "how often each photograph is saved", 2, parse=count),
    ),
    choose=_choose,
    session="training.robust.session",
)
