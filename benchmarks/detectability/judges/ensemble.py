"""A classifier for features: the ensemble of Fisher linear discriminants that `sealwatch` has.

Kodovsky, Fridrich, Holub, "Ensemble Classifiers for Steganalysis of Digital Media", IEEE TIFS 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.detectability.judges.features import Features
from benchmarks.detectability.scores import auc

_SEEDS = (1, 2, 3)
_RESAMPLES = 1000


@dataclass(frozen=True, eq=False)
class Pairs:
    """Features of covers and of the containers made from them, float32 (pairs, features) each."""

    covers: Features
    containers: Features


def verdict(training: Pairs, test: Pairs) -> dict[str, Any]:
    """How often an ensemble is right on pairs that it was not trained on.

    Returns:
        The accuracy, its bootstrap interval (95 %) over test pairs, and the AUC, of the votes of
        three ensembles together.
    """
    votes = np.mean([_votes(training, test, seed) for seed in _SEEDS], axis=0)
    # A tie is right half of the time.
    right = (np.sign(votes) * [[-1], [1]] / 2 + 0.5).mean(axis=0)
    drawn = np.random.default_rng(0).integers(0, len(right), (_RESAMPLES, len(right)))
    low, high = np.percentile(right[drawn].mean(axis=1), (2.5, 97.5))
    return {
        "accuracy": round(float(right.mean()), 4),
        "accuracy_low": round(float(low), 4),
        "accuracy_high": round(float(high), 4),
        "auc": round(auc(votes[0], votes[1]), 4),
        "training_pairs": len(training.covers),
        "test_pairs": len(test.covers),
    }


def _votes(training: Pairs, test: Pairs, seed: int) -> NDArray[np.float64]:
    """Share of the votes for a container less that for a cover, float64 (2, pairs)."""
    from sealwatch.ensemble_classifier import FldEnsembleTrainer

    used = training.covers.std(axis=0) + training.containers.std(axis=0) > 0
    classifier, _ = FldEnsembleTrainer(
        np.ascontiguousarray(training.covers[:, used], np.float64),
        np.ascontiguousarray(training.containers[:, used], np.float64),
        seed=seed,
        verbose=0,
    ).train()
    return np.stack(
        [
            classifier.predict_confidence(np.ascontiguousarray(some[:, used], np.float64))
            for some in (test.covers, test.containers)
        ]
    )
