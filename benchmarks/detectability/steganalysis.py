"""Classical tests for LSB replacement, implemented from the papers; each scores a picture.

The higher the score, the more likely something is hidden. Each test works on one colour channel at
a time; the score of a picture is the mean over its three channels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from runtime.images.image import Picture

_Channel = NDArray[np.int32]

# With fewer samples, the chi-squared distribution is a poor approximation.
_FEWEST_EXPECTED = 4


def chi_squared(picture: Picture) -> float:
    """A. Westfeld, A. Pfitzmann: Attacks on Steganographic Systems, Information Hiding 1999.

    Embedding makes the two values of a pair (2 i, 2 i + 1) equally frequent. The score is the
    logarithm of the probability of a difference at least as large as the observed one if they were.
    """
    from scipy.stats import chi2

    def score(channel: _Channel) -> float:
        counts = np.bincount(channel.ravel(), minlength=256).reshape(-1, 2)
        expected = counts.mean(axis=1)
        used = expected > _FEWEST_EXPECTED
        if used.sum() < 2:
            return 0.0
        # Over one value of each pair, as in the paper: the other differs by as much.
        statistic = ((counts[used, 0] - expected[used]) ** 2 / expected[used]).sum()
        logarithm = float(chi2.logsf(statistic, used.sum() - 1))
        # The leading term where the probability is too small for its logarithm to be computed.
        return logarithm if np.isfinite(logarithm) else float(-statistic / 2)

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
    # Section 3 of the paper: 2 (d1 + d0) z^2 + (d-0 - d-1 - d1 - 3 d0) z + d0 - d-0 = 0. The share
    # is z / (z - 1/2), for the root nearer to zero.
    roots = _real_roots(2 * (d1 + d0), minus0 - minus1 - d1 - 3 * d0, d0 - minus0)
    z = min(roots, key=abs)
    return z / (z - 0.5) if z != 0.5 else 1.0


def _rs_differences(channel: _Channel) -> tuple[float, float]:
    """Share of regular groups minus share of singular ones, by the mask and its negative."""
    width = channel.shape[1] // 4 * 4
    groups = channel[:, :width].reshape(-1, 4)
    differences = []
    for sign in (1, -1):
        changed = groups.copy()
        # F1 exchanges 2 i and 2 i + 1; F-1 exchanges 2 i - 1 and 2 i. The mask is 0 1 1 0.
        inner = changed[:, 1:3]
        changed[:, 1:3] = inner ^ 1 if sign == 1 else ((inner + 1) ^ 1) - 1
        difference = _roughness(changed) - _roughness(groups)
        differences.append(float((difference > 0).mean() - (difference < 0).mean()))
    return differences[0], differences[1]


def _roughness(groups: _Channel) -> _Channel:
    return np.asarray(np.abs(np.diff(groups, axis=1)).sum(axis=1), np.int32)


def sample_pairs(picture: Picture) -> float:
    """S. Dumitrescu, X. Wu, Z. Wang: Detection of LSB Steganography via Sample Pair Analysis, 2003.

    IEEE Transactions on Signal Processing 51 (7). Embedding moves known shares of the pairs of
    neighbours, horizontal and vertical, between classes. The score is the estimated share of
    samples that carry bits.
    """
    return _mean(picture, _sample_pairs_estimate)


def _sample_pairs_estimate(channel: _Channel) -> float:
    u = np.concatenate([channel[:, :-1].ravel(), channel[:-1].ravel()])
    v = np.concatenate([channel[:, 1:].ravel(), channel[1:].ravel()])
    even = v % 2 == 0
    x = int(np.where(even, u < v, u > v).sum())
    y = int(np.where(even, u > v, u < v).sum())
    close = int((u >> 1 == v >> 1).sum())
    # The paper's equation for all differences together, where W and Z are the pairs that differ in
    # the lowest bit at most: (W + Z)/2 p^2 + (2 X - P) p + Y - X = 0.
    return min(_real_roots(close / 2, 2 * x - len(u), y - x), key=abs)


def _real_roots(a: float, b: float, c: float) -> tuple[float, float]:
    if a == 0:
        root = -c / b if b else 0.0
        return root, root
    # Noise may leave no real root; the real part is the closest estimate.
    spread = max(b * b - 4 * a * c, 0.0) ** 0.5
    return (-b + spread) / (2 * a), (-b - spread) / (2 * a)


def _mean(picture: Picture, score: Callable[[_Channel], float]) -> float:
    return float(np.mean([score(picture[..., k].astype(np.int32)) for k in range(3)]))


TESTS: dict[str, Callable[[Picture], float]] = {
    "chi-squared": chi_squared,
    "RS": regular_singular,
    "sample pairs": sample_pairs,
}
