"""One sitting of a training run: from settings to a model trained further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from training import batches, checkpoint, folding, loop
from training.classic import WIDTHS
from training.classic_report import ClassicReport
from training.classic_trainer import ClassicTrainer
from training.clear_session import CodecFiles, build_clear, prepare_clear
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


def build(settings: Settings) -> keras.Model:
    """The model of a run, with its variables made."""
    return _BUILD[settings.model](settings)


def load_trained(run: Path) -> tuple[keras.Model, Settings, int]:
    """A run's model, as its last checkpoint has it; its settings; the steps that it has done."""
    settings = Settings.load(run)
    model = build(settings)
    loop.compile_for_training(model, settings.lr, settings.steps)
    return model, settings, checkpoint.load(model, run)


def train(
    settings: Settings,
    files: Files,
    folder: Path,
    pace: loop.Pace,
    resume: bool,
    codec: CodecFiles | None = None,
) -> int:
    """Starts a run or goes on with one; returns the step reached.

    Args:
        settings: Of the run.
        files: Photographs.
        folder: Of the run.
        pace: When it stops, and how often it writes.
        resume: Whether it goes on from the folder's checkpoint.
        codec: For `clear`.
    """
    keras.config.set_dtype_policy(settings.precision)
    keras.utils.set_random_seed(settings.seed)
    model = build(settings)
    if settings.start == "folded":
        legs = folding.legs_for(settings.beta)
        folding.start_folded(model.prep, model.hide, model.reveal, WIDTHS[settings.width], legs)
    loop.compile_for_training(model, settings.lr, settings.steps)
    start = checkpoint.load(model, folder) if resume else 0
    settings.save(folder)
    print(
        f"{model.count_params():,} parameters, {len(files.train)} photographs to train on, "
        f"{len(files.validation)} held out, from step {start}",
        flush=True,
    )
    cache = PhotographCache()
    validation = batches.fixed_pairs(files.validation, cache, VALIDATION_SIDE, VALIDATION_PAIRS)
    shown = batches.fixed_pairs(files.panel, cache, PANEL_SIDE, PANEL_PAIRS)
    report: loop.Report
    source: batches.Source
    if settings.model == "clear":
        if codec is None:
            raise ValueError("clear needs the codec's tables")
        source, report = prepare_clear(settings, codec, files.train, cache, validation, shown)
        title = f"{settings.model}, width {settings.width}"
    else:
        source = batches.PairSource(
            files.train, cache, settings.crop, settings.batch, settings.seed
        )
        report = ClassicReport(validation, shown)
        title = f"{settings.model}, beta {settings.beta:g}, width {settings.width}"
    return loop.run(
        model,
        lambda first, stop: batches.stream(source, first, stop),
        report,
        folder,
        pace,
        start,
        title=title,
    )


def _build_classic(settings: Settings) -> ClassicTrainer:
    model = ClassicTrainer(WIDTHS[settings.width], settings.beta, settings.noise, settings.seed)
    shape = (1, 16, 16, 3)
    model.build({"cover": shape, "secret": shape})
    return model


_BUILD: dict[str, Callable[[Settings], keras.Model]] = {
    "classic": _build_classic,
    "clear": build_clear,
}
