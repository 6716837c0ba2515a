"""Training options of `classic`."""

from __future__ import annotations

from training.classic.shape import WIDTHS
from training.options import Chosen, Declaration, Option, Values, not_negative, positive


def _choose(values: Values) -> Chosen:
    if values["width"] == "tiny" and values["start"] == "folded":
        raise ValueError("--width tiny is too narrow for folded initialization; add --start random")
    return Chosen(values["start"], {"beta": values["beta"], "noise": values["noise"]})


DECLARATION = Declaration(
    widths=tuple(WIDTHS),
    width="paper",
    lr=1e-4,
    options=(
        Option("beta", "weight of the secret's error", 0.75, parse=positive),
        Option(
            "noise",
            "noise on the container, standard deviation in 8-bit levels",
            0.0,
            parse=not_negative,
        ),
        Option(
            "start",
            "initial weights; folded needs 48 filters in the 3x3 branch",
            "folded",
            choices=("folded", "random"),
        ),
    ),
    choose=_choose,
    session="training.classic.session",
)
