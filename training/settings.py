"""Settings of a run, and the file in the run's folder that keeps them."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from training.files import write_whole

NAME = "run.json"


@dataclass(frozen=True)
class Settings:
    """What makes a run what it is; a resumed run must keep all from `model` to `validation`.

    Attributes:
        model: Name of the model, such as `classic`.
        width: Name of the network's width; see `training.classic.WIDTHS` and
            `training.clear.networks.shape.WIDTHS`.
        beta: Weight of the secret's error; None for models without.
        noise: Standard deviation of noise on the container, in 8-bit levels; likewise.
        seed: Seed of weights, pairs, crops and noise.
        batch: Pairs, or examples, a step.
        crop: Side of the square crops, in pixels.
        train: Photographs trained on.
        validation: Photographs held out.
        start: How the weights start, `random` or `folded` (see `training.folding`), or `identity`
            (see `training.clear.networks.restore`).
        lr: Highest learning rate of Adam.
        steps: Steps over which the learning rate falls to 2% of its highest, along a cosine.
        precision: Keras dtype policy, `float32` or `mixed_bfloat16`.
        commit: Commit of the code, if known.
        tables: SHA-256 of the codec's tables, of models that have some.
        passes: How often each photograph was coded for them.
    """

    model: str
    width: str
    beta: float | None
    noise: float | None
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
    tables: str | None = None
    passes: int | None = None

    def save(self, run: Path) -> None:
        """Writes the settings into the run's folder."""
        text = json.dumps(dataclasses.asdict(self), indent=2) + "\n"
        write_whole(run / NAME, text.encode())

    @classmethod
    def load(cls, run: Path) -> Settings:
        """Reads the settings of a run.

        Raises:
            FileNotFoundError: `run` is not the folder of a run.
            ValueError: The file is not one that `save` wrote.
        """
        path = run / NAME
        if not path.is_file():
            raise FileNotFoundError(f"{run} is not the folder of a training run: no {NAME} in it")
        try:
            values = json.loads(path.read_text())
            values["train"] = tuple(values["train"])
            values["validation"] = tuple(values["validation"])
            return cls(**values)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is damaged: {error}") from error
