"""Settings of a training run, and the file in the run's folder that stores them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.files import write_atomically

NAME = "run.json"
# These may differ when a run is resumed: it may be made longer, and by newer code.
_FREE = frozenset({"lr", "steps", "precision", "commit"})


@dataclass(frozen=True)
class Settings:
    """Everything that a training run follows from.

    Attributes:
        model: Name of the model, see `training.models`.
        width: Name of the network width, see the `shape` module of the model's package.
        seed: Seed of weights, examples, crops and noise.
        batch: Examples per step.
        crop: Side of the square crops, in pixels.
        train: Photographs to train on.
        validation: Photographs held out.
        start: How the weights are initialized; the choices are the model's.
        lr: Highest learning rate.
        steps: Steps over which the learning rate falls to 2% of its highest, along a cosine.
        precision: Keras dtype policy, `float32` or `mixed_bfloat16`.
        commit: Commit of the code, if known.
        clip: See `training.options.Chosen`.
        average: See `training.options.Chosen`.
        optimizer: See `training.options.Chosen`.
        first_steps: See `training.options.Chosen`.
        first_lr: See `training.options.Chosen`.
        own: Settings that only this model has, by name; stored in the file beside the others.
    """

    model: str
    width: str
    seed: int
    batch: int
    crop: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    start: str
    lr: float
    steps: int
    precision: str
    commit: str | None
    clip: float | None = None
    average: float | None = None
    optimizer: str | None = None
    first_steps: int | None = None
    first_lr: float | None = None
    own: Mapping[str, Any] = field(default_factory=dict)

    def _flat(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return values | dict(values.pop("own"))

    def save(self, run: Path) -> None:
        """Writes the settings into the run's folder."""
        values = {name: value for name, value in self._flat().items() if value is not None}
        text = json.dumps(values, indent=2) + "\n"
        write_atomically(run / NAME, text.encode())

    @classmethod
    def load(cls, run: Path) -> Settings:
        """Reads the settings of a run.

        Raises:
            FileNotFoundError: `run` is not the folder of a run.
            ValueError: The file is not one that `save` wrote.
        """
        path = run / NAME
        if not path.is_file():
            raise FileNotFoundError(f"{run} is not the folder of a training run: it has no {NAME}")
        try:
            # Older files have null for the settings of other models.
            values = {k: v for k, v in json.loads(path.read_text()).items() if v is not None}
            common = {f.name for f in dataclasses.fields(cls)} - {"own"}
            own = {name: value for name, value in values.items() if name not in common}
            values = {name: values.get(name) for name in common}
            values["train"] = tuple(values["train"])
            values["validation"] = tuple(values["validation"])
            return cls(**values, own=own)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is damaged: {error}") from error

    def check_resumable_as(self, now: Settings) -> None:
        """Raises ValueError if `now`, the settings of this command, are those of another run."""
        before, after = self._flat(), now._flat()
        for name in dict.fromkeys([*before, *after]):
            old, new = before.get(name), after.get(name)
            if name not in _FREE and old != new:
                change = "differs" if isinstance(old, tuple) else f"was {old}, now {new}"
                raise ValueError(
                    f"--resume needs the settings of the run that it continues: {name} {change}"
                )
