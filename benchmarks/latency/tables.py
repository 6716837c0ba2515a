"""The tables of the latency results, from all files whose names start with `latency-`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.common.markdown import table
from benchmarks.common.results import Results

_Timing = dict[str, Any]

_FAST, _SLOW = "clear", "classic"
"""The models whose times are compared."""


def single(results: Results) -> str:
    """Median times of one picture at a time by size, and the ratio between two models."""
    timings = _single(results)
    ratios = [_ratio(timings, size) for size in _sizes(timings)]
    rows = [*_by_size(timings, _ms), [f"{_SLOW} : {_FAST}, hide and reveal", *ratios]]
    return table(["one picture, median ms", *map(_size, _sizes(timings))], rows)


def memory(results: Results) -> str:
    """Peak memory of a process that hides or reveals one picture, by size."""
    timings = _single(results)
    rows = _by_size(timings, lambda timing: f"{timing['peak_bytes'] / 1e6:,.0f}")
    return table(["peak memory of a process, MB", *map(_size, _sizes(timings))], rows)


def cold(results: Results) -> str:
    """What a new process spends its time on."""
    stages = {
        "import": "import",
        "session": "session",
        "first picture": "first picture",
        "all": "total",
        "second picture": "second picture",
    }
    return _by_stage(_of(results, "cold"), stages, "new process, median ms")


def folder(results: Results) -> str:
    """How long each stage of a file takes."""
    stages = {stage: stage for stage in ("decode", "network", "encode")}
    stages |= {"all": "total", "folder call, a file": "folder call, per file"}
    return _by_stage(_of(results, "folder"), stages, "files, median ms")


def passphrase(results: Results) -> str:
    """What a passphrase costs, and its key derivation."""
    timings = [t for t in _of(results, "passphrase") if t["threads"] is None]
    stages: dict[tuple[str, str], dict[str, _Timing]] = {}
    for timing in timings:
        case = f"{timing['model']}, {timing['part']}", _size(_size_of(timing))
        stages.setdefault(case, {})[timing["stage"]] = timing
    rows = []
    for case, by_stage in stages.items():
        if "passphrase" in by_stage:
            without, with_ = by_stage["no passphrase"], by_stage["passphrase"]
            ratio = f"{with_['p50_ms'] / without['p50_ms']:.2f}"
            rows.append([", ".join(case), _ms_and_rate(without), _ms_and_rate(with_), ratio])
    for by_stage in stages.values():
        if derivation := by_stage.get("key derivation"):
            rows.append(["key derivation, once for many pictures", "-", _ms(derivation), "-"])
    head = ("one picture, median ms (MP/s)", "without a passphrase", "with one", "with : without")
    return table(head, rows)


def batch(results: Results) -> str:
    """Milliseconds per picture, by the size of the batch."""
    timings = _of(results, "batch")
    batches = sorted({t["batch"] for t in timings})
    by_row: dict[tuple[str, ...], dict[int, _Timing]] = {}
    for t in timings:
        search = () if t["search"] is None else (t["search"].lower(),)
        row = t["model"], t["part"], t["device"], t["feed"], *search
        by_row.setdefault(row, {})[t["batch"]] = t
    rows = [
        [", ".join(row), *(_ms_per_picture(by_batch.get(n)) for n in batches)]
        for row, by_batch in by_row.items()
    ]
    return table([f"batch, {_one_size(timings)}, median ms per picture", *map(str, batches)], rows)


def concurrent(results: Results) -> str:
    """Throughput and time of one picture, by the number of threads that share a session."""
    timings = _of(results, "concurrent")
    workers = sorted({t["workers"] for t in timings})
    by_case = {(_row(t), t["workers"]): t for t in timings}
    rows = [
        [row, *(_rate_and_ms(by_case[row, count]) for count in workers)] for row in _rows(timings)
    ]
    head = f"threads sharing a session, {_one_size(timings)}: MP/s (median ms)"
    return table([head, *map(str, workers)], rows)


def _of(results: Results, scenario: str) -> list[_Timing]:
    """All timings of a scenario.

    Raises:
        KeyError: There are none.
    """
    files = [result for name, result in results.items() if name.startswith("latency-")]
    timings = [t for result in files for t in result["timings"] if t["scenario"] == scenario]
    if not timings:
        raise KeyError(f"latency, {scenario}")
    return timings


def _single(results: Results) -> list[_Timing]:
    return [t for t in _of(results, "single") if t["threads"] is None]


def _by_size(timings: list[_Timing], cell: Callable[[_Timing], str]) -> list[list[str]]:
    """A row for each model and operation, a column for each size."""
    by_case = {(_row(t), _size_of(t)): t for t in timings}
    return [
        [row, *(cell(by_case[row, s]) if (row, s) in by_case else "-" for s in _sizes(timings))]
        for row in _rows(timings)
    ]


def _by_stage(timings: list[_Timing], stages: Mapping[str, str], head: str) -> str:
    """A row for each model and operation, a column for each stage."""
    by_case = {(_row(t), t["stage"]): t for t in timings}
    rows = [
        [row, *(_ms(by_case[row, s]) if (row, s) in by_case else "-" for s in stages)]
        for row in _rows(timings)
    ]
    return table([f"{head}, {_one_size(timings)}", *stages.values()], rows)


def _ratio(timings: list[_Timing], size: tuple[int, int]) -> str:
    """How many times as long the slow model takes, hide and reveal together."""
    times = {(t["model"], t["part"]): t["p50_ms"] for t in timings if _size_of(t) == size}
    try:
        slow, fast = (sum(times[m, part] for part in ("hide", "reveal")) for m in (_SLOW, _FAST))
    except KeyError:
        return "-"
    return f"{slow / fast:.1f}"


def _rows(timings: Sequence[_Timing]) -> list[str]:
    return list(dict.fromkeys(map(_row, timings)))


def _row(timing: _Timing) -> str:
    return f"{timing['model']}, {timing['part']}"


def _sizes(timings: list[_Timing]) -> list[tuple[int, int]]:
    """All sizes, by their number of pixels."""
    return sorted({_size_of(t) for t in timings}, key=lambda size: size[0] * size[1])


def _size_of(timing: _Timing) -> tuple[int, int]:
    return timing["width"], timing["height"]


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _one_size(timings: list[_Timing]) -> str:
    return _size(_size_of(timings[0]))


def _ms(timing: _Timing) -> str:
    value = float(timing["p50_ms"])
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _ms_per_picture(timing: _Timing | None) -> str:
    return "-" if timing is None else f"{timing['p50_ms'] / timing['batch']:,.1f}"


def _ms_and_rate(timing: _Timing) -> str:
    return f"{_ms(timing)} ({timing['megapixels_per_second']:.2f})"


def _rate_and_ms(timing: _Timing) -> str:
    return f"{timing['megapixels_per_second']:.2f} ({_ms(timing)})"
