"""The ways of hiding that are measured beside each other: each model at each payload."""

from __future__ import annotations

from dataclasses import dataclass

import runtime
from runtime._models import load_model, shipped_models


@dataclass(frozen=True)
class Way:
    """A model at a payload.

    Attributes:
        model: Name, or folder of one's own.
        bits: Payload in bits a sample; None where the model has no such setting.
    """

    model: str
    bits: int | None

    @property
    def name(self) -> str:
        """For tables and plots."""
        return self.model if self.bits is None else f"{self.model}, {self.bits} bit"

    def hider(self) -> runtime.Hider:
        """A hider of this kind, on the CPU or wherever `auto` finds."""
        return runtime.Hider(self.model, bits=self.bits)

    def revealer(self) -> runtime.Revealer:
        """Its counterpart."""
        return runtime.Revealer(self.model)


def ways_of(models: list[str] | None) -> list[Way]:
    """Each model at each payload that it has; every shipped model if none is named."""
    return [
        Way(model, bits)
        for model in models or shipped_models()
        for bits in load_model(model).payloads or (None,)
    ]
