"""Whole photographs: how many containers the residue test tells from covers, and at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common.configurations import Configuration
from benchmarks.common.store import Store, files_digest, model_digest, sources_digest
from benchmarks.detectability import residue_test
from benchmarks.detectability.residue_test import THRESHOLD, any_density
from benchmarks.detectability.scores import auc, rounded
from runtime import read_picture
from runtime.carriers import residues
from runtime.engine.models import load_model
from runtime.schemes import takes_passphrase

_PASSPHRASE = "correct horse battery staple"


def full_size_rows(
    configurations: Sequence[Configuration], files: Sequence[Path], store: Store
) -> list[dict[str, Any]]:
    """A row of the result file for each configuration that has residues.

    Secrets are files, which are hidden as they are where they fit. Containers have a passphrase if
    the scheme takes one: the crops' have none.

    Args:
        configurations: Those whose payload is not an option are left out.
        files: Photographs; each is a cover once and a secret once.
        store: Keeps the rows.
    """
    return [
        store.get(
            [
                "detectability, full size",
                configuration.label,
                model_digest(configuration.model),
                sources_digest(residue_test, residues),
                files_digest(files),
            ],
            partial(_row, configuration, files),
        )
        for configuration in configurations
        if configuration.bits is not None
    ]


def _row(configuration: Configuration, files: Sequence[Path]) -> dict[str, Any]:
    hider, model = configuration.hider(), load_model(configuration.model)
    passphrase = _PASSPHRASE if takes_passphrase(model) else None
    covers, containers = [], []
    # One pair at a time: a folder of photographs may not fit into memory.
    for number, file in enumerate(files):
        cover = read_picture(file)
        covers.append(any_density(cover))
        container = hider.hide(cover, files[number - 1], passphrase)
        containers.append(any_density(container))
    scores = separation(np.array(covers), np.array(containers))
    return {
        "name": configuration.label,
        "bits": configuration.bits,
        "passphrase": passphrase is not None,
        **scores,
    }


def separation(covers: NDArray[np.float64], containers: NDArray[np.float64]) -> dict[str, Any]:
    """What two thresholds achieve: one that no cover exceeds, and `THRESHOLD`."""
    highest = float(covers.max())
    return {
        "auc": round(auc(covers, containers), 4),
        "pictures": len(covers),
        "highest_cover": round(highest, 4),
        "found_without_false_alarm": int((containers > highest).sum()),
        "threshold": THRESHOLD,
        "found": int((containers > THRESHOLD).sum()),
        "false_alarms": int((covers > THRESHOLD).sum()),
        **rounded(covers, containers),
    }
