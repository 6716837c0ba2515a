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

    def __len__(self) -> int:
        return len(self.covers)

    def __add__(self, others: Pairs) -> Pairs:
        return Pairs(
            np.concatenate([self.covers, others.covers]),
            np.concatenate([self.containers, others.containers]),
        )

    def some(self, which: NDArray[np.bool_]) -> Pairs:
        """Those pairs for which `which`, bool (pairs,), is true."""
        return Pairs(self.covers[which], self.containers[which])


def verdict(training: Pairs, test: Pairs) -> dict[str, Any]:
    """How often an ensemble is right on pairs that it was not trained on.

    Returns:
        The accuracy, its bootstrap interval (95 %) over test pairs, and the AUC, of the votes of
        three ensembles together.
    """
    return {
        **summary(_mean_votes(training, test)),
        "training_pairs": len(training),
        "test_pairs": len(test),
    }


def crossed(pairs: Pairs, folds: int) -> dict[str, Any]:
    """The same by cross-validation: every pair is tested by ensembles trained on other folds.

    Args:
        pairs: At least twice as many as folds.
        folds: Parts, at least two; neighbours are in different parts.
    """
    part = np.arange(len(pairs)) % folds
    votes = np.empty((2, len(pairs)))
    for number in range(folds):
        is_tested = part == number
        votes[:, is_tested] = _mean_votes(pairs.some(~is_tested), pairs.some(is_tested))
    return {
        **summary(votes),
        "training_pairs": int((part != 0).sum()),
        "test_pairs": len(pairs),
        "folds": folds,
    }


def _mean_votes(training: Pairs, test: Pairs) -> NDArray[np.float64]:
    """Of ensembles with different seeds, float64 (2, pairs); see `_votes`."""
    return np.asarray(np.mean([_votes(training, test, seed) for seed in _SEEDS], axis=0))


def summary(votes: NDArray[np.float64]) -> dict[str, Any]:
    """The accuracy, its bootstrap interval (95 %) over pairs, and the AUC.

    Args:
        votes: float64 (2, pairs), of covers and of containers; positive for a container.
    """
    # A tie is right half of the time.
    right = (np.sign(votes) * [[-1], [1]] / 2 + 0.5).mean(axis=0)
    drawn = np.random.default_rng(0).integers(0, len(right), (_RESAMPLES, len(right)))
    low, high = np.percentile(right[drawn].mean(axis=1), (2.5, 97.5))
    return {
        "accuracy": round(float(right.mean()), 4),
        "accuracy_low": round(float(low), 4),
        "accuracy_high": round(float(high), 4),
        "auc": round(auc(votes[0], votes[1]), 4),
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
