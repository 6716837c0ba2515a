"""What a run of `clear` needs beside what every run does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.batches import Batch, Source
from training.clear.codec import Codec
from training.clear.networks.shape import WIDTHS
from training.clear.pool import Recipe, open_pool
from training.clear.tables import Tables
from training.clear_report import ClearReport, Coder
from training.clear_trainer import ClearTrainer
from training.photographs import PhotographCache
from training.settings import Settings


@dataclass(frozen=True)
class CodecFiles:
    """The codec's tables, and the folder of what it coded of the photographs to train on."""

    tables: Path
    pool: Path


def build_clear(settings: Settings) -> ClearTrainer:
    """The model of a run, with its variables made."""
    model = ClearTrainer(WIDTHS[settings.width], settings.seed)
    model.build({"decoded": (1, 16, 16, 3), "step": (1, 1, 1, 1)})
    return model


def prepare_clear(
    settings: Settings,
    codec_files: CodecFiles,
    files: tuple[Path, ...],
    cache: PhotographCache,
    validation: Batch,
    shown: Batch,
) -> tuple[Source, ClearReport]:
    """The examples to train on, coded if they are not in the pool's folder yet, and the report."""
    codec = Codec(Tables.load(codec_files.tables))
    recipe = Recipe(
        settings.train, settings.tables or "", settings.crop, settings.passes or 1, settings.seed
    )
    examples = open_pool(codec_files.pool, codec, recipe, files, cache, settings.batch)
    print(f"{len(examples.step):,} examples", flush=True)
    coder = Coder(codec, codec_files.pool / "coded", recipe.tables)
    return examples, ClearReport(coder, validation, shown)
