"""The ways of hiding: a registry, and a room for each. CONTRIBUTING.md says how to add one."""

from runtime.schemes.base import Capacity, Container, Revealed, Scheme
from runtime.schemes.finding import Finder, recognizing_models
from runtime.schemes.options import (
    Options,
    OptionSpec,
    choices_of,
    make_options,
    option,
    value_of,
)
from runtime.schemes.registry import (
    all_options,
    container_formats,
    declared_options,
    describe,
    open_to_hide,
    open_to_reveal,
    register,
    scheme_of,
    schemes,
    takes_passphrase,
)

__all__ = [
    "Capacity",
    "Container",
    "Finder",
    "OptionSpec",
    "Options",
    "Revealed",
    "Scheme",
    "all_options",
    "choices_of",
    "container_formats",
    "declared_options",
    "describe",
    "make_options",
    "open_to_hide",
    "open_to_reveal",
    "option",
    "recognizing_models",
    "register",
    "scheme_of",
    "schemes",
    "takes_passphrase",
    "value_of",
]
