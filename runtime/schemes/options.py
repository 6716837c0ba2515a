"""How a scheme declares its options, once for the command line, Python, JSON, docs and the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.engine.models import Model
from runtime.errors import UsageError


@dataclass(frozen=True)
class Options:
    """Base of a scheme's options: a frozen dataclass whose fields are made by `option`."""


@dataclass(frozen=True)
class OptionSpec:
    """What is said of an option.

    Attributes:
        name: As a keyword in Python.
        default: Its value where none is given.
        choices: All values that it can have.
        unit: Of the values, such as `bits per sample`.
        label: How a value is called in tables, with `{}` for it.
        help: What it does, in a sentence without a full stop.
        flag: On the command line.
    """

    name: str
    default: Any
    choices: tuple[Any, ...]
    unit: str
    label: str
    help: str
    flag: str

    @property
    def is_switch(self) -> bool:
        """Whether it is on or off."""
        return all(isinstance(choice, bool) for choice in self.choices)

    def as_arguments(self, value: Any) -> str:
        """How a value is given on the command line."""
        if self.is_switch:
            return self.flag if value else ""
        return f"{self.flag} {value}"


def option(
    default: Any,
    *,
    choices: tuple[Any, ...],
    unit: str,
    label: str,
    help: str,  # noqa: A002
    flag: str | None = None,
) -> Any:
    """A field of an `Options` class; the arguments are those of `OptionSpec`.

    Without a flag, it is the name with dashes.
    """
    said = {"choices": choices, "unit": unit, "label": label, "help": help, "flag": flag}
    return dataclasses.field(default=default, metadata=said)


def specs_of(options: type[Options]) -> dict[str, OptionSpec]:
    """The options that a class declares, by name."""
    return {
        field.name: OptionSpec(
            field.name,
            field.default,
            **{**field.metadata, "flag": field.metadata["flag"] or _flag(field.name)},
        )
        for field in dataclasses.fields(options)
    }


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def choices_of(specs: Iterable[OptionSpec]) -> list[Any]:
    """The choices of an option that several schemes declare, each once."""
    return list(dict.fromkeys(choice for spec in specs for choice in spec.choices))


def value_of(choices: Iterable[Any], text: str) -> Any:
    """The choice that a text stands for, such as 0.1 for `0.10`; the text itself if none."""
    for choice in choices:
        if isinstance(choice, bool):
            if text.lower() == str(choice).lower():
                return choice
            continue
        try:
            if type(choice)(text) == choice:
                return choice
        except ValueError:
            continue
    return text


def specs_of_model(options: type[Options], model: Model) -> dict[str, OptionSpec]:
    """The same, with the choices and the default that a model has of its own."""
    own = model.manifest["options"]
    return {
        name: dataclasses.replace(
            spec,
            choices=tuple(own[name].get("choices", spec.choices)),
            default=own[name].get("default", spec.default),
        )
        for name, spec in specs_of(options).items()
        if name in own
    }


def make_options(options: type[Options], model: Model, given: Mapping[str, Any]) -> Options:
    """The options of a scheme from what was given; None stands for the default.

    Raises:
        UsageError: The model has no such option, or not with this value.
    """
    specs = specs_of_model(options, model)
    chosen = {name: spec.default for name, spec in specs.items()}
    for name, value in given.items():
        if value is None:
            continue
        if name not in specs:
            has = f"its options are {', '.join(specs)}" if specs else "it has no options"
            raise UsageError(f"{model.name} has no option {name}; {has}")
        spec = specs[name]
        if not any(type(value) is type(choice) and value == choice for choice in spec.choices):
            allowed = ", ".join(map(str, spec.choices))
            raise UsageError(f"{name} of {model.name} must be one of {allowed}, got {value}")
        chosen[name] = value
    return options(**chosen)


def describe_options(options: type[Options]) -> dict[str, dict[str, Any]]:
    """The declarations as plain values, for a model's manifest."""
    return {
        name: {
            "choices": list(spec.choices),
            "default": spec.default,
            "unit": spec.unit,
            "label": spec.label,
            "help": spec.help,
        }
        for name, spec in specs_of(options).items()
    }
