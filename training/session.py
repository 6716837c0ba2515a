"""One session of a training run: from settings to a model trained further."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import keras

from training import batches, checkpoint, loop
from training.models import MODELS
from training.optimizer import compile_for_training, use_averages
from training.photographs import PhotographCache
from training.settings import Settings

VALIDATION_SIDE = 256
VALIDATION_PAIRS = 12
PANEL_SIDE = 192
PANEL_PAIRS = 3


@dataclass(frozen=True)
class Files:
    """Photographs to train on, to validate on, and to show in the panel."""

    train: tuple[Path, ...]
    validation: tuple[Path, ...]
    panel: tuple[Path, ...]


@dataclass(frozen=True)
class Data:
    """The photographs of a run, as a model's session gets them.

    Attributes:
        files: Photographs to train on.
        cache: Reads them.
        validation: Pairs to measure on.
        shown: Pairs to show in the panel.
    """

    files: tuple[Path, ...]
    cache: PhotographCache
    validation: batches.Batch
    shown: batches.Batch


@dataclass(frozen=True)
class Prepared:
    """What the loop needs of a model: its batches, its report and a title for the loss curve."""

    source: batches.Source
    report: loop.Report
    title: str


class ModelSession(Protocol):
    """The functions of a model's session module, named in its declaration."""

    def build(self, settings: Settings) -> keras.Model:
        """The model of a run, with its variables created."""

    def initialize(self, model: keras.Model, settings: Settings) -> None:
        """Sets initial weights and constraints; called before a checkpoint is loaded, too."""

    def prepare(self, settings: Settings, files: Any, data: Data) -> Prepared:
        """Batches and report of a run; `files` is `Chosen.files` of the model's options."""


def _session_of(settings: Settings) -> ModelSession:
    if settings.model not in MODELS:
        raise ValueError(f"there is no model {settings.model} to train, only {', '.join(MODELS)}")
    return cast(ModelSession, importlib.import_module(MODELS[settings.model].session))


def _compile(model: keras.Model, settings: Settings) -> None:
    compile_for_training(
        model,
        settings.lr,
        settings.steps,
        settings.clip,
        settings.average,
        settings.optimizer,
        settings.first_steps,
        settings.first_lr,
    )


def load_trained(run: Path, model: str) -> tuple[keras.Model, Settings, int]:
    """Loads the last checkpoint of a run.

    Args:
        run: Folder of the run.
        model: Name of the model that it must be a run of.

    Returns:
        The model, the settings of the run, and the number of steps done.

    Raises:
        FileNotFoundError: It is not the folder of a run, or has no checkpoint.
        ValueError: It is a run of another model, or damaged.
    """
    settings = Settings.load(run)
    if settings.model != model:
        raise ValueError(f"{run} is a run of {settings.model}, not of {model}")
    trained = _session_of(settings).build(settings)
    _compile(trained, settings)
    step = checkpoint.load(trained, run)
    use_averages(trained)
    return trained, settings, step


def train(
    settings: Settings,
    files: Files,
    folder: Path,
    schedule: loop.Schedule,
    resume: bool,
    own_files: Any = None,
) -> int:
    """Starts a run or continues one; returns the step reached.

    Args:
        settings: Settings of the run.
        files: Photographs.
        folder: Folder of the run.
        schedule: When to stop, and how often to write.
        resume: Whether to continue from the checkpoint in the folder.
        own_files: `Chosen.files` of the model's options.
    """
    keras.config.set_dtype_policy(settings.precision)
    keras.utils.set_random_seed(settings.seed)
    session = _session_of(settings)
    model = session.build(settings)
    session.initialize(model, settings)
    _compile(model, settings)
    start = checkpoint.load(model, folder) if resume else 0
    settings.save(folder)
    print(
        f"{model.count_params():,} parameters, {len(files.train)} photographs to train on, "
        f"{len(files.validation)} held out, from step {start}",
        flush=True,
    )
    cache = PhotographCache()
    data = Data(
        files.train,
        cache,
        batches.fixed_pairs(files.validation, cache, VALIDATION_SIDE, VALIDATION_PAIRS),
        batches.fixed_pairs(files.panel, cache, PANEL_SIDE, PANEL_PAIRS),
    )
    prepared = session.prepare(settings, own_files, data)
    title = ", ".join(filter(None, [settings.model, prepared.title, f"width {settings.width}"]))
    return loop.run(
        model,
        lambda first, stop: batches.stream(prepared.source, first, stop),
        prepared.report,
        folder,
        schedule,
        start,
        title=title,
    )
