"""Timing: warm-up until stable, variants in turn, raw samples kept."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

_MOST_WARM_UPS = 12
_STABLE = 0.05
_FEWEST_RUNS = 3
_FOR_P99 = 1000


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        runs: Least number of runs of each variant, and
        seconds: least time of each, in seconds; unless
        most_seconds: have gone by, in seconds, after which three runs are enough.
    """

    runs: int = 50
    seconds: float = 3.0
    most_seconds: float = 20.0


QUICK = Effort(runs=3, seconds=0.05, most_seconds=1.0)


@dataclass(frozen=True)
class Case:
    """What is timed. Two results are compared by this.

    Attributes:
        scenario: `cold`, `single`, `passphrase`, `batch`, `folder` or `concurrent`.
        model: Name of the model.
        part: `hide` or `reveal`; `keys` for what needs no picture.
        width: Of the pictures, in pixels; 0 where there are none.
        height: Likewise.
        device: The device that it really ran on.
        threads: Threads within an operator; None for one a core.
        batch: Pictures in one run.
        feed: `api` for the Python interface; else how the graph got its inputs: `numpy`,
            `iobinding` or `cudagraph`.
        search: How cuDNN was told to choose convolutions; None where that does not apply.
        workers: Threads that shared the session.
        stage: The part of the work that was timed; None for all of it. Of `passphrase`, whether
            there was one.
    """

    scenario: str
    model: str
    part: str
    width: int
    height: int
    device: str
    threads: int | None = None
    batch: int = 1
    feed: str = "api"
    search: str | None = None
    workers: int = 1
    stage: str | None = None


@dataclass(frozen=True)
class Timing:
    """Times of one case.

    Attributes:
        case: What was timed.
        p50_ms: Median, in milliseconds.
        p90_ms: 90th percentile, in milliseconds.
        p99_ms: 99th, in milliseconds; None with fewer than 1,000 samples, which do not show it.
        megapixels_per_second: Of covers, at the median, all workers together.
        peak_bytes: Most memory that a process doing just this held at once; None if not measured.
        samples_ms: Every run, in the order of running.
    """

    case: Case
    p50_ms: float
    p90_ms: float
    p99_ms: float | None
    megapixels_per_second: float
    peak_bytes: int | None
    samples_ms: tuple[float, ...]

    def with_peak(self, peak_bytes: int) -> Timing:
        """The same with its peak of memory."""
        return replace(self, peak_bytes=peak_bytes)


def timing(case: Case, samples_ms: list[float], peak_bytes: int | None = None) -> Timing:
    """Sums up the samples of a case."""
    p50, p90, p99 = (float(p) for p in np.percentile(samples_ms, (50, 90, 99)))
    pixels = case.width * case.height * case.batch * case.workers
    return Timing(
        case,
        round(p50, 3),
        round(p90, 3),
        round(p99, 3) if len(samples_ms) >= _FOR_P99 else None,
        round(pixels / 1e3 / p50, 3),
        peak_bytes,
        tuple(round(sample, 3) for sample in samples_ms),
    )


def time_in_turn(calls: dict[Case, Callable[[], Any]], effort: Effort) -> list[Timing]:
    """Times all calls in turn, so that a drift of the machine's speed meets them alike."""
    for call in calls.values():
        _warm_up(call, effort)
    samples: dict[Case, list[float]] = {case: [] for case in calls}
    # A call that has enough is left out, so that fast ones do not wait for slow ones.
    while waiting := [case for case, taken in samples.items() if not _enough(taken, effort)]:
        for case in waiting:
            samples[case].append(milliseconds(calls[case]))
    return [timing(case, taken) for case, taken in samples.items()]


def milliseconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def _warm_up(call: Callable[[], Any], effort: Effort) -> None:
    """Calls until three runs take what the three before took, within 5 %."""
    taken: list[float] = []
    while len(taken) < _MOST_WARM_UPS:
        taken.append(milliseconds(call))
        if len(taken) > 1 and sum(taken) / 1e3 > effort.most_seconds / 10:
            return
        if len(taken) >= 6:
            before, after = statistics.median(taken[-6:-3]), statistics.median(taken[-3:])
            if abs(after - before) < _STABLE * before:
                return


def _enough(taken: list[float], effort: Effort) -> bool:
    spent = sum(taken) / 1e3
    if len(taken) >= _FEWEST_RUNS and spent >= effort.most_seconds:
        return True
    return len(taken) >= effort.runs and spent >= effort.seconds
