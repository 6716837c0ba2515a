"""Training options of `classic`."""

from __future__ import annotations

from training.classic.shape import WIDTHS
from training.options import (
    Chosen,
    Declaration,
    Option,
    Values,
    not_negative,
    positive,
    whole,
)


def _choose(values: Values) -> Chosen:
    if values["width"] == "tiny" and values["start"] == "folded":
        raise ValueError("--width tiny is too narrow for --start folded")
    own = {"beta": values["beta"], "noise": values["noise"]}
    if values["start"] == "folded":
        # The code is already there; its weights must not be moved far.
        return Chosen("folded", own)
    if values["beta_start"] is not None:
        own["beta_start"] = values["beta_start"]
    square_steps = values["square_steps"]
    if square_steps:
        own["square_steps"] = square_steps
    return Chosen(
        "random",
        own,
        clip=0.5,
        average=0.995,
        optimizer="muon",
        first_steps=square_steps or None,
        first_lr=values["square_lr"] if square_steps else None,
    )


DECLARATION = Declaration(
    widths=tuple(WIDTHS),
    width="paper",
    lr=5e-4,
    crop=48,
    steps=15_000,
    options=(
        Option("beta", "weight of the secret's error", 0.75, parse=positive),
        Option(
            "beta-start",
            "that weight at the first step; it becomes --beta over the first half of the run",
            None,
            "--beta",
            parse=positive,
        ),
        Option(
            "square-steps",
            "first steps, on squares of 2x2 pixels in place of crops",
            3_000,
            parse=whole,
        ),
        Option("square-lr", "learning rate of those steps", 8e-3, parse=positive),
        Option(
            "noise",
            "noise on the container, standard deviation in 8-bit levels",
            0.0,
            parse=not_negative,
        ),
        Option(
            "start",
            "initial weights; folded is a hand-designed code, which needs 48 filters in the 3x3 "
            "branch, and --lr 1e-4",
            "random",
            choices=("random", "folded"),
        ),
    ),
    choose=_choose,
    session="training.classic.session",
    batch=8,
)
