"""What the results say, in sentences: strengths, limitations, and what was measured on what."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.common.markdown import table
from benchmarks.common.results import Result, Results
from benchmarks.survival.table import grid, summary
from runtime.crypto.keys import COST

_MODEL, _PAPER = "clear", "classic"
"""The model that the statements are about, and the published networks it is compared with."""

_PAYLOADS = (1, 2, 3)
_PAYLOAD = 2
"""In bits per sample: all that `_MODEL` has, and its default."""

_JPEG = "JPEG 90, 4:2:0"
"""The distortion that stands for sharing a picture."""

_DETECTABLE = 0.75
"""From this accuracy on, a model is called detectable; 0.5 is guessing."""

_Rows = dict[tuple[str, int | None], dict[str, Any]]


def strengths(results: Results) -> str:
    """Where our models are better than others."""
    rows = _quality_rows(results)
    lines = []
    for bits in _PAYLOADS:
        ours = rows[_MODEL, bits]
        best = max(_baselines(rows, bits).values(), key=lambda row: float(row["revealed_psnr"]))
        gain = np.array(ours["each"]["revealed_psnr"]) - np.array(best["each"]["revealed_psnr"])
        lines.append(
            f"- At {_bits(bits)} per sample, `{_MODEL}` against {best['name']}, the best baseline: "
            f"revealed {gain.mean():+.2f} dB (better on {int((gain > 0).sum())} of {len(gain)} "
            f"pairs), container {ours['cover_psnr'] - best['cover_psnr']:+.2f} dB."
        )
    ours, paper = rows[_MODEL, _PAYLOAD], rows[_PAPER, None]
    lines.append(
        f"- `{_MODEL}` at {_bits(_PAYLOAD)} per sample against `{_PAPER}`: "
        f"revealed {ours['revealed_psnr'] - paper['revealed_psnr']:+.2f} dB, "
        f"container {ours['cover_psnr'] - paper['cover_psnr']:+.2f} dB."
    )
    return "\n".join(lines)


def limitations(results: Results) -> str:
    """Where they are worse, and what they cannot do."""
    return "\n".join(
        [
            *_detected(results["detectability"]),
            *_lost(results["survival"]),
            *_worst(results),
            *_lossless(results["quality"]),
        ]
    )


def _detected(result: Result) -> list[str]:
    rows = {row["name"]: row for row in result["rows"]}
    lines = []
    ours = [row for row in rows.values() if row["detector"] and "LSB" not in row["name"]]
    if ours:
        sizes = _first_and_last([str(detector["pairs"]) for detector in ours[0]["detector"]])
        accuracies = [
            f"`{row['name']}` {_first_and_last([_percent(d) for d in row['detector']])}"
            for row in ours
        ]
        least = min(row["detector"][-1]["accuracy"] for row in ours)
        head = "**Every model is detectable.** " if least > _DETECTABLE else ""
        lines.append(
            f"- {head}Accuracy of a small detector, trained on {sizes} pairs, in telling covers "
            f"from containers of other photographs: {', '.join(accuracies)} (50 % is guessing)."
        )
    matching = []
    for bits in _PAYLOADS:
        model, plain = rows.get(f"{_MODEL}, {bits} bit"), rows.get(f"LSB matching, {bits} bit")
        if model and plain and model["detector"] and plain["detector"]:
            gap = model["detector"][-1]["accuracy"] - plain["detector"][-1]["accuracy"]
            matching.append(f"{_percent(plain['detector'][-1])} (`{_MODEL}`: {_points(gap)})")
    if matching:
        lines.append(
            f"- Accuracy of the same detector on plain LSB matching with {_enumerated(_PAYLOADS)} "
            f"bits per sample: {', '.join(matching)}."
        )
    lines += _found(rows, result)
    if shown := rows.get(f"{_MODEL}, {_PAYLOAD} bit"):
        tests = [f"{name} {test['auc']:.2f}" for name, test in shown["tests"].items()]
        lines.append(
            f"- AUC of classical tests, which were designed for LSB replacement, on `{_MODEL}` at "
            f"{_bits(_PAYLOAD)} per sample: {', '.join(tests)} (0.5 is chance). The trained "
            "detector finds containers that these tests miss."
        )
    return lines


def _found(rows: dict[str, Any], result: Result) -> list[str]:
    """What the residue test finds of `_MODEL`, whose carrier it was designed for."""
    whole = [row for row in result["full_size"] if row["name"].startswith(f"{_MODEL},")]
    if not whole:
        return []
    own = [rows[row["name"]]["residues"][str(row["bits"])]["auc"] for row in whole]
    payloads = _enumerated(row["bits"] for row in whole)
    found = _enumerated(row["found"] for row in whole)
    false = _enumerated(row["false_alarms"] for row in whole)
    side = result["side"]
    return [
        f"- **Anyone with this program finds containers of `{_MODEL}` almost surely, passphrase or "
        f"not.** AUC of a test of neighbouring pixels that needs no training, at {payloads} bits "
        f"per sample: {_enumerated(f'{auc:.3f}' for auc in own)} on crops of {side}x{side} pixels. "
        f"Of {whole[0]['pictures']} whole photographs it finds {found} containers, with {false} "
        "false alarms among as many covers."
    ]


def guess(results: Results) -> str:
    """What guessing a passphrase costs, and on which machine that was measured."""
    result = results["latency-passphrase"]
    (timing,) = (t for t in result["timings"] if t["stage"] == "key derivation")
    milliseconds = timing["p50_ms"]
    return (
        f"One derivation of a key (Argon2id, {COST.passes} passes over {COST.kibibytes // 1024} "
        f"MiB, {COST.lanes} lanes) took {milliseconds:.0f} ms, as a median, on {result['cores']} "
        f"cores of this machine: {result['cpu']}. That is {1000 / milliseconds:.0f} guesses per "
        "second."
    )


def _lost(result: Result) -> list[str]:
    distortions, configurations, outcomes = grid(result)
    survived: dict[str, list[str]] = {}
    for configuration in configurations:
        # Of a model with several configurations, what all of them survive.
        model = configuration.partition(",")[0]
        survived[model] = [
            distortion
            for distortion in survived.get(model, distortions)
            if summary(outcomes[distortion, configuration])[0] != "lost"
        ]
    exact, always = [], []
    for model, kept in survived.items():
        if len(kept) < len(distortions):
            jpeg = "" if any("JPEG" in d for d in kept) else ", JPEG of any quality included"
            exact.append(
                f"- **`{model}` is exact or lost**: of {len(distortions)} distortions of a "
                f"container, the secret survives {len(kept)} ({', '.join(kept) or 'none'}). After "
                f"all others{jpeg}, reveal reports that it is lost."
            )
        else:
            jpeg, _ = summary(outcomes[_JPEG, model])
            always.append(
                f"- After JPEG at quality 90 (4:2:0), `{model}` reveals {jpeg} dB; the mean colour "
                f"of the secret alone has {result['mean_colour_psnr']:.1f} dB."
            )
    return [*exact, *always]


def _worst(results: Results) -> list[str]:
    rows = _quality_rows(results)
    ours = {bits: rows[_MODEL, bits] for bits in _PAYLOADS}
    worst = [
        f"{row['revealed_psnr_worst']:.1f} dB (mean {row['revealed_psnr']:.1f} dB)"
        for row in ours.values()
    ]
    lines = [
        f"- The worst secret is far below the mean: at {_enumerated(_PAYLOADS)} bits per sample, "
        f"`{_MODEL}` reveals it with {', '.join(worst)}. At {_bits(_PAYLOAD)} the worst is "
        f"`{ours[_PAYLOAD]['worst_secret'].rpartition('.')[0]}`."
    ]
    better = [
        f"{name} ({row['revealed_psnr_worst']:.1f} dB, ours {own['revealed_psnr_worst']:.1f} dB)"
        for bits, own in ours.items()
        for name, row in _baselines(rows, bits).items()
        if row["revealed_psnr_worst"] > own["revealed_psnr_worst"]
    ]
    if better:
        lines.append(f"- Baselines with a better worst secret: {', '.join(better)}.")
    return lines


def _lossless(result: Result) -> list[str]:
    counts = [result["lossless_webp_fits"][str(bits)] for bits in _PAYLOADS]
    return [
        f"- As lossless WebP files, {_enumerated(counts)} of {result['pairs']} secrets would fit "
        f"into {_enumerated(_PAYLOADS)} bits per sample exactly. `{_MODEL}` does not use that."
    ]


def measured_on(results: Results) -> str:
    """Where, when and on which photographs each result was measured."""
    head = ("result", "date", "commit", "machine", "photographs")
    return table(head, (_origin(name, result) for name, result in results.items()))


def _origin(name: str, result: Result) -> list[str]:
    photographs = result.get("photographs", "scikit-image")
    count = result.get("pairs") or result.get("test_pairs")
    return [
        name,
        result["date"][:10],
        str(result["commit"])[:10],
        f"{result['cpu']}, {result['cores']} cores",
        f"{photographs}, {count} pairs" if count else photographs,
    ]


def _quality_rows(results: Results) -> _Rows:
    return {(row["name"], row["bits"]): row for row in results["quality"]["rows"]}


def _baselines(rows: _Rows, bits: int) -> dict[str, dict[str, Any]]:
    """The baselines with this payload, by name."""
    return {name: row for (name, b), row in rows.items() if b == bits and not row["ours"]}


def _bits(count: int) -> str:
    return "1 bit" if count == 1 else f"{count} bits"


def _enumerated(values: Any) -> str:
    """Such as `1, 2 and 3`."""
    *first, last = map(str, values)
    return f"{', '.join(first)} and {last}"


def _first_and_last(values: list[str]) -> str:
    return " / ".join(dict.fromkeys((values[0], values[-1])))


def _percent(detector: dict[str, Any]) -> str:
    return f"{100 * detector['accuracy']:.0f} %"


def _points(gap: float) -> str:
    points = round(100 * gap)
    if points == 0:
        return "the same"
    unit = "point" if abs(points) == 1 else "points"
    return f"{abs(points)} {unit} {'more' if points > 0 else 'less'}"
