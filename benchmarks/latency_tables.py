"""The tables of the latency results, those of all files whose name starts with `latency-`."""

from __future__ import annotations

from typing import Any

_Timing = dict[str, Any]
_Results = dict[str, dict[str, Any]]


def single(results: _Results) -> str:
    """Medians of one picture at a time by size, and how many times `clear`'s `classic` takes."""
    sizes, rows, found = _by_size(results)
    heads = [f"{width}x{height}" for width, height in sizes]
    lines = [f"| one picture, median ms | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for row in rows:
        cells = [_ms(found.get((*row, *size))) for size in sizes]
        lines.append(f"| {', '.join(row)} | {' | '.join(cells)} |")
    ratios = []
    for size in sizes:
        sums = {
            model: sum(found[model, part, *size]["p50_ms"] for part in ("hide", "reveal"))
            for model in ("clear", "classic")
            if (model, "hide", *size) in found and (model, "reveal", *size) in found
        }
        ratios.append(f"{sums['classic'] / sums['clear']:.1f}" if len(sums) == 2 else "-")
    lines.append(f"| classic : clear, hide and reveal | {' | '.join(ratios)} |")
    return "\n".join(lines)


def memory(results: _Results) -> str:
    """Peak memory of a process that hides or reveals one picture, by size."""
    sizes, rows, found = _by_size(results)
    heads = [f"{width}x{height}" for width, height in sizes]
    lines = [
        f"| peak memory of a process, MB | {' | '.join(heads)} |",
        "|---" * (len(heads) + 1) + "|",
    ]
    for row in rows:
        cells = [
            f"{found[*row, *size]['peak_bytes'] / 1e6:,.0f}" if (*row, *size) in found else "-"
            for size in sizes
        ]
        lines.append(f"| {', '.join(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _by_size(
    results: _Results,
) -> tuple[list[tuple[int, int]], list[tuple[str, str]], dict[tuple[Any, ...], _Timing]]:
    timings = [t for t in _of(results, "single") if t["threads"] is None]
    sizes = {(t["width"], t["height"]) for t in timings}
    rows = dict.fromkeys((t["model"], t["part"]) for t in timings)
    found = {(t["model"], t["part"], t["width"], t["height"]): t for t in timings}
    return sorted(sizes, key=lambda size: size[0] * size[1]), list(rows), found


def cold(results: _Results) -> str:
    """What a fresh process spends its time on."""
    return _stages(
        _of(results, "cold"),
        {
            "import": "import",
            "session": "session",
            "first picture": "first picture",
            "all": "together",
            "second picture": "second picture",
        },
        "a fresh process, median ms",
    )


def folder(results: _Results) -> str:
    """How long each stage of a real file takes."""
    stages = ("decode", "resize", "network", "encode", "all", "folder call, a file")
    return _stages(_of(results, "folder"), {s: s for s in stages}, "real files, median ms")


def passphrase(results: _Results) -> str:
    """What a passphrase costs, its derivation apart."""
    timings = [t for t in _of(results, "passphrase") if t["threads"] is None]
    found = {(t["model"], t["part"], t["width"], t["height"], t["stage"]): t for t in timings}
    lines = [
        "| one picture, median ms (MP/s) | without a passphrase | with one | with : without |",
        "|---|---|---|---|",
    ]
    for model, part, width, height, stage in found:
        if stage == "passphrase":
            case = model, part, width, height
            pair = [found[*case, kind] for kind in ("no passphrase", "passphrase")]
            cells = [f"{_ms(t)} ({t['megapixels_per_second']:.2f})" for t in pair]
            cells.append(f"{pair[1]['p50_ms'] / pair[0]['p50_ms']:.2f}")
            lines.append(f"| {model}, {part}, {width}x{height} | {' | '.join(cells)} |")
    once = [t for t in timings if t["stage"] == "key derivation"]
    lines += [f"| key derivation, once for many pictures | - | {_ms(t)} | - |" for t in once]
    return "\n".join(lines)


def _stages(timings: list[_Timing], stages: dict[str, str], head: str) -> str:
    found = {(t["model"], t["part"], t["stage"]): t for t in timings}
    size = f"{timings[0]['width']}x{timings[0]['height']}" if timings else ""
    lines = [
        f"| {head}, {size} | {' | '.join(stages.values())} |",
        "|---" * (len(stages) + 1) + "|",
    ]
    for row in dict.fromkeys((t["model"], t["part"]) for t in timings):
        cells = [_ms(found.get((*row, stage))) for stage in stages]
        lines.append(f"| {', '.join(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def batch(results: _Results) -> str:
    """Milliseconds a picture, by how many are worked on together."""
    timings = _of(results, "batch")
    batches = sorted({t["batch"] for t in timings})
    size = f"{timings[0]['width']}x{timings[0]['height']}" if timings else ""
    lines = [
        f"| batches, {size}, median ms a picture | {' | '.join(map(str, batches))} |",
        "|---" * (len(batches) + 1) + "|",
    ]
    rows: dict[tuple[str, ...], dict[int, _Timing]] = {}
    for t in timings:
        search = () if t["search"] is None else (t["search"].lower(),)
        row = t["model"], t["part"], t["device"], t["feed"], *search
        rows.setdefault(row, {})[t["batch"]] = t
    for row, found in rows.items():
        cells = [f"{found[n]['p50_ms'] / n:,.1f}" if n in found else "-" for n in batches]
        lines.append(f"| {', '.join(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def concurrent(results: _Results) -> str:
    """What sharing a session among threads gives."""
    timings = _of(results, "concurrent")
    workers = sorted({t["workers"] for t in timings})
    size = f"{timings[0]['width']}x{timings[0]['height']}" if timings else ""
    lines = [
        f"| threads sharing a session, {size}: MP/s (median ms) "
        f"| {' | '.join(map(str, workers))} |",
        "|---" * (len(workers) + 1) + "|",
    ]
    found = {(t["model"], t["part"], t["workers"]): t for t in timings}
    for row in dict.fromkeys((t["model"], t["part"]) for t in timings):
        cells = []
        for count in workers:
            t = found[*row, count]
            cells.append(f"{t['megapixels_per_second']:.2f} ({_ms(t)})")
        lines.append(f"| {', '.join(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _of(results: _Results, scenario: str) -> list[_Timing]:
    files = {name: found for name, found in results.items() if name.startswith("latency-")}
    timings = [t for found in files.values() for t in found["timings"] if t["scenario"] == scenario]
    if not timings:
        raise KeyError(f"latency, {scenario}")
    return timings


def _ms(timing: _Timing | None) -> str:
    if timing is None:
        return "-"
    value = float(timing["p50_ms"])
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
