"""Threads that share a session: how much more is done together, and what each picture waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import runtime
from benchmarks.latency.pictures import cover_and_secret
from benchmarks.latency.timing import Case, Effort, Timing, milliseconds, timing


def measure(
    models: list[str],
    device: str,
    size: tuple[int, int],
    threads: int | None,
    workers: list[int],
    effort: Effort,
) -> list[Timing]:
    """Times pictures while so many threads ask for them at once."""
    cover, secret = cover_and_secret(*size)
    timings = []
    for model in models:
        hider = runtime.Hider(model, device=device, threads=threads)
        revealer = runtime.Revealer(model, device=device, threads=threads)
        container = hider.hide(cover, secret)
        calls: dict[str, Callable[[], Any]] = {
            "hide": lambda h=hider: h.hide(cover, secret),
            "reveal": lambda r=revealer, c=container: r.reveal(c),
        }
        for part, call in calls.items():
            call()
            for count in workers:
                samples = _together(call, count, effort.seconds)
                case = Case(
                    *("concurrent", hider.model, part, *size, hider.device, threads),
                    workers=count,
                )
                timings.append(timing(case, samples))
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
