"""What a training run of `clear` consists of."""

from __future__ import annotations

from codec.codec import Codec
from codec.tables import Tables
from training.clear.dataset import DatasetSpec, open_dataset
from training.clear.exact import ExactCoder
from training.clear.options import CodecFiles
from training.clear.report import ClearReport
from training.clear.shape import WIDTHS
from training.clear.trainer import ClearTrainer
from training.session import Data, Prepared
from training.settings import Settings


def build(settings: Settings) -> ClearTrainer:
    """The model of a run, with its variables created."""
    model = ClearTrainer(WIDTHS[settings.width], settings.seed)
    model.build({"decoded": (1, 16, 16, 3), "step": (1, 1, 1, 1)})
    return model


def initialize(model: ClearTrainer, settings: Settings) -> None:
    """Nothing to do: a new network is the identity."""


def prepare(settings: Settings, files: CodecFiles, data: Data) -> Prepared:
    """The examples to train on, which are coded first if the cache lacks them, and the report."""
    codec = Codec(Tables.load(files.tables))
    own = settings.own
    spec = DatasetSpec(settings.train, own["tables"], settings.crop, own["passes"], settings.seed)
    dataset = open_dataset(files.cache, codec, spec, data.files, data.cache, settings.batch)
    print(f"{len(dataset.step):,} examples", flush=True)
    coder = ExactCoder(codec, files.cache / "coded", own["tables"])
    secrets, shown = data.validation["secret"], data.shown["secret"]
    return Prepared(dataset, ClearReport(coder, secrets, shown), "")
