"""One picture at a time, through the Python interface, once everything is loaded and warm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import runtime
from benchmarks.latency.cold import peak_bytes
from benchmarks.latency.pictures import cover_and_secret
from benchmarks.latency.timing import Case, Effort, Timing, time_in_turn


def measure(
    models: list[str], device: str, size: tuple[int, int], threads: int | None, effort: Effort
) -> list[Timing]:
    """Times hide and reveal of all models in turn.

    Args:
        models: Names or folders.
        device: See `runtime.Hider`.
        size: Width and height in pixels.
        threads: See `runtime.Hider`.
        effort: How much is measured.
    """
    cover, secret = cover_and_secret(*size)
    calls: dict[Case, Callable[[], Any]] = {}
    folders = {}
    for model in models:
        hider = runtime.Hider(model, device=device, threads=threads)
        revealer = runtime.Revealer(model, device=device, threads=threads)
        container = hider.hide(cover, secret)
        folders[hider.model] = model

        def case(part: str, of: runtime.Hider | runtime.Revealer) -> Case:
            return Case("single", of.model, part, *size, of.device, threads)

        calls[case("hide", hider)] = lambda h=hider: h.hide(cover, secret)
        calls[case("reveal", revealer)] = lambda r=revealer, c=container: r.reveal(c)
    return [
        found.with_peak(peak_bytes(folders[found.case.model], found.case))
        for found in time_in_turn(calls, effort)
    ]
