"""The classical tests for LSB replacement, from the papers: each gives a picture a score.

The higher, the more it looks as if something was hidden. Each works on one channel of samples at a
time; a picture's score is the mean over its three.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from runtime._pictures import Picture

_Channel = NDArray[np.int32]

# Below this a pair of values says little by the chi-squared distribution.
_FEWEST_EXPECTED = 4


def chi_squared(picture: Picture) -> float:
    """A. Westfeld, A. Pfitzmann: Attacks on Steganographic Systems, Information Hiding 1999.

    Embedding makes the two values of a pair (2 i, 2 i + 1) equally frequent. The score is the
    logarithm of the probability of a difference as large as the one found, were they so.
    """
    from scipy.stats import chi2

    def score(channel: _Channel) -> float:
        counts = np.bincount(channel.ravel(), minlength=256).reshape(-1, 2)
        expected = counts.mean(axis=1)
        used = expected > _FEWEST_EXPECTED
        if used.sum() < 2:
            return 0.0
        # Over one value of each pair, as in the paper: the other differs as much.
        statistic = ((counts[used, 0] - expected[used]) ** 2 / expected[used]).sum()
        found = float(chi2.logsf(statistic, used.sum() - 1))
        # Where the logarithm of so small a probability is not to be had, its leading term.
        return found if np.isfinite(found) else -statistic / 2

    return _mean(picture, score)


def regular_singular(picture: Picture) -> float:
    """J. Fridrich, M. Goljan, R. Du: Reliable Detection of LSB Steganography, ACM MM&Sec 2001.

    Flipping lowest bits in a group of four neighbours makes it rougher (regular) or smoother
    (singular); embedding moves the two kinds towards each other. The score is the estimated share
    of samples that carry bits.
    """
    return _mean(picture, _rs_estimate)


def _rs_estimate(channel: _Channel) -> float:
    ones = _rs_differences(channel)
    flipped = _rs_differences(channel ^ 1)
    (d0, minus0), (d1, minus1) = ones, flipped
    # Section 3 of the paper: 2 (d1 + d0) z^2 + (d-0 - d-1 - d1 - 3 d0) z + d0 - d-0 = 0, and
    # the length is z / (z - 1/2), of the root nearer to nought.
    roots = _real_roots(2 * (d1 + d0), minus0 - minus1 - d1 - 3 * d0, d0 - minus0)
    z = min(roots, key=abs)
    return z / (z - 0.5) if z != 0.5 else 1.0


def _rs_differences(channel: _Channel) -> tuple[float, float]:
    """Regular less singular groups, by the mask and by the negative mask, as shares."""
    width = channel.shape[1] // 4 * 4
    groups = channel[:, :width].reshape(-1, 4)
    found = []
    for sign in (1, -1):
        changed = groups.copy()
        # F1 exchanges 2 i and 2 i + 1; F-1 exchanges 2 i - 1 and 2 i. The mask is 0 1 1 0.
        inner = changed[:, 1:3]
        changed[:, 1:3] = inner ^ 1 if sign == 1 else ((inner + 1) ^ 1) - 1
        difference = _roughness(changed) - _roughness(groups)
        found.append(float((difference > 0).mean() - (difference < 0).mean()))
    return found[0], found[1]


def _roughness(groups: _Channel) -> _Channel:
    return np.abs(np.diff(groups, axis=1)).sum(axis=1)


def sample_pairs(picture: Picture) -> float:
    """S. Dumitrescu, X. Wu, Z. Wang: Detection of LSB Steganography via Sample Pair Analysis, 2003.

    IEEE Transactions on Signal Processing 51 (7). Of pairs of neighbours, across and down,
    embedding moves known shares between classes. The score is the estimated share of samples that
    carry bits.
    """
    return _mean(picture, _sample_pairs_estimate)


def _sample_pairs_estimate(channel: _Channel) -> float:
    u = np.concatenate([channel[:, :-1].ravel(), channel[:-1].ravel()])
    v = np.concatenate([channel[:, 1:].ravel(), channel[1:].ravel()])
    even = v % 2 == 0
    x = int(np.where(even, u < v, u > v).sum())
    y = int(np.where(even, u > v, u < v).sum())
    close = int((u >> 1 == v >> 1).sum())
    # The paper's equation for all differences together: with W and Z the pairs that differ in no
    # more than the lowest bit, (W + Z)/2 p^2 + (2 X - P) p + Y - X = 0.
    return min(_real_roots(close / 2, 2 * x - len(u), y - x), key=abs)


def _real_roots(a: float, b: float, c: float) -> tuple[float, float]:
    if a == 0:
        root = -c / b if b else 0.0
        return root, root
    # Noise may leave no real root; the nearest to one is taken.
    spread = max(b * b - 4 * a * c, 0.0) ** 0.5
    return (-b + spread) / (2 * a), (-b - spread) / (2 * a)


def _mean(picture: Picture, score: Callable[[_Channel], float]) -> float:
    return float(np.mean([score(picture[..., k].astype(np.int32)) for k in range(3)]))


TESTS: dict[str, Callable[[Picture], float]] = {
    "chi-squared": chi_squared,
    "RS": regular_singular,
    "sample pairs": sample_pairs,
}


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
    """Area under the ROC: 0.5 is chance, 1 finds all and only containers."""
    return float(np.trapezoid(*reversed(roc(covers, containers))))
