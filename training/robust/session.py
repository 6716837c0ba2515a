"""What a training run of `robust` consists of."""

from __future__ import annotations

from pathlib import Path

from training.robust.dataset import DatasetSpec, open_dataset
from training.robust.report import RobustReport
from training.robust.shape import WIDTHS
from training.robust.trainer import RobustTrainer
from training.session import Data, Prepared
from training.settings import Settings


def build(settings: Settings) -> RobustTrainer:
    """The model of a run, with its variables created."""
    model = RobustTrainer(WIDTHS[settings.width], settings.seed)
    model.build({"coded": (1, 16, 16, 3), "quality": (1, 1, 1, 1)})
    return model


def initialize(model: RobustTrainer, settings: Settings) -> None:
    """Nothing to do: a new network is the identity."""


def prepare(settings: Settings, files: Path, data: Data) -> Prepared:
    """The examples to train on, which are saved first if the cache lacks them, and the report."""
    spec = DatasetSpec(settings.train, settings.own["saves"], settings.seed)
    dataset = open_dataset(files, spec, data.files, data.cache, settings.crop, settings.batch)
    print(f"{len(dataset.quality):,} examples", flush=True)
    report = RobustReport(data.validation["secret"], data.shown["secret"])
    return Prepared(dataset, report, "")
