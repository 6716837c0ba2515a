"""Timing: warms up until times are stable, alternates between variants, keeps all samples."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

_MOST_WARM_UPS = 12
_STABLE = 0.05
_FEWEST_RUNS = 3
_FEWEST_FOR_P99 = 1000


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        runs: Minimum number of runs of each variant.
        seconds: Minimum time of each variant.
        most_seconds: Time in seconds after which three runs are enough.
    """

    runs: int = 50
    seconds: float = 3.0
    most_seconds: float = 20.0


QUICK = Effort(runs=3, seconds=0.05, most_seconds=1.0)


@dataclass(frozen=True)
class Case:
    """What is timed. Two results are compared case by case.

    Attributes:
        scenario: `cold`, `single`, `passphrase`, `batch`, `folder` or `concurrent`.
        model: Name of the model.
        operation: `hide` or `reveal`; `keys` for what needs no picture.
        width: Width of the pictures in pixels; 0 if there are none.
        height: Height of the pictures in pixels; 0 if there are none.
        device: The device that was used.
        threads: Threads within an operator; None for one per core.
        batch: Pictures in one run.
        feed: `api` for the Python interface; otherwise how the graph got its inputs: `numpy`,
            `iobinding` or `cudagraph`.
        search: How cuDNN chooses convolutions; None where that does not apply.
        workers: Threads that shared the session.
        stage: The stage of the work that was timed; None for all of it. In the scenario
            `passphrase`, whether there was one.
    """

    scenario: str
    model: str
    operation: str
    width: int
    height: int
    device: str
    threads: int | None = None
    batch: int = 1
    feed: str = "api"
    search: str | None = None
    workers: int = 1
    stage: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The keys and values of the result file."""
        return {"part" if k == "operation" else k: v for k, v in asdict(self).items()}


@dataclass(frozen=True)
class Timing:
    """Times of one case.

    Attributes:
        case: What was timed.
        p50_ms: Median in milliseconds.
        p90_ms: 90th percentile in milliseconds.
        p99_ms: 99th percentile in milliseconds; None with fewer than 1,000 samples.
        megapixels_per_second: Throughput in covers at the median, all workers together.
        peak_bytes: Peak memory of a process that does nothing else; None if not measured.
        samples_ms: The time of every run in milliseconds, in order.
    """

    case: Case
    p50_ms: float
    p90_ms: float
    p99_ms: float | None
    megapixels_per_second: float
    peak_bytes: int | None
    samples_ms: tuple[float, ...]

    def with_peak(self, peak_bytes: int) -> Timing:
        """The same timing with the peak memory."""
        return replace(self, peak_bytes=peak_bytes)

    def as_json(self) -> dict[str, Any]:
        """The keys and values of the result file."""
        values = asdict(self)
        del values["case"]
        return {**self.case.as_json(), **values}


def timing(case: Case, samples_ms: list[float], peak_bytes: int | None = None) -> Timing:
    """Summarizes the samples of a case."""
    p50, p90, p99 = (float(p) for p in np.percentile(samples_ms, (50, 90, 99)))
    pixels = case.width * case.height * case.batch * case.workers
    return Timing(
        case,
        round(p50, 3),
        round(p90, 3),
        round(p99, 3) if len(samples_ms) >= _FEWEST_FOR_P99 else None,
        round(pixels / 1e3 / p50, 3),
        peak_bytes,
        tuple(round(sample, 3) for sample in samples_ms),
    )


def time_in_turn(calls: dict[Case, Callable[[], Any]], effort: Effort) -> list[Timing]:
    """Alternates between all calls, so that drift of the machine's speed affects all equally."""
    for call in calls.values():
        _warm_up(call, effort)
    samples: dict[Case, list[float]] = {case: [] for case in calls}
    # A call with enough samples is left out, so that fast calls do not wait for slow ones.
    while waiting := [case for case, taken in samples.items() if not _enough(taken, effort)]:
        for case in waiting:
            samples[case].append(milliseconds(calls[case]))
    return [timing(case, taken) for case, taken in samples.items()]


def milliseconds(call: Callable[[], Any]) -> float:
    """The time of one call in milliseconds."""
    start = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start) / 1e6


def _warm_up(call: Callable[[], Any], effort: Effort) -> None:
    """Calls until the medians of the last three runs and the three before agree within 5 %."""
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
