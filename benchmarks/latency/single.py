"""One picture at a time, through the Python interface, after loading and warm-up."""

from __future__ import annotations

from benchmarks.common.photographs import cover_and_secret
from benchmarks.latency.calls import Calls, hide_and_reveal, opened
from benchmarks.latency.cold import peak_bytes
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
    calls: Calls = {}
    folders = {}
    for model in models:
        hider, revealer = opened(model, device, threads)
        folders[hider.model] = model
        for operation, call in hide_and_reveal(hider, revealer, *cover_and_secret(*size)).items():
            case = Case("single", hider.model, operation, *size, hider.device, threads)
            calls[case] = call
    return [
        timing.with_peak(peak_bytes(folders[timing.case.model], timing.case))
        for timing in time_in_turn(calls, effort)
    ]
