"""Two results of the same benchmark: what got better, what got worse, and what is only noise.

Latency: the ratio of medians, with a bootstrap interval. Quality: the mean difference over the
same pairs, likewise. What is worse by more than the tolerance with the whole interval is a
regression, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.command import guarded, read_json

_RESAMPLES = 2000
_MEASURED = frozenset(
    {"samples_ms", "p50_ms", "p90_ms", "p99_ms", "megapixels_per_second", "peak_bytes"}
)
# Times of one process in one hour say little; a single fast outlier says nothing.
_FEWEST = 3


@dataclass(frozen=True)
class Change:
    """How one figure differs between two results.

    Attributes:
        what: The figure.
        value: Ratio of medians, or mean difference.
        low: Lower end of the interval of 95 %.
        high: Upper end.
        verdict: `worse`, `better` or `same`.
    """

    what: str
    value: float
    low: float
    high: float
    verdict: str


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks compare", description=__doc__)
    parser.add_argument("before", type=Path, metavar="A.json")
    parser.add_argument("after", type=Path, metavar="B.json")
    parser.add_argument(
        "--slower",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="slower by no more than this is no regression (%(default)s)",
    )
    parser.add_argument(
        "--decibels",
        type=float,
        default=0.05,
        metavar="DB",
        help="worse by no more than this is no regression (%(default)s)",
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    before, after = read_json(options.before), read_json(options.after)
    if before["benchmark"] != after["benchmark"]:
        raise ValueError(f"one is of {before['benchmark']}, the other of {after['benchmark']}")
    if before["benchmark"] == "latency":
        changes = latency_changes(before, after, options.slower)
    elif before["benchmark"] == "quality":
        changes = quality_changes(before, after, options.decibels)
    else:
        raise ValueError(f"results of {before['benchmark']} cannot be compared")
    if not changes:
        raise ValueError("the two have nothing in common that was measured alike")
    for name in ("cpu", "cores"):
        if before.get(name) != after.get(name):
            print(f"note: {name} differs: {before.get(name)} and {after.get(name)}")
    unit = "ratio" if before["benchmark"] == "latency" else "dB"
    print(f"{'what':58}{unit:>9}   95 % interval   verdict")
    for c in changes:
        print(f"{c.what:58}{c.value:>9.3f}   {c.low:>6.3f} .. {c.high:<6.3f} {c.verdict}")
    worse = sum(change.verdict == "worse" for change in changes)
    print(f"{worse} of {len(changes)} are worse")
    return 1 if worse else 0


def latency_changes(
    before: dict[str, Any], after: dict[str, Any], tolerance: float
) -> list[Change]:
    """Ratios of medians, after to before, of the cases that both have."""
    old, new = ({_case(t): t for t in result["timings"]} for result in (before, after))
    changes = []
    for case in old:
        if case not in new:
            continue
        samples = [np.array(found[case]["samples_ms"]) for found in (old, new)]
        if min(map(len, samples)) < _FEWEST:
            continue
        medians = [np.median(_resampled(taken, seed), axis=1) for seed, taken in enumerate(samples)]
        low, high = np.percentile(medians[1] / medians[0], (2.5, 97.5))
        value = float(np.median(samples[1]) / np.median(samples[0]))
        worse, better = low > 1 + tolerance, high < 1 - tolerance
        verdict = "worse" if worse else "better" if better else "same"
        words = " ".join(str(v) for _, v in case if v not in (None, "api", 1))
        changes.append(Change(words, value, float(low), float(high), verdict))
    return changes


def quality_changes(
    before: dict[str, Any], after: dict[str, Any], tolerance: float
) -> list[Change]:
    """Mean differences in dB, after less before, of the ways of hiding that both have."""
    photographs = [(found.get("covers"), found.get("secrets")) for found in (before, after)]
    if None in photographs[0] + photographs[1]:
        raise ValueError("one is of an earlier kind, without the figures of each pair")
    if photographs[0] != photographs[1]:
        raise ValueError("the two were measured on different photographs")
    old, new = ({(r["name"], r["bits"]): r for r in result["rows"]} for result in (before, after))
    changes = []
    for name, bits in old:
        if (name, bits) not in new:
            continue
        for what in ("cover_psnr", "revealed_psnr"):
            pair = [np.array(found[name, bits]["each"][what]) for found in (old, new)]
            difference = pair[1] - pair[0]
            means = _resampled(difference, 0).mean(axis=1)
            low, high = np.percentile(means, (2.5, 97.5))
            worse, better = high < -tolerance, low > tolerance
            verdict = "worse" if worse else "better" if better else "same"
            words = f"{name}{f', {bits} bit' if bits else ''}: {what.replace('_psnr', '')}"
            changes.append(
                Change(words, float(difference.mean()), float(low), float(high), verdict)
            )
    return changes


def _case(timing: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((key, value) for key, value in timing.items() if key not in _MEASURED)


def _resampled(samples: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    return samples[generator.integers(0, len(samples), (_RESAMPLES, len(samples)))]
