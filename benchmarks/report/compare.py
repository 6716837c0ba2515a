"""Compares two results of the same benchmark: what got better, what got worse, what is noise.

For latency, the ratio of medians; for quality, the mean difference over the same pairs, and that of
the share of exact secrets in percent; each with a bootstrap interval. A figure is a regression if
the entire interval is worse than the tolerance. Any regression makes the exit code 1.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.common.command import guarded
from benchmarks.common.results import Result, read_result

_RESAMPLES = 2000
_MEASURED = frozenset(
    {"samples_ms", "p50_ms", "p90_ms", "p99_ms", "megapixels_per_second", "peak_bytes"}
)
# One or two samples say nothing of the spread.
_FEWEST_SAMPLES = 3


@dataclass(frozen=True)
class Change:
    """How one figure differs between two results.

    Attributes:
        figure: What was measured.
        value: Ratio of medians, or mean difference in dB or percent.
        low: Lower end of the 95 % interval.
        high: Upper end of the 95 % interval.
        verdict: `worse`, `better` or `same`.
    """

    figure: str
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
        help="tolerance for latency, as a share (%(default)s)",
    )
    parser.add_argument(
        "--decibels",
        type=float,
        default=0.05,
        metavar="DB",
        help="tolerance for quality, in dB (%(default)s)",
    )
    options = parser.parse_args(arguments)
    return guarded(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    before, after = read_result(options.before), read_result(options.after)
    if before["benchmark"] != after["benchmark"]:
        raise ValueError(
            f"cannot compare a result of {before['benchmark']} with one of {after['benchmark']}"
        )
    if before["benchmark"] == "latency":
        changes = latency_changes(before, after, options.slower)
    elif before["benchmark"] == "quality":
        changes = quality_changes(before, after, options.decibels)
    else:
        raise ValueError(f"results of {before['benchmark']} cannot be compared")
    if not changes:
        raise ValueError("the two results have no figure in common")
    for name in ("cpu", "cores"):
        if before.get(name) != after.get(name):
            print(f"note: {name} differs: {before.get(name)} and {after.get(name)}")
    unit = "ratio" if before["benchmark"] == "latency" else "dB, %"
    print(f"{'figure':58}{unit:>9}   95 % interval   verdict")
    for c in changes:
        print(f"{c.figure:58}{c.value:>9.3f}   {c.low:>6.3f} .. {c.high:<6.3f} {c.verdict}")
    worse = sum(change.verdict == "worse" for change in changes)
    print(f"{worse} of {len(changes)} are worse")
    return 1 if worse else 0


def latency_changes(before: Result, after: Result, tolerance: float) -> list[Change]:
    """Ratios of medians, after to before, of the cases in both results."""
    old, new = ({_case(t): t for t in result["timings"]} for result in (before, after))
    changes = []
    for case in old:
        if case not in new:
            continue
        samples = [np.array(timings[case]["samples_ms"]) for timings in (old, new)]
        if min(map(len, samples)) < _FEWEST_SAMPLES:
            continue
        medians = [np.median(_resampled(taken, seed), axis=1) for seed, taken in enumerate(samples)]
        low, high = np.percentile(medians[1] / medians[0], (2.5, 97.5))
        value = float(np.median(samples[1]) / np.median(samples[0]))
        verdict = _verdict(low > 1 + tolerance, high < 1 - tolerance)
        figure = " ".join(str(v) for _, v in case if v not in (None, "api", 1))
        changes.append(Change(figure, value, float(low), float(high), verdict))
    return changes


def quality_changes(before: Result, after: Result, tolerance: float) -> list[Change]:
    """Mean differences, after minus before, of the rows in both results.

    Of PSNR in dB, over the pairs that have one in both; and of the share of secrets that come back
    exactly, in percent.
    """
    if "groups" not in before or "groups" not in after:
        raise ValueError("one result is in an older format, without groups of pairs")
    changes = []
    groups = {group["name"]: group for group in after["groups"]}
    for old in before["groups"]:
        new = groups.get(old["name"])
        if new is None:
            continue
        if old["pairs"] != new["pairs"]:
            raise ValueError("the two results were measured on different photographs")
        rows = {_row(row): row for row in new["rows"]}
        for row in old["rows"]:
            if other := rows.get(_row(row)):
                changes += _row_changes(old["name"], row, other, tolerance)
    return changes


def _row(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["name"], row["variant"], row["bits"]


def _row_changes(
    group: str, before: dict[str, Any], after: dict[str, Any], tolerance: float
) -> list[Change]:
    name, variant, bits = _row(before)
    label = ", ".join(
        [group, name, *([variant] if variant else []), *([f"{bits} bit"] * bool(bits))]
    )
    changes = []
    for key in ("cover_psnr", "revealed_psnr", "exact"):
        both = [
            (old, new)
            for old, new in zip(before["each"][key], after["each"][key], strict=True)
            if old is not None and new is not None
        ]
        if not both or (key == "exact" and not np.any(both)):
            continue
        old, new = np.array(both, np.float64).T
        difference = (new - old) * (100 if key == "exact" else 1)
        means = _resampled(difference, 0).mean(axis=1)
        low, high = np.percentile(means, (2.5, 97.5))
        verdict = _verdict(high < -tolerance, low > tolerance)
        figure = f"{label}: {key.removesuffix('_psnr')}"
        changes.append(Change(figure, float(difference.mean()), float(low), float(high), verdict))
    return changes


def _verdict(worse: bool, better: bool) -> str:
    return "worse" if worse else "better" if better else "same"


def _case(timing: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((key, value) for key, value in timing.items() if key not in _MEASURED)


def _resampled(samples: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    return samples[generator.integers(0, len(samples), (_RESAMPLES, len(samples)))]
