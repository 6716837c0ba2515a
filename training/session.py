"""One sitting of a training run: from settings to a model trained further."""

from __future__ import annotations

from pathlib import Path

import keras

from training import batches, checkpoint, folding, loop
from training.classic import WIDTHS
from training.classic_trainer import ClassicTrainer
from training.photographs import PhotographCache
from training.settings import Settings

VALIDATION_SIDE = 256
VALIDATION_PAIRS = 12


def build(settings: Settings) -> ClassicTrainer:
    """The model of a run, with its variables made."""
    model = ClassicTrainer(WIDTHS[settings.width], settings.beta, settings.noise, settings.seed)
    shape = (1, 16, 16, 3)
    model.build({"cover": shape, "secret": shape})
    return model


def load_trained(run: Path) -> tuple[ClassicTrainer, Settings, int]:
    """A run's model, as its last checkpoint has it; its settings; the steps that it has done."""
    settings = Settings.load(run)
    model = build(settings)
    loop.compile_for_training(model, settings.lr, settings.steps)
    return model, settings, checkpoint.load(model, run)


def train(
    settings: Settings,
    train_files: list[Path],
    validation_files: list[Path],
    folder: Path,
    pace: loop.Pace,
    resume: bool,
) -> int:
    """Starts a run or goes on with one; returns the step reached."""
    keras.config.set_dtype_policy(settings.precision)
    keras.utils.set_random_seed(settings.seed)
    cache = PhotographCache()
    validation = batches.validation_pairs(
        tuple(validation_files), cache, VALIDATION_SIDE, VALIDATION_PAIRS
    )
    source = batches.PairSource(
        tuple(train_files), cache, settings.crop, settings.batch, settings.seed
    )
    model = build(settings)
    if settings.start == "folded":
        legs = folding.legs_for(settings.beta)
        folding.start_folded(model.prep, model.hide, model.reveal, WIDTHS[settings.width], legs)
    loop.compile_for_training(model, settings.lr, settings.steps)
    start = checkpoint.load(model, folder) if resume else 0
    settings.save(folder)
    print(
        f"{model.count_params():,} parameters, {len(train_files)} photographs to train on, "
        f"{len(validation_files)} held out, from step {start}",
        flush=True,
    )
    return loop.run(
        model,
        lambda first, stop: batches.stream(source, first, stop),
        validation,
        folder,
        pace,
        start,
        title=f"{settings.model}, beta {settings.beta:g}, width {settings.width}",
    )
