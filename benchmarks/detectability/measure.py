"""Tests one method of hiding: tests that need no training, and detectors trained on N pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common.store import Store, sources_digest
from benchmarks.detectability import detector, residue_test, steganalysis
from benchmarks.detectability.crops import Crops
from benchmarks.detectability.detector import Detector
from benchmarks.detectability.methods import Method
from benchmarks.detectability.residue_test import RESIDUE_TESTS
from benchmarks.detectability.scores import auc, rounded
from benchmarks.detectability.steganalysis import TESTS
from runtime.carriers import residues
from runtime.images.image import Picture

_RESAMPLES = 1000
_FIRST_TEST_NUMBER = 1_000_000
"""Test pictures are numbered from here on, so that no random bits are those of a training one."""


class Trial:
    """One method on covers to learn from and covers to test on; containers are made when needed.

    Args:
        method: The method of hiding.
        training: Covers to learn from.
        test: Covers to test on, of other photographs.
        store: Keeps results; containers are not made if all results are in it.
    """

    def __init__(self, method: Method, training: Crops, test: Crops, store: Store) -> None:
        self._method = method
        self._training, self._test = training, test
        self._containers: dict[int, Crops] = {}
        self._store = store
        self._depends_on = [
            "detectability",
            method.label,
            method.digest,
            training.digest,
            test.digest,
        ]

    def row(self, sizes: list[int], steps: int) -> dict[str, Any]:
        """The row of the result file.

        Args:
            sizes: Numbers of pairs that a detector is trained on; none for no detector.
            steps: Least number of training steps.
        """
        trained = [] if self._method.control else sizes
        return {
            "name": self._method.label,
            "control": self._method.control,
            "tests": self._tested("tests", TESTS, steganalysis),
            # By the bits per pixel that are tested for.
            "residues": self._tested("residues", RESIDUE_TESTS, residue_test, residues),
            # More pairs are learned from for longer.
            "detector": [self._trained(size, steps * (2 if size > 200 else 1)) for size in trained],
        }

    def _tested(
        self, kind: str, tests: Mapping[str, Callable[[Picture], float]], *sources: ModuleType
    ) -> Any:
        depends_on = [*self._depends_on, sources_digest(*sources), kind]
        return self._store.get(depends_on, partial(self._run, tests))

    def _trained(self, size: int, steps: int) -> Any:
        train = partial(self._train, size, steps)
        return self._store.get([*self._depends_on, sources_digest(detector), size, steps], train)

    def _made(self, covers: Crops, first: int) -> Crops:
        """The containers of these covers, whose pictures are numbered from `first` on."""
        if first not in self._containers:
            embed, pictures = self._method.load(), covers.pictures
            self._containers[first] = Crops(
                [embed(p, pictures[i - 1], first + i) for i, p in enumerate(pictures)]
            )
        return self._containers[first]

    def _run(self, tests: Mapping[str, Callable[[Picture], float]]) -> dict[str, Any]:
        groups = self._test, self._made(self._test, _FIRST_TEST_NUMBER)
        results = {}
        for name, test in tests.items():
            scores = [np.array([test(p) for p in crops.pictures]) for crops in groups]
            results[name] = {"auc": round(auc(scores[0], scores[1]), 4), **rounded(*scores)}
        return results

    def _train(self, pairs: int, steps: int) -> dict[str, Any]:
        containers = self._made(self._training, 0)
        tested = self._test, self._made(self._test, _FIRST_TEST_NUMBER)
        trained = Detector()
        losses = trained.train(
            self._training.residuals[:pairs], containers.residuals[:pairs], steps
        )
        scores = [trained.scores(crops.residuals) for crops in tested]
        right = np.stack([scores[0] < 0, scores[1] > 0]).mean(axis=0)
        low, high = _interval(right)
        return {
            "pairs": pairs,
            "steps": steps,
            "loss": round(float(np.mean(losses[-20:])), 4),
            "accuracy": round(float(right.mean()), 4),
            "accuracy_low": low,
            "accuracy_high": high,
            "auc": round(auc(scores[0], scores[1]), 4),
            **rounded(*scores),
        }


def _interval(right: NDArray[np.float64]) -> tuple[float, float]:
    """Bootstrap interval (95 %) of the mean over pairs."""
    drawn = np.random.default_rng(0).integers(0, len(right), (_RESAMPLES, len(right)))
    low, high = np.percentile(right[drawn].mean(axis=1), (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)
