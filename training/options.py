"""How a model declares the options of its training, before Keras is imported."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


def positive(text: str) -> float:
    """Parses a positive number, for argparse."""
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be positive, got {text}")
    return value


def not_negative(text: str) -> float:
    """Parses a number that is not negative, for argparse."""
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"must not be negative, got {text}")
    return value


def count(text: str) -> int:
    """Parses a whole number from 1, for argparse."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return value


def whole(text: str) -> int:
    """Parses a whole number from 0, for argparse."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, got {text}")
    return value


@dataclass(frozen=True)
class Option:
    """An option of the command that only one model has.

    Attributes:
        name: Without the leading dashes.
        help: For `--help`, without the default.
        default: Value if the option is not given.
        shown_default: How `--help` describes the default; by default its value.
        parse: From the text on the command line.
        choices: Allowed values, if they are few.
    """

    name: str
    help: str
    default: Any
    shown_default: str | None = None
    parse: Callable[[str], Any] = str
    choices: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """Name of the value after parsing."""
        return self.name.replace("-", "_")


def add_own_options(
    parser: argparse.ArgumentParser, models: Mapping[str, tuple[Option, ...]]
) -> None:
    """Adds the options of each model as a group of their own."""
    for model, options in models.items():
        if not options:
            continue
        group = parser.add_argument_group(f"options of --model {model}")
        for option in options:
            shown = option.default if option.shown_default is None else option.shown_default
            # The parser's own default is None, which tells whether the option was given.
            group.add_argument(
                f"--{option.name}",
                dest=option.key,
                type=option.parse,
                choices=option.choices,
                help=f"{option.help} ({shown})",
            )


def own_values(
    parsed: argparse.Namespace, model: str, models: Mapping[str, tuple[Option, ...]]
) -> dict[str, Any]:
    """Values of the options of one model, by key.

    Raises:
        ValueError: An option of another model was given.
    """
    given = {key: value for key, value in vars(parsed).items() if value is not None}
    values = {option.key: given.pop(option.key, option.default) for option in models[model]}
    for options in models.values():
        for option in options:
            if option.key in given:
                raise ValueError(f"--{option.name} is not an option of --model {model}")
    return values


@dataclass(frozen=True)
class Chosen:
    """What a model makes of the options.

    Attributes:
        start: How the weights are initialized, for the settings of the run.
        settings: The model's own settings of the run.
        files: Paths on this machine that are no part of the run, as the model's session needs them.
        clip: Largest norm of the gradient, larger ones being scaled down to it; None for no limit.
        average: Decay per step of the moving average of the weights, which is what is measured and
            exported; None for the weights themselves.
        optimizer: `adam`, or `muon`; None for `adam`.
        first_steps: Length of a first stage with a learning rate of its own, or None.
        first_lr: The highest learning rate of that stage.
    """

    start: str
    settings: dict[str, Any]
    files: Any = None
    clip: float | None = None
    average: float | None = None
    optimizer: str | None = None
    first_steps: int | None = None
    first_lr: float | None = None


@dataclass(frozen=True)
class Declaration:
    """What the command knows of a model.

    Attributes:
        widths: Names of its network widths.
        width: The default width.
        lr: The default learning rate.
        crop: The default side of crops, in pixels.
        steps: The default length of a run.
        options: Options that no other model has.
        choose: Makes settings of all option values; raises OSError or ValueError if they are
            wrong.
        session: Name of the module with the model's `training.session.ModelSession` functions.
        batch: The default number of pairs or examples per step.
    """

    widths: tuple[str, ...]
    width: str
    lr: float
    crop: int
    steps: int
    options: tuple[Option, ...]
    choose: Callable[[Values], Chosen]
    session: str
    batch: int = 8
