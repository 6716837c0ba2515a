"""What a training run of `classic` consists of."""

from __future__ import annotations

from typing import Any

from training.batches import Alternating, PairSource, Source, SquareSource, Stages
from training.classic import folding
from training.classic.report import ClassicReport
from training.classic.shape import WIDTHS
from training.classic.squares import SIDE
from training.classic.start import initialize_mirrored
from training.classic.trainer import ClassicTrainer
from training.session import Data, Prepared
from training.settings import Settings

# Pairs per step in the first stage, where each is a square.
SQUARES = 512


def build(settings: Settings) -> ClassicTrainer:
    """The model of a run, with its variables created."""
    own = settings.own
    model = ClassicTrainer(
        WIDTHS[settings.width],
        own["beta"],
        own["noise"],
        settings.seed,
        learned_change=settings.start == "random",
        beta_start=own.get("beta_start"),
        beta_steps=settings.steps // 2,
    )
    shape = (1, 16, 16, 3)
    model.build({"cover": shape, "secret": shape})
    return model


def initialize(model: ClassicTrainer, settings: Settings) -> None:
    """Sets the initial weights, and what keeps some of them fixed."""
    if settings.start == "folded":
        segments = folding.segments_for(settings.own["beta"])
        config = WIDTHS[settings.width]
        folding.initialize_folded(model.prep, model.hide, model.reveal, config, segments)
    elif settings.optimizer == "muon":  # runs before had independent random weights, and Adam
        config = WIDTHS[settings.width]
        initialize_mirrored(model.prep, model.hide, model.reveal, config, settings.seed)


def prepare(settings: Settings, files: Any, data: Data) -> Prepared:  # noqa: ARG001
    """Random pairs to train on, and the report."""
    source: Source = _pairs(settings, data, settings.crop)
    if settings.start == "random":
        # Networks that see squares have to learn what is at the border of an odd picture.
        source = Alternating((source, _pairs(settings, data, settings.crop - 1)))
    if square_steps := settings.own.get("square_steps"):
        squares = SquareSource(data.files, data.cache, SIDE, SQUARES, settings.seed)
        source = Stages(squares, source, square_steps)
    report = ClassicReport(data.validation, data.shown)
    return Prepared(source, report, f"beta {settings.own['beta']:g}")


def _pairs(settings: Settings, data: Data, crop: int) -> PairSource:
    return PairSource(data.files, data.cache, crop, settings.batch, settings.seed)
