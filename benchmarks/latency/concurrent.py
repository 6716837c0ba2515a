"""Threads that share a session: throughput, and how long each picture takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.common.photographs import cover_and_secret
from benchmarks.latency.calls import hide_and_reveal, opened
from benchmarks.latency.timing import Case, Effort, Timing, milliseconds, timing


def measure(
    models: list[str],
    device: str,
    size: tuple[int, int],
    threads: int | None,
    workers: list[int],
    effort: Effort,
) -> list[Timing]:
    """Times pictures while several threads hide or reveal at once.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        size: Width and height in pixels.
        threads: See `runtime.Hider`.
        workers: Numbers of threads that share a session.
        effort: How much is measured.
    """
    timings = []
    for model in models:
        hider, revealer = opened(model, device, threads)
        for operation, call in hide_and_reveal(hider, revealer, *cover_and_secret(*size)).items():
            call()
            case = Case("concurrent", hider.model, operation, *size, hider.device, threads)
            for count in workers:
                samples = _together(call, count, effort.seconds)
                timings.append(timing(replace(case, workers=count), samples))
    return timings


def _together(call: Callable[[], Any], count: int, seconds: float) -> list[float]:
    samples: list[list[float]] = [[] for _ in range(count)]
    errors: list[BaseException] = []
    barrier = threading.Barrier(count)

    def work(taken: list[float]) -> None:
        try:
            barrier.wait()
            end = time.perf_counter() + seconds
            while not taken or time.perf_counter() < end:
                taken.append(milliseconds(call))
        except BaseException as error:
            errors.append(error)

    running = [threading.Thread(target=work, args=(taken,)) for taken in samples]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if errors:
        raise errors[0]
    return [sample for taken in samples for sample in taken]
