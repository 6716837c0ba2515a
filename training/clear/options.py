"""Training options of `clear`: of the network that restores what its code leaves out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from training.clear.shape import WIDTHS
from training.options import Chosen, Declaration, Option, Values, count


@dataclass(frozen=True)
class CodecFiles:
    """The codec's tables, and the folder of the dataset cache."""

    tables: Path
    cache: Path


def _choose(values: Values) -> Chosen:
    tables: Path = values["tables"]
    if not tables.is_file():
        raise FileNotFoundError(f"{tables} is not a file: --tables needs the codec's tables")
    digest = hashlib.sha256(tables.read_bytes()).hexdigest()
    cache = values["dataset_cache"] or values["out"] / "dataset"
    own = {"tables": digest, "passes": values["passes"]}
    return Chosen("identity", own, CodecFiles(tables, cache))


DECLARATION = Declaration(
    widths=tuple(WIDTHS),
    width="32-16",
    crop=128,
    steps=20_000,
    lr=1e-2,
    options=(
        Option(
            "tables",
            "the codec's tables, a file written by training.clear.fit",
            Path("models/clear/tables.npz"),
            parse=Path,
        ),
        Option(
            "dataset-cache",
            "folder of coded examples; several runs may share it",
            None,
            "OUT/dataset",
            parse=Path,
        ),
        Option("passes", "how often each photograph is coded", 2, parse=count),
    ),
    choose=_choose,
    session="training.clear.session",
)
