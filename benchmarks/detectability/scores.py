"""Scores of covers and containers, and how well they separate the two."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def roc(
    covers: NDArray[np.float64], containers: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False and true positive rates as the threshold falls, from (0, 0) to (1, 1)."""
    scores = np.concatenate([covers, containers])
    truth = np.concatenate([np.zeros(len(covers)), np.ones(len(containers))])
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    false = np.cumsum(1 - truth[order])[last] / len(covers)
    true = np.cumsum(truth[order])[last] / len(containers)
    return np.append(0.0, false), np.append(0.0, true)


def auc(covers: NDArray[np.float64], containers: NDArray[np.float64]) -> float:
    """Area under the ROC curve: 0.5 is chance, 1 separates containers from covers perfectly."""
    false, true = roc(covers, containers)
    return float(np.trapezoid(true, false))


def rounded(covers: NDArray[np.float64], containers: NDArray[np.float64]) -> dict[str, Any]:
    """Scores for the result file."""
    return {
        "covers": [float(f"{score:.4g}") for score in covers],
        "containers": [float(f"{score:.4g}") for score in containers],
    }
