"""The configurations that are measured side by side: each model with each of its payloads."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import runtime
from runtime.engine.models import load_model
from runtime.schemes import all_options, choices_of, declared_options, value_of

COMPARED = ("classic", "clear")
"""Models that carry pictures of their cover's size, which are measured unless others are named."""

_PAYLOAD = "bits"
_VARIED = (_PAYLOAD, "strength")
"""Options that are varied: bits per sample, and what a container survives."""


@dataclass(frozen=True)
class Configuration:
    """A model with values for all options that its scheme declares.

    Attributes:
        model: Name, or path of a model folder.
        options: Values by the name of the option; empty for a scheme without options.
        label: For tables and plots, such as `clear, 2 bit`.
    """

    model: str
    options: Mapping[str, Any]
    label: str

    @property
    def bits(self) -> int | None:
        """Payload in bits per sample; None if the payload is not an option."""
        return self.options.get(_PAYLOAD)

    def code_only(self) -> Configuration | None:
        """The same, kept from carrying a secret exactly; None if the model never does."""
        if not (kept := code_only(self.model)):
            return None
        return Configuration(self.model, {**self.options, **kept}, f"{self.label}, code only")

    def coded(self) -> Configuration:
        """The same, under the same label; it never carries a secret exactly, which has no PSNR."""
        return Configuration(self.model, {**self.options, **code_only(self.model)}, self.label)

    def hider(self) -> runtime.Hider:
        """A hider with these options, on the best available device."""
        return runtime.Hider(self.model, **self.options)

    def revealer(self) -> runtime.Revealer:
        """A revealer for its containers, on the best available device."""
        return runtime.Revealer(self.model)


def configurations_of(models: Iterable[str] | None) -> list[Configuration]:
    """Each model with each of its payloads or strengths, its other options at their defaults.

    Args:
        models: Names or folders; None for those of `COMPARED`.
    """
    configurations = []
    for model in models or COMPARED:
        options = default_options(model)
        declared = declared_options(load_model(model))
        varied = next((name for name in _VARIED if name in declared), None)
        if varied is None:
            configurations.append(Configuration(model, options, model))
            continue
        spec = declared[varied]
        for value in spec.choices:
            label = f"{model}, {spec.label.format(value)}"
            configurations.append(Configuration(model, {**options, varied: value}, label))
    return configurations


def models_of(configurations: Iterable[Configuration]) -> list[str]:
    """The models of these configurations, each once."""
    return list(dict.fromkeys(configuration.model for configuration in configurations))


def default_options(model: str | Path) -> dict[str, Any]:
    """The default of each option that the model's scheme declares."""
    return {name: spec.default for name, spec in declared_options(load_model(model)).items()}


def code_only(model: str | Path) -> dict[str, Any]:
    """Options that keep a model from carrying a secret exactly; none if it never does."""
    return {"exact": "never"} if "exact" in declared_options(load_model(model)) else {}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that the schemes declare, one flag for each name."""
    for name, declared in all_options().items():
        choices = choices_of(spec for _, spec in declared)
        parser.add_argument(
            declared[0][1].flag,
            dest=name,
            type=partial(value_of, choices),
            choices=choices,
            help="; ".join(
                f"{scheme}: {spec.unit} (default: {spec.default})" for scheme, spec in declared
            ),
        )


def chosen_options(parsed: argparse.Namespace, model: str | Path) -> dict[str, Any]:
    """The options of a model, as chosen by the arguments of `add_options`, else the defaults."""
    options = default_options(model)
    for name in options:
        value = getattr(parsed, name, None)
        if value is not None:
            options[name] = value
    return options
